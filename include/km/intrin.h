/*
 * Compiler intrinsics: wdm.h defines those that drivers use, for every compiler.
 */
#pragma once
#include "wdm.h"
