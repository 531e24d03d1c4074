/*
 * Start and end of ke. Everything that ke_initialize makes, ke_shutdown undoes, so that a program may start and stop
 * the system as often as it likes.
 */
#include <stdlib.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/state.h"

CCHAR KeNumberProcessors __attribute__((visibility("default")));
NT_EXPORT_DATA(KeNumberProcessors);
ULONG NtBuildNumber __attribute__((visibility("default"))) = 0xF0000000 | KE_WINDOWS_BUILD; /* 0xF: free build */
NT_EXPORT_DATA(NtBuildNumber);
ULONG NtGlobalFlag __attribute__((visibility("default")));
NT_EXPORT_DATA(NtGlobalFlag);
BOOLEAN InitSafeBootMode __attribute__((visibility("default")));
NT_EXPORT_DATA(InitSafeBootMode);

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;

static KIRQL read_irql(void)
{
    return ke_this.irql;
}

static void write_irql(KIRQL irql)
{
    if (irql >= ke_this.irql)
        ke_raise(irql);
    else
        ke_lower(irql);
}

static void bugcheck(ULONG code, const ULONG_PTR parameters[4], const CONTEXT *at) __attribute__((noreturn));
static void bugcheck(ULONG code, const ULONG_PTR parameters[4], const CONTEXT *at)
{
    ke_bugcheck(code, parameters[0], parameters[1], parameters[2], parameters[3], at);
}

void ke_initialize(void)
{
    static const struct arch_ops ops = {read_irql, write_irql, ke_fill_shared_user_data, bugcheck, ke_trace};
    if (__atomic_load_n(&ke.initialized, __ATOMIC_ACQUIRE))
        return;
    pthread_mutex_lock(&start_lock);
    if (!ke.initialized) {
        arch_initialize(&ops);
        for (ULONG feature = 0; feature < sizeof(ke.processor_features); feature++)
            ke.processor_features[feature] = ExIsProcessorFeaturePresent(feature);
        ke_threads_initialize();
        __atomic_store_n(&ke.stopping, false, __ATOMIC_SEQ_CST);
        ke_processors_start();
        KeNumberProcessors = (CCHAR)ke.processor_count;
        ke_timers_start();
        __atomic_store_n(&ke.initialized, 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&start_lock);
}

void ke_shutdown(void)
{
    pthread_mutex_lock(&start_lock);
    if (ke.initialized) {
        ke_threads_wait();
        __atomic_store_n(&ke.stopping, true, __ATOMIC_SEQ_CST);
        ke_timers_stop();
        ke_processors_stop();
        ke_dpc_forget_all();
        ke_detach_thread();
        ke_threads_reap();
        free(ke.zombies);
        ke.zombies = NULL;
        ke.zombie_capacity = 0;
        __atomic_store_n(&ke.initialized, 0, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&start_lock);
}

bool ke_is_initialized(void)
{
    return __atomic_load_n(&ke.initialized, __ATOMIC_ACQUIRE) != 0;
}
