/* The headers that the WDM lists are about. */
#ifdef ABI_ORACLE
#include <ntifs.h>
#include <ntddk.h>
#include <wdm.h>
#include <wmistr.h>
#include <wmilib.h>
#else
#include <ntifs.h>
#include <wmilib.h>
#endif
