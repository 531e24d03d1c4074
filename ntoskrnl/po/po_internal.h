/*
 * The state of the power manager.
 */
#pragma once

#include <ntifs.h>
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/pnp/pnp.h"
#include "ntoskrnl/po/po.h"

#define PO_TAG 'rwoP'

struct po_block {
    bool initialized;
    KSPIN_LOCK lock;
    LIST_ENTRY active, waiting; /* device power IRPs: sent, and behind one of the same stack */
    KEVENT idle;
    SYSTEM_POWER_STATE system_state;
    bool on_battery;
    FAST_MUTEX settings_lock;
    LIST_ENTRY settings;
};
extern struct po_block po_block;
