/* The headers that the framework's lists are about, for the newest version that they know: all functions declared. There
 * is no other public set of these headers to hold them against, and so no shared list. */
#define KMDF_VERSION_MINOR 33
#include <ntddk.h>
#include <wdf.h>
#include <wdfldr.h>
