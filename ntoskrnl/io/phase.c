/*
 * Phases: how long each step of a driver's life took (DriverEntry, AddDevice, MiniportInitializeEx, ...), kept in a
 * ring for the tool and for tests, which tell the story of a run from it.
 */
#include <stdio.h>
#include "ntoskrnl/io/io_internal.h"

#define PHASES RTL_NUMBER_OF(io_state.phases)

LONGLONG io_phase_begin(void)
{
    return ke_now();
}

void io_phase_end(const char *name, const char *subject, LONGLONG begin, NTSTATUS status)
{
    LONGLONG duration = ke_now() - begin;
    struct io_phase *phase;

    ke_trace("%s %s: 0x%08x after %lld us", name, subject, (unsigned)status, (long long)(duration / 10));
    ke_lock(&io_state.phase_lock);
    phase = &io_state.phases[io_state.phase_next % PHASES];
    snprintf(phase->name, sizeof(phase->name), "%s", name);
    snprintf(phase->subject, sizeof(phase->subject), "%s", subject);
    phase->start = begin;
    phase->duration = duration;
    phase->status = status;
    phase->sequence = io_state.phase_next++;
    ke_unlock(&io_state.phase_lock);
}

size_t io_phase_read(ULONG from, struct io_phase *phases, size_t max)
{
    ULONG first, next;
    size_t count = 0;

    ke_lock(&io_state.phase_lock);
    next = io_state.phase_next;
    first = next > PHASES ? next - PHASES : 0;
    if (from > first)
        first = from;
    for (; first < next && count < max; first++)
        phases[count++] = io_state.phases[first % PHASES];
    ke_unlock(&io_state.phase_lock);
    return count;
}

ULONG io_phase_next(void)
{
    ULONG next;

    ke_lock(&io_state.phase_lock);
    next = io_state.phase_next;
    ke_unlock(&io_state.phase_lock);
    return next;
}
