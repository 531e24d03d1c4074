/* The headers that the NDIS lists are about: for a driver of NDIS 6.30, the newest that mingw-w64 knows. */
#ifdef ABI_ORACLE
#define _WIN32_WINNT 0x0A00
#define UM_NDIS630   1
#include <winsock2.h>
#include <windows.h>
#include <ntddndis.h>
#include <windot11.h>
#else
#define NDIS630_MINIPORT 1
#include <ndis.h>
#include <windot11.h>
#endif
