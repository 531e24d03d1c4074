/*
 * The security functions that drivers call before they act for a caller. Under ndiskit every caller is trusted: there
 * is one process, and what reaches a driver comes from the tool, from a test or from another driver. So there is one
 * token, of the system account; an access check grants what is asked for; objects carry no security descriptor, which a
 * driver must be ready for ("the object has no security descriptor": ObGetObjectSecurity gives NULL).
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ob/object.h"
#include <string.h>

static struct {
    PACCESS_TOKEN system_token;
} se_state;

static PACCESS_TOKEN system_token(void)
{
    PVOID token = __atomic_load_n(&se_state.system_token, __ATOMIC_ACQUIRE);
    if (token != NULL)
        return token;
    if (!NT_SUCCESS(ob_create(ob_types.token, sizeof(ULONG64), &token)))
        return NULL;
    PVOID expected = NULL;
    if (__atomic_compare_exchange_n(&se_state.system_token, &expected, token, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return token;
    ObfDereferenceObject(token);
    return expected;
}

VOID NTAPI SeCaptureSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    *SubjectContext = (SECURITY_SUBJECT_CONTEXT){.PrimaryToken = system_token()};
    if (SubjectContext->PrimaryToken != NULL)
        ObfReferenceObject(SubjectContext->PrimaryToken);
}
NT_EXPORT(SeCaptureSubjectContext);

VOID NTAPI SeReleaseSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    if (SubjectContext->PrimaryToken != NULL)
        ObfDereferenceObject(SubjectContext->PrimaryToken);
    *SubjectContext = (SECURITY_SUBJECT_CONTEXT){0};
}
NT_EXPORT(SeReleaseSubjectContext);

/* The one token never changes: there is nothing to lock. */
VOID NTAPI SeLockSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    (void)SubjectContext;
}
NT_EXPORT(SeLockSubjectContext);

VOID NTAPI SeUnlockSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    (void)SubjectContext;
}
NT_EXPORT(SeUnlockSubjectContext);

BOOLEAN NTAPI SeAccessCheck(PSECURITY_DESCRIPTOR SecurityDescriptor, PSECURITY_SUBJECT_CONTEXT SubjectSecurityContext,
                            BOOLEAN SubjectContextLocked, ACCESS_MASK DesiredAccess,
                            ACCESS_MASK PreviouslyGrantedAccess, PPRIVILEGE_SET *Privileges,
                            PGENERIC_MAPPING GenericMapping, KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess,
                            PNTSTATUS AccessStatus)
{
    (void)SecurityDescriptor, (void)SubjectSecurityContext, (void)SubjectContextLocked, (void)AccessMode;
    ACCESS_MASK granted = DesiredAccess;
    if (granted & (MAXIMUM_ALLOWED | GENERIC_ALL))
        granted |= GenericMapping->GenericAll;
    if (granted & GENERIC_READ)
        granted |= GenericMapping->GenericRead;
    if (granted & GENERIC_WRITE)
        granted |= GenericMapping->GenericWrite;
    if (granted & GENERIC_EXECUTE)
        granted |= GenericMapping->GenericExecute;
    granted &= ~(MAXIMUM_ALLOWED | GENERIC_ALL | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE);
    if (Privileges != NULL)
        *Privileges = NULL;
    *GrantedAccess = granted | PreviouslyGrantedAccess;
    *AccessStatus = STATUS_SUCCESS;
    return TRUE;
}
NT_EXPORT(SeAccessCheck);

BOOLEAN NTAPI SeSinglePrivilegeCheck(LUID PrivilegeValue, KPROCESSOR_MODE PreviousMode)
{
    (void)PrivilegeValue, (void)PreviousMode;
    return TRUE;
}
NT_EXPORT(SeSinglePrivilegeCheck);

NTSTATUS NTAPI ObGetObjectSecurity(PVOID Object, PSECURITY_DESCRIPTOR *SecurityDescriptor, PBOOLEAN MemoryAllocated)
{
    ob_type_of(Object); /* a bad pointer is found here, not later */
    *SecurityDescriptor = NULL;
    *MemoryAllocated = FALSE;
    return STATUS_SUCCESS;
}
NT_EXPORT(ObGetObjectSecurity);

VOID NTAPI ObReleaseObjectSecurity(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN MemoryAllocated)
{
    if (MemoryAllocated && SecurityDescriptor != NULL)
        ExFreePoolWithTag(SecurityDescriptor, 0);
}
NT_EXPORT(ObReleaseObjectSecurity);
