/*
 * Spin locks under their NDIS names. The headers turn these calls into Ke calls; the functions are here for drivers
 * that were built against headers that import them. Pages: "NdisAcquireSpinLock function" and its siblings.
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

VOID NTAPI(NdisAllocateSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    SpinLock->OldIrql = 0;
    KeInitializeSpinLock(&SpinLock->SpinLock);
}
NT_EXPORT(NdisAllocateSpinLock);

VOID NTAPI(NdisFreeSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    (void)SpinLock;
}
NT_EXPORT(NdisFreeSpinLock);

VOID NTAPI(NdisAcquireSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    SpinLock->OldIrql = KeAcquireSpinLockRaiseToDpc(&SpinLock->SpinLock);
}
NT_EXPORT(NdisAcquireSpinLock);

VOID NTAPI(NdisReleaseSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    KeReleaseSpinLock(&SpinLock->SpinLock, SpinLock->OldIrql);
}
NT_EXPORT(NdisReleaseSpinLock);

VOID NTAPI(NdisDprAcquireSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    KeAcquireSpinLockAtDpcLevel(&SpinLock->SpinLock);
}
NT_EXPORT(NdisDprAcquireSpinLock);

VOID NTAPI(NdisDprReleaseSpinLock)(PNDIS_SPIN_LOCK SpinLock)
{
    KeReleaseSpinLockFromDpcLevel(&SpinLock->SpinLock);
}
NT_EXPORT(NdisDprReleaseSpinLock);
