/*
 * The lock that ndiskit's own state is protected with where a Windows spin lock would be wrong: it neither raises the
 * IRQL nor owns a processor, so that it can be taken below, at and above DISPATCH_LEVEL and by host threads.
 */
#include "ntoskrnl/ke/state.h"

#define SPINS 100

void ke_lock_slow(struct ke_lock *lock)
{
    for (int i = 0; i < SPINS; i++) {
        uint32_t expected = 0;
        if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(&lock->word, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return;
        __builtin_ia32_pause();
    }
    while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE) != 0)
        ke_wait_on_address(&lock->word, 2, KE_FOREVER);
}

void ke_unlock_slow(struct ke_lock *lock)
{
    ke_wake_address(&lock->word, 1);
}
