/*
 * Kept as a name because drivers include it: lock annotations are in sal.h.
 */
#pragma once
#include "sal.h"
