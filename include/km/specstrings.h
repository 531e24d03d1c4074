/*
 * Kept as a name because drivers include it: all annotations are in sal.h and driverspecs.h.
 */
#ifndef _NDISKIT_SPECSTRINGS_
#define _NDISKIT_SPECSTRINGS_

#include "driverspecs.h"
#include "sal.h"

#endif
