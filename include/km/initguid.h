/*
 * Include in exactly one source file, before the headers whose GUIDs that file is to define. No include guard: the
 * headers may have been included before for their declarations.
 */
#ifndef INITGUID
#define INITGUID
#endif
#include "guiddef.h"
