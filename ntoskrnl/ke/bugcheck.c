/*
 * Bug checks. Where Windows stops with a blue screen, ndiskit prints a report for the driver's developer and ends the
 * process with status 3: the code and what it means, the four parameters, the frame of the driver that is to blame
 * (the innermost one that lies in a driver image), the stack, the thread, its IRQL and processor, and the last events.
 * Then the drivers' own bug check callbacks run, as on Windows, at HIGH_LEVEL.
 *
 * Nothing here trusts the rest of the system: no lock that could be held, no memory allocation of our own, output by
 * write(2). A second fault while the first is reported ends the process at once; other threads that bug check meanwhile
 * wait for that.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/state.h"

enum { EXIT_STATUS = 3, MAX_FRAMES = 64, EVENTS = 128, EVENT_SIZE = 160 };

struct event {
    LONGLONG time;
    char text[EVENT_SIZE];
};

static struct {
    int reporting_thread; /* host tid, 0: none */
    ke_symbolizer *symbolizer;
    struct ke_lock event_lock;
    uint32_t event_count;
    struct event events[EVENTS];
} report;

void ke_set_bugcheck_symbolizer(ke_symbolizer *symbolizer)
{
    __atomic_store_n(&report.symbolizer, symbolizer, __ATOMIC_RELEASE);
}

void ke_trace(const char *format, ...)
{
    char text[EVENT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_lock(&report.event_lock);
    struct event *event = &report.events[report.event_count++ % EVENTS];
    event->time = ke_now();
    memcpy(event->text, text, sizeof(text));
    ke_unlock(&report.event_lock);
}

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length > (int)sizeof(text) - 1)
        length = sizeof(text) - 1;
    for (int done = 0; done < length;) {
        ssize_t n = write(STDERR_FILENO, text + done, (size_t)(length - done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        done += (int)n;
    }
}

/* What is said of the codes that drivers meet most. Parameters as in the page of each code. */
struct explanation {
    ULONG code;
    const char *meaning;
    const char *parameters[4];
};

static const struct explanation explanations[] = {
    {0x1, "A system call or a region was left more often than it was entered.", {"address of the call"}},
    {0x9,
     "The IRQL was lower than it had to be.",
     {"address, or new IRQL", "IRQL at the time", NULL, "address of the call"}},
    {0xA,
     "Invalid memory was accessed, or a function was called, at an IRQL that is too high for it.",
     {"memory or object referenced", "IRQL at the time", "0: read, 1: write, 8: execute",
      "address of the instruction"}},
    {0xC, "A thread waited for more objects than it may.", {"objects", "most possible", NULL, "address of the call"}},
    {0xF, "A spin lock was acquired by the thread that already holds it.", {"spin lock", "address of the call"}},
    {0x10, "A lock was released by a thread that does not hold it.", {"lock", "address of the call"}},
    {0x18, "The reference count of an object is wrong for its state.", {"object type", "object"}},
    {0x19, "A pool block's header or the bytes behind it were overwritten.", {"kind of corruption", "pool block"}},
    {0x1E,
     "A kernel-mode program raised an exception that nothing handled.",
     {"exception code", "address", "parameter 0", "parameter 1"}},
    {0x20, "A thread ended with regions entered and not left.", {NULL, "critical regions", NULL, "guarded regions"}},
    {0x35, "A request was passed to more drivers than it has stack locations for.", {"IRP"}},
    {0x3B, "An exception happened in a system service.", {"exception code", "address", "context record"}},
    {0x44, "A request that had been completed was completed again.", {"IRP"}},
    {0x48, "A completed request still has a cancel routine.", {"IRP", "cancel routine"}},
    {0x50,
     "Invalid system memory was referenced.",
     {"memory referenced", "0: read, 2: write, 10: execute", "address of the instruction"}},
    {0x7C, "The networking driver made a mistake, or NDIS found its state corrupted.", {"kind of violation"}},
    {0x7E,
     "A system thread raised an exception that nothing handled.",
     {"exception code", "address", "exception record", "context record"}},
    {0x7F, "The processor trapped in a way that the kernel may not.", {"trap number"}},
    {0x96,
     "A work item was corrupted while it was queued, or freed.",
     {"queue entry", "queue", NULL, "worker routine"}},
    {0x9F, "A driver is in an inconsistent or invalid power state.", {"kind of violation"}},
    {0xB8, "A DPC routine attempted an operation that waits.", {"thread", "new thread", "stack address"}},
    {0xBE, "A driver attempted to write to read-only memory.", {"memory referenced", "page table entry"}},
    {0xC2, "A bad pool request.", {"kind of violation"}},
    {0xC4, "A driver broke a rule that Driver Verifier checks.", {"rule"}},
    {0xC5,
     "Pool was corrupted by a driver.",
     {"memory referenced", "IRQL at the time", "0: read, 1: write", "address of the instruction"}},
    {0xC7,
     "A timer or a DPC is where, or in a state in which, it may not be.",
     {"kind of violation", "timer, DPC or routine"}},
    {0xC8,
     "A routine returned at another IRQL than it was called at.",
     {"current IRQL << 16 | expected IRQL << 8 | 2", "routine"}},
    {0xC9, "An I/O request broke a rule that Driver Verifier checks.", {"rule"}},
    {0xCE,
     "A driver was unloaded while something of it was still pending.",
     {"memory referenced", "0: read, 1: write", "address of the instruction"}},
    {0xD1,
     "A driver accessed invalid memory at an IRQL at which no page fault can be served.",
     {"memory referenced", "IRQL at the time", "0: read, 1: write, 8: execute", "address of the instruction"}},
    {0xE1,
     "A work item's routine returned at another IRQL than PASSIVE_LEVEL.",
     {"worker routine", "IRQL at return", "parameter", "work item"}},
    {0xE3, "A resource was released by a thread that does not own it.", {"resource", "thread", "owner table"}},
    {0xE4, "Memory that is in use as a work item was freed, or queued again.", {"kind of violation", "work item"}},
    {0xFC, "An attempt was made to execute memory that is not executable.", {"memory referenced", "page table entry"}},
    {0xFE, "An error happened in a USB driver.", {"kind of violation"}},
    {0x10D,
     "A framework driver (KMDF) broke a rule of the framework.",
     {"kind of violation: see the documentation of WDF_VIOLATION"}},
    {0x133, "The DPC watchdog saw a DPC, or time at DISPATCH_LEVEL, that took too long.", {"kind", "time", "limit"}},
    {0x139,
     "A check for corrupted data structures failed.",
     {"kind of corruption", "trap frame or object", "exception record"}},
    {0x4000008A, "A thread ended while it held a mutex.", {"thread", "mutex"}},
};

static const struct explanation *explain(ULONG code)
{
    static const struct explanation none = {0, NULL, {NULL}};
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
        if (explanations[i].code == code)
            return &explanations[i];
    }
    return &none;
}

static const char *irql_name(KIRQL irql)
{
    switch (irql) {
    case PASSIVE_LEVEL:
        return "PASSIVE_LEVEL";
    case APC_LEVEL:
        return "APC_LEVEL";
    case DISPATCH_LEVEL:
        return "DISPATCH_LEVEL";
    case HIGH_LEVEL:
        return "HIGH_LEVEL";
    default:
        return "device level";
    }
}

static void symbolize(void *pc, char *buffer, size_t size)
{
    ke_symbolizer *symbolizer = __atomic_load_n(&report.symbolizer, __ATOMIC_ACQUIRE);
    struct arch_symbol symbol;
    buffer[0] = 0;
    if (symbolizer != NULL) {
        symbolizer(pc, buffer, size);
    } else if (arch_elf_symbol(pc, &symbol) && symbol.function[0] != 0) {
        int length = snprintf(buffer, size, "%s!%s+0x%zx", symbol.module, symbol.function, symbol.offset);
        if (symbol.line != 0 && length > 0 && (size_t)length < size)
            snprintf(buffer + length, size - (size_t)length, " (%s:%d)", symbol.file, symbol.line);
    }
    if (buffer[0] == 0)
        snprintf(buffer, size, "%p", pc);
}

/* A return address lies behind its call, perhaps already on the next line. */
static void *symbol_address(void *const *frames, size_t i, const CONTEXT *at)
{
    return i == 0 && at != NULL ? frames[i] : (char *)frames[i] - 1;
}

/* The frames of this file, at the top of the stack of who called it. */
static bool is_own(const char *symbol)
{
    static const char *const names[] = {"print_stack", "print_report",     "stop",       "ke_bugcheck",
                                        "bugcheck",    "ke_bugcheck_text", "KeBugCheck", "KeBugCheckEx"};
    const char *function = strchr(symbol, '!');
    for (size_t i = 0; function != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        size_t length = strlen(names[i]);
        if (strncmp(function + 1, names[i], length) == 0 && function[1 + length] == '+')
            return true;
    }
    return false;
}

static void print_stack(const CONTEXT *at)
{
    void *frames[MAX_FRAMES];
    char symbol[512];
    size_t count = arch_walk_stack(at, frames, MAX_FRAMES), first = 0;
    bool blamed = false;
    while (at == NULL && first < count) {
        symbolize(symbol_address(frames, first, at), symbol, sizeof(symbol));
        if (!is_own(symbol))
            break;
        first++;
    }
    if (first == count)
        first = 0;
    for (size_t i = first; i < count && !blamed; i++) {
        if (!arch_find_image(symbol_address(frames, i, at), NULL, NULL, NULL))
            continue;
        symbolize(symbol_address(frames, i, at), symbol, sizeof(symbol));
        print("Driver:      %s\n", symbol);
        blamed = true;
    }
    if (!blamed)
        print("Driver:      none on the stack\n");
    print("\nStack:\n");
    for (size_t i = first; i < count; i++) {
        symbolize(symbol_address(frames, i, at), symbol, sizeof(symbol));
        print("  #%-2zu %s\n", i - first, symbol);
    }
}

static void print_events(void)
{
    /* Whoever holds the lock may be this thread, or never run again. */
    uint32_t count = __atomic_load_n(&report.event_count, __ATOMIC_RELAXED);
    uint32_t first = count > EVENTS ? count - EVENTS : 0;
    if (count == 0)
        return;
    print("\nLast events (seconds before now):\n");
    LONGLONG now = ke_now();
    for (uint32_t i = first; i < count; i++) {
        const struct event *event = &report.events[i % EVENTS];
        LONGLONG ago = now - event->time;
        print("  %3lld.%06lld  %.*s\n", (long long)(ago / 10000000), (long long)(ago % 10000000 / 10), EVENT_SIZE - 1,
              event->text);
    }
}

static void print_report(ULONG code, const ULONG_PTR parameters[4], KIRQL irql, const CONTEXT *at, const char *detail)
{
    const struct explanation *explanation = explain(code);
    char symbol[512];
    print("\n*** ndiskit: bug check 0x%08X: %s\n\n", code, ke_bugcheck_name(code));
    if (explanation->meaning != NULL)
        print("%s\n", explanation->meaning);
    if (detail != NULL && detail[0] != 0)
        print("Here: %s.\n", detail);
    print("\n");
    for (int i = 0; i < 4; i++) {
        print("Parameter %d: 0x%016llx", i + 1, (unsigned long long)parameters[i]);
        if (explanation->parameters[i] != NULL)
            print("  %s", explanation->parameters[i]);
        if (arch_find_image((void *)parameters[i], NULL, NULL, NULL)) {
            symbolize((void *)parameters[i], symbol, sizeof(symbol));
            print("  [%s]", symbol);
        }
        print("\n");
    }
    const struct _KTHREAD *thread = ke_this.thread;
    print("Thread:      %s (id %u, host thread %ld)\n", thread != NULL ? thread->name : "not an NT thread",
          thread != NULL ? thread->client_id : 0, syscall(SYS_gettid));
    print("IRQL:        %u (%s)%s\n", irql, irql_name(irql), ke_this.in_dpc ? ", in a DPC" : "");
    print("Processor:   %u of %u%s\n", ke_processor_number(), ke_processor_count(),
          ke_this.processor != NULL ? "" : " (last one owned)");
    print_stack(at);
    print_events();
}

/* ---- the drivers' callbacks -----------------------------------------------------------------------------------------
 */

enum { BUFFER_EMPTY = 0, BUFFER_INSERTED = 1 }; /* KBUGCHECK_BUFFER_DUMP_STATE, as a debugger shows it */

static LIST_ENTRY *list_of(LIST_ENTRY *list)
{
    if (list->Flink == NULL)
        InitializeListHead(list);
    return list;
}

#undef KeRegisterBugCheckCallback
BOOLEAN NTAPI KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                                         PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, PVOID Buffer, ULONG Length,
                                         PUCHAR Component)
{
    bool registered = false;
    ke_lock(&ke.bugcheck_lock);
    if (CallbackRecord->State == BUFFER_EMPTY) {
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Buffer = Buffer;
        CallbackRecord->Length = Length;
        CallbackRecord->Component = Component;
        CallbackRecord->Checksum = (ULONG_PTR)CallbackRoutine + (ULONG_PTR)Buffer + Length + (ULONG_PTR)Component;
        CallbackRecord->State = BUFFER_INSERTED;
        InsertTailList(list_of(&ke.bugcheck_callbacks), &CallbackRecord->Entry);
        registered = true;
    }
    ke_unlock(&ke.bugcheck_lock);
    return registered;
}
NT_EXPORT(KeRegisterBugCheckCallback);

BOOLEAN NTAPI KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord)
{
    bool registered = false;
    ke_lock(&ke.bugcheck_lock);
    if (CallbackRecord->State == BUFFER_INSERTED) {
        RemoveEntryList(&CallbackRecord->Entry);
        CallbackRecord->State = BUFFER_EMPTY;
        registered = true;
    }
    ke_unlock(&ke.bugcheck_lock);
    return registered;
}
NT_EXPORT(KeDeregisterBugCheckCallback);

/* Reason callbacks add data to a crash dump file. None is written, so that they are kept but have nothing to do. */
BOOLEAN NTAPI KeRegisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord,
                                               PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine,
                                               KBUGCHECK_CALLBACK_REASON Reason, PUCHAR Component)
{
    bool registered = false;
    ke_lock(&ke.bugcheck_lock);
    if (CallbackRecord->State == BUFFER_EMPTY) {
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Component = Component;
        CallbackRecord->Reason = Reason;
        CallbackRecord->Checksum = (ULONG_PTR)CallbackRoutine + (ULONG_PTR)Reason + (ULONG_PTR)Component;
        CallbackRecord->State = BUFFER_INSERTED;
        InsertTailList(list_of(&ke.bugcheck_reason_callbacks), &CallbackRecord->Entry);
        registered = true;
    }
    ke_unlock(&ke.bugcheck_lock);
    return registered;
}
NT_EXPORT(KeRegisterBugCheckReasonCallback);

BOOLEAN NTAPI KeDeregisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord)
{
    bool registered = false;
    ke_lock(&ke.bugcheck_lock);
    if (CallbackRecord->State == BUFFER_INSERTED) {
        RemoveEntryList(&CallbackRecord->Entry);
        CallbackRecord->State = BUFFER_EMPTY;
        registered = true;
    }
    ke_unlock(&ke.bugcheck_lock);
    return registered;
}
NT_EXPORT(KeDeregisterBugCheckReasonCallback);

static void run_callbacks(void)
{
    LIST_ENTRY *list = list_of(&ke.bugcheck_callbacks);
    for (LIST_ENTRY *entry = list->Flink; entry != list; entry = entry->Flink) {
        KBUGCHECK_CALLBACK_RECORD *record = CONTAINING_RECORD(entry, KBUGCHECK_CALLBACK_RECORD, Entry);
        print("\nBug check callback of %s\n", record->Component != NULL ? (const char *)record->Component : "a driver");
        record->CallbackRoutine(record->Buffer, record->Length);
    }
}

/* Only one thread reports; it returns here from that alone. */
static void become_reporter(ULONG code)
{
    int self = (int)syscall(SYS_gettid), nobody = 0;
    if (__atomic_compare_exchange_n(&report.reporting_thread, &nobody, self, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    if (nobody == self) {
        print("\n*** bug check 0x%08X: %s, while the first one was reported; giving up\n", code,
              ke_bugcheck_name(code));
        _exit(EXIT_STATUS);
    }
    for (;;)
        pause();
}

static _Noreturn void stop(ULONG code, const ULONG_PTR parameters[4], const CONTEXT *at, const char *detail)
{
    become_reporter(code);
    KIRQL irql = ke_this.irql;
    ke_this.irql = HIGH_LEVEL;
    print_report(code, parameters, irql, at, detail);
    run_callbacks();
    print("\n*** ndiskit stops with exit status %d\n", EXIT_STATUS);
    _exit(EXIT_STATUS);
}

_Noreturn void ke_bugcheck(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at)
{
    const ULONG_PTR parameters[4] = {p1, p2, p3, p4};
    stop(code, parameters, at, NULL);
}

_Noreturn void ke_bugcheck_text(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at,
                                const char *format, ...)
{
    const ULONG_PTR parameters[4] = {p1, p2, p3, p4};
    char detail[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    stop(code, parameters, at, detail);
}

VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                        ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
    ke_bugcheck(BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4, NULL);
}
NT_EXPORT(KeBugCheckEx);

VOID NTAPI KeBugCheck(ULONG BugCheckCode)
{
    ke_bugcheck(BugCheckCode, 0, 0, 0, 0, NULL);
}
NT_EXPORT(KeBugCheck);
