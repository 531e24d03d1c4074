/* What the test of kmdfproto and the driver share. */
#ifndef KMDFPROTO_H
#define KMDFPROTO_H

#define KMDFPROTO_LINK "\\??\\KmdfProto"

/* A ULONG: how many adapters are bound. */
#define IOCTL_KMDFPROTO_COUNT CTL_CODE(FILE_DEVICE_NETWORK, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)
/* Input: a ULONG, which adapter. Output: its current address, six bytes, as OID_802_3_CURRENT_ADDRESS answers. */
#define IOCTL_KMDFPROTO_ADDRESS CTL_CODE(FILE_DEVICE_NETWORK, 0x901, METHOD_BUFFERED, FILE_ANY_ACCESS)

#endif
