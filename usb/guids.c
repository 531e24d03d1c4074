/*
 * The GUIDs of usbiodef.h that this subsystem refers to get their storage here.
 */
#include <wdm.h>
#include <initguid.h>
#include <usbiodef.h>
