/*
 * Device types and control codes; in kernel mode wdm.h has them.
 */
#pragma once
#include "wdm.h"
