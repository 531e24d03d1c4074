/*
 * The event queue of the PnP manager: everything that changes the device tree runs on one system thread, one event
 * after the other, so that a driver sees its PnP IRPs serialised as Windows promises ("PnP IRPs are sent at
 * PASSIVE_LEVEL in the context of a system thread").
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

struct event {
    LIST_ENTRY link;
    void (*work)(void *context);
    void *context;
};

void pnp_set_watchdog(LONGLONG limit_100ns)
{
    pnp_block.watchdog = limit_100ns;
}

void pnp_begin_step(const char *service, const char *format, ...)
{
    char text[sizeof(pnp_block.step)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_lock(&pnp_block.lock);
    memcpy(pnp_block.step, text, sizeof(text));
    snprintf(pnp_block.step_service, sizeof(pnp_block.step_service), "%s", service);
    pnp_block.step_began = ke_now();
    ke_unlock(&pnp_block.lock);
}

void pnp_end_step(void)
{
    ke_lock(&pnp_block.lock);
    pnp_block.step_began = 0;
    ke_unlock(&pnp_block.lock);
}

bool pnp_current_step(char *text, size_t size)
{
    bool any;

    ke_lock(&pnp_block.lock);
    any = pnp_block.step_began != 0;
    snprintf(text, size, "%s", any ? pnp_block.step : "");
    ke_unlock(&pnp_block.lock);
    return any;
}

/* A driver that keeps the PnP thread too long is a bug check of whoever waits for that thread. */
static void check_watchdog(void)
{
    char service[sizeof(ULONG_PTR)];
    LONGLONG elapsed = 0;

    ke_lock(&pnp_block.lock);
    if (pnp_block.step_began != 0)
        elapsed = ke_now() - pnp_block.step_began;
    ke_unlock(&pnp_block.lock);
    if (elapsed < pnp_block.watchdog)
        return;
    memcpy(service, pnp_block.step_service, sizeof(service));
    ke_bugcheck_text(DRIVER_PNP_WATCHDOG, *(ULONG_PTR *)service, 0, (ULONG_PTR)pnp_block.thread,
                     (ULONG_PTR)(elapsed / 10000), NULL, "driver %s has not come back from %s for %lld s",
                     pnp_block.step_service, pnp_block.step, (long long)(elapsed / 10000000));
}

static void wait_watched(PKEVENT event)
{
    LARGE_INTEGER interval = {.QuadPart = -pnp_block.watchdog / 4};

    if (pnp_block.watchdog <= 0) {
        KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
        return;
    }
    while (KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &interval) == STATUS_TIMEOUT)
        check_watchdog();
}

static struct event *next_event(void)
{
    struct event *event = NULL;
    KIRQL irql;

    KeAcquireSpinLock(&pnp_block.queue_lock, &irql);
    if (!IsListEmpty(&pnp_block.queue)) {
        event = CONTAINING_RECORD(RemoveHeadList(&pnp_block.queue), struct event, link);
        pnp_block.busy = true;
    } else {
        pnp_block.busy = false;
        KeClearEvent(&pnp_block.queue_event);
        KeSetEvent(&pnp_block.idle, IO_NO_INCREMENT, FALSE);
    }
    KeReleaseSpinLock(&pnp_block.queue_lock, irql);
    return event;
}

static void NTAPI run(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    ke_thread_set_name(ke_current_thread(), "pnp");
    for (;;) {
        struct event *event = next_event();

        if (event != NULL) {
            event->work(event->context);
            ExFreePoolWithTag(event, PNP_TAG);
        } else if (__atomic_load_n(&pnp_block.stopping, __ATOMIC_ACQUIRE)) {
            break;
        } else {
            KeWaitForSingleObject(&pnp_block.queue_event, Executive, KernelMode, FALSE, NULL);
        }
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

void pnp_queue_initialize(void)
{
    HANDLE handle;

    KeInitializeSpinLock(&pnp_block.queue_lock);
    InitializeListHead(&pnp_block.queue);
    KeInitializeEvent(&pnp_block.queue_event, NotificationEvent, FALSE);
    KeInitializeEvent(&pnp_block.idle, NotificationEvent, TRUE);
    pnp_block.stopping = false;
    if (!NT_SUCCESS(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, run, NULL)))
        ke_bugcheck_text(PNP_DETECTED_FATAL_ERROR, 0, 0, 0, 0, NULL, "the PnP thread cannot be started");
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, ob_types.thread, KernelMode, (PVOID *)&pnp_block.thread, NULL);
    ZwClose(handle);
}

void pnp_queue_stop(void)
{
    __atomic_store_n(&pnp_block.stopping, true, __ATOMIC_RELEASE);
    KeSetEvent(&pnp_block.queue_event, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(pnp_block.thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(pnp_block.thread);
    pnp_block.thread = NULL;
}

bool pnp_queue(void (*work)(void *context), void *context)
{
    struct event *event;
    KIRQL irql;

    if (pnp_block.thread == NULL)
        return false;
    event = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*event), PNP_TAG);
    if (event == NULL)
        return false;
    event->work = work;
    event->context = context;
    KeAcquireSpinLock(&pnp_block.queue_lock, &irql);
    InsertTailList(&pnp_block.queue, &event->link);
    KeClearEvent(&pnp_block.idle);
    KeSetEvent(&pnp_block.queue_event, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&pnp_block.queue_lock, irql);
    return true;
}

struct waited {
    void (*work)(void *context);
    void *context;
    KEVENT done;
};

static void run_waited(void *context)
{
    struct waited *waited = context;

    waited->work(waited->context);
    KeSetEvent(&waited->done, IO_NO_INCREMENT, FALSE);
}

void pnp_run(void (*work)(void *context), void *context)
{
    struct waited waited = {.work = work, .context = context};

    if (KeGetCurrentThread() == pnp_block.thread) {
        work(context);
        return;
    }
    KeInitializeEvent(&waited.done, NotificationEvent, FALSE);
    if (pnp_queue(run_waited, &waited))
        wait_watched(&waited.done);
}

void pnp_call(void (*work)(void *context), void *context)
{
    pnp_run(work, context);
}

bool pnp_call_later(void (*work)(void *context), void *context)
{
    return pnp_queue(work, context);
}

bool pnp_wait_idle(LONGLONG timeout_100ns)
{
    LARGE_INTEGER timeout = {.QuadPart = -timeout_100ns};

    if (pnp_block.thread == NULL)
        return true;
    if (timeout_100ns < 0) {
        wait_watched(&pnp_block.idle);
        return true;
    }
    return KeWaitForSingleObject(&pnp_block.idle, Executive, KernelMode, FALSE, &timeout) == STATUS_SUCCESS;
}
