/*
 * ps: processes and threads as objects. There is one process, System, whose threads are all NT threads of this host
 * process.
 */
#pragma once

#include <wdm.h>

/* What PsGetCurrentProcess returns; exported. NULL before ps_initialize. */
extern PEPROCESS PsInitialSystemProcess;

/* Makes thread objects the object manager's, makes the System process, and gives ex its callback objects. After
 * ob_initialize. */
void ps_initialize(void);
/* The calling thread must be the last NT thread but for ke's own and those of ex. Before ob goes. */
void ps_shutdown(void);
