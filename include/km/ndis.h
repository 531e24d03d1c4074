/*
 * NDIS 6: what a network driver includes. The parts: versions and base types, packet descriptors (nbl*, mdl*), requests
 * and object identifiers (ntddndis.h), status codes, the services of the library, and one header for each role.
 * `NDIS630_MINIPORT=1` and its siblings (for protocol and filter drivers `NDIS630=1`) on the compiler's command line
 * choose the version; see ndis/version.h.
 */
#ifndef _NDIS_
#define _NDIS_

#include <ndis/version.h>
#include <wdm.h>
#if defined(__has_include)
#if __has_include(<ntddk.h>) && !defined(NDIS_WDM)
#include <ntddk.h>
#endif
#endif
#include <ifdef.h>
#include <ndis/types.h>
#include <ndis/objectheader.h>
#include <ndis/status.h>
#include <ntddndis.h>
#include <netpnp.h>
#include <ndis/nbl.h>
#include <ndis/nblaccessors.h>
#include <ndis/nblsend.h>
#include <ndis/nblreceive.h>
#include <ndis/nbl8021q.h>
#include <ndis/nblchecksum.h>
#include <ndis/nblhash.h>
#include <ndis/nbllso.h>
#include <ndis/nblrsc.h>
#include <ndis/nbluso.h>
#include <ndis/nblapi.h>
#include <ndis/mdlapi.h>
#include <ndis/oidrequest.h>
#include <ndis/common.h>
#include <ndis/library.h>
#include <ndis/miniport.h>
#include <ndis/protocol.h>
#include <ndis/filter.h>
#include <ndis/legacy.h>

#endif
