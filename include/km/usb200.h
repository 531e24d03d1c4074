/*
 * The chapter 9 definitions of the Universal Serial Bus under the header name of older kits; usbspec.h holds them.
 */
#ifndef __USB200_H__
#define __USB200_H__

#include <usbspec.h>

#endif
