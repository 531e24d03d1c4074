/*
 * Memory descriptor lists as drivers make them. The page frame numbers behind an MDL are those of mm, where a virtual
 * and a physical address are the same; a partial MDL copies the numbers of its source.
 *
 * Public pages: "Using MDLs", "IoAllocateMdl", "IoBuildPartialMdl".
 */
#include "ntoskrnl/io/io_internal.h"

PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
    SIZE_T size = sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(VirtualAddress, Length);
    PMDL mdl, last;

    UNREFERENCED_PARAMETER(ChargeQuota);
    if (Length & 0x80000000)
        return NULL;
    mdl = ex_pool_allocate(EX_POOL_UNINITIALIZED, size, IO_TAG_MDL, __builtin_return_address(0));
    if (mdl == NULL)
        return NULL;
    mdl->Process = NULL;
    mdl->MappedSystemVa = NULL;
    MmInitializeMdl(mdl, VirtualAddress, Length);
    if (Irp == NULL)
        return mdl;
    if (!SecondaryBuffer) {
        Irp->MdlAddress = mdl;
        return mdl;
    }
    for (last = Irp->MdlAddress; last->Next != NULL; last = last->Next)
        ;
    last->Next = mdl;
    return mdl;
}
NT_EXPORT(IoAllocateMdl);

VOID NTAPI IoFreeMdl(PMDL Mdl)
{
    MmPrepareMdlForReuse(Mdl);
    ExFreePoolWithTag(Mdl, IO_TAG_MDL);
}
NT_EXPORT(IoFreeMdl);

VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length)
{
    ULONG_PTR start = (ULONG_PTR)MmGetMdlVirtualAddress(SourceMdl);
    ULONG_PTR offset = (ULONG_PTR)VirtualAddress - start;
    ULONG pages, first;
    SIZE_T needed;

    if (Length == 0)
        Length = (ULONG)(MmGetMdlByteCount(SourceMdl) - offset);
    pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(VirtualAddress, Length);
    needed = sizeof(MDL) + pages * sizeof(PFN_NUMBER);
    /* MDL.Size is 16 bits wide, so that it says nothing about an MDL for more than 16 MB. */
    if (offset + Length > MmGetMdlByteCount(SourceMdl) || (needed < 0x8000 && needed > (USHORT)TargetMdl->Size))
        ke_bugcheck_text(TARGET_MDL_TOO_SMALL, (ULONG_PTR)SourceMdl, (ULONG_PTR)TargetMdl, (ULONG_PTR)VirtualAddress,
                         Length, NULL,
                         "IoBuildPartialMdl: the range is outside of the source MDL, or the target MDL "
                         "was allocated for fewer pages");
    first = (ULONG)((((ULONG_PTR)VirtualAddress & ~(ULONG_PTR)(PAGE_SIZE - 1)) - (ULONG_PTR)SourceMdl->StartVa) >>
                    PAGE_SHIFT);

    TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
    TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    TargetMdl->ByteCount = Length;
    TargetMdl->Process = SourceMdl->Process;
    TargetMdl->MdlFlags &= MDL_ALLOCATED_FIXED_SIZE | MDL_ALLOCATED_MUST_SUCCEED;
    TargetMdl->MdlFlags |=
        SourceMdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_PAGE_READ);
    TargetMdl->MdlFlags |= MDL_PARTIAL;
    TargetMdl->MappedSystemVa = (PUCHAR)SourceMdl->MappedSystemVa + offset;
    RtlCopyMemory(MmGetMdlPfnArray(TargetMdl), MmGetMdlPfnArray(SourceMdl) + first, pages * sizeof(PFN_NUMBER));
}
NT_EXPORT(IoBuildPartialMdl);
