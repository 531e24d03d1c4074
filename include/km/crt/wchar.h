/*
 * Wide-character functions: string.h has the comparisons and copies, stdio.h the formats.
 */
#ifndef _NDISKIT_CRT_WCHAR_
#define _NDISKIT_CRT_WCHAR_

#include "stdio.h"
#include "string.h"

#endif
