/*
 * Security identifiers, access control lists and descriptors, as data: drivers build them for the device objects and
 * keys that they create. Everything that runs on ndiskit is one trusted user, so that nothing is denied by them; but
 * the structures must be right, because drivers read them back. Public pages: "RtlCreateSecurityDescriptor function
 * (wdm.h)", "RtlAddAccessAllowedAce function (ntifs.h)", "SID structure".
 */
#include <ntifs.h>
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

static bool is_valid_sid(const SID *sid)
{
    return sid != NULL && sid->Revision == SID_REVISION && sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

static ULONG sid_length(ULONG count)
{
    return FIELD_OFFSET(SID, SubAuthority) + count * (ULONG)sizeof(ULONG);
}

ULONG NTAPI RtlLengthRequiredSid(ULONG SubAuthorityCount)
{
    return sid_length(SubAuthorityCount);
}
NT_EXPORT(RtlLengthRequiredSid);

ULONG NTAPI RtlLengthSid(PSID Sid)
{
    return sid_length(((SID *)Sid)->SubAuthorityCount);
}
NT_EXPORT(RtlLengthSid);

BOOLEAN NTAPI RtlValidSid(PSID Sid)
{
    return is_valid_sid(Sid);
}
NT_EXPORT(RtlValidSid);

BOOLEAN NTAPI RtlEqualSid(PSID Sid1, PSID Sid2)
{
    return RtlLengthSid(Sid1) == RtlLengthSid(Sid2) && memcmp(Sid1, Sid2, RtlLengthSid(Sid1)) == 0;
}
NT_EXPORT(RtlEqualSid);

NTSTATUS NTAPI RtlInitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY IdentifierAuthority, UCHAR SubAuthorityCount)
{
    SID *sid = Sid;
    if (SubAuthorityCount > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_PARAMETER;
    sid->Revision = SID_REVISION;
    sid->SubAuthorityCount = SubAuthorityCount;
    sid->IdentifierAuthority = *IdentifierAuthority;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlInitializeSid);

PULONG NTAPI RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority)
{
    return (PULONG)((PUCHAR)Sid + sid_length(SubAuthority));
}
NT_EXPORT(RtlSubAuthoritySid);

static NTAPI PUCHAR sub_authority_count(PSID Sid)
{
    return &((SID *)Sid)->SubAuthorityCount;
}
NT_EXPORT_AS(NT_IMAGE, "RtlSubAuthorityCountSid", sub_authority_count);

static NTAPI NTSTATUS copy_sid(ULONG DestinationSidLength, PSID DestinationSid, PSID SourceSid)
{
    if (RtlLengthSid(SourceSid) > DestinationSidLength)
        return STATUS_BUFFER_TOO_SMALL;
    memmove(DestinationSid, SourceSid, RtlLengthSid(SourceSid));
    return STATUS_SUCCESS;
}
NT_EXPORT_AS(NT_IMAGE, "RtlCopySid", copy_sid);

NTSTATUS NTAPI RtlCreateAcl(PACL Acl, ULONG AclLength, ULONG AclRevision)
{
    if (AclLength < sizeof(ACL))
        return STATUS_BUFFER_TOO_SMALL;
    if (AclRevision < ACL_REVISION || AclRevision > ACL_REVISION_DS || AclLength > MAXUSHORT)
        return STATUS_INVALID_PARAMETER;
    *Acl = (ACL){.AclRevision = (UCHAR)AclRevision, .AclSize = (USHORT)(AclLength & ~3u)};
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlCreateAcl);

struct access_allowed_ace {
    UCHAR type, flags;
    USHORT size;
    ACCESS_MASK mask;
    SID sid;
};

/* Where the next entry goes, or NULL when the entries that the list claims overrun it. */
static UCHAR *end_of_aces(PACL acl)
{
    UCHAR *end = (UCHAR *)acl + acl->AclSize, *ace = (UCHAR *)(acl + 1);
    for (USHORT i = 0; i < acl->AceCount; i++) {
        USHORT size = end - ace >= 4 ? ((struct access_allowed_ace *)ace)->size : 0;
        if (size < 4 || size > end - ace)
            return NULL;
        ace += size;
    }
    return ace;
}

NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid)
{
    if (!is_valid_sid(Sid))
        return STATUS_INVALID_SID;
    if (AceRevision > ACL_REVISION_DS || Acl->AclRevision > ACL_REVISION_DS)
        return STATUS_REVISION_MISMATCH;
    UCHAR *place = end_of_aces(Acl);
    if (place == NULL)
        return STATUS_INVALID_ACL;
    ULONG size = FIELD_OFFSET(struct access_allowed_ace, sid) + RtlLengthSid(Sid);
    if (size > (ULONG)((UCHAR *)Acl + Acl->AclSize - place))
        return STATUS_ALLOTTED_SPACE_EXCEEDED;
    struct access_allowed_ace *ace = (struct access_allowed_ace *)place;
    ace->type = ace->flags = 0;
    ace->size = (USHORT)size;
    ace->mask = AccessMask;
    memcpy(&ace->sid, Sid, RtlLengthSid(Sid));
    Acl->AceCount++;
    if (AceRevision > Acl->AclRevision)
        Acl->AclRevision = (UCHAR)AceRevision;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlAddAccessAllowedAce);

NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, ULONG Revision)
{
    if (Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *(SECURITY_DESCRIPTOR *)SecurityDescriptor = (SECURITY_DESCRIPTOR){.Revision = SECURITY_DESCRIPTOR_REVISION};
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlCreateSecurityDescriptor);

NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN DaclPresent, PACL Dacl,
                                            BOOLEAN DaclDefaulted)
{
    SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
    if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    if (descriptor->Control & SE_SELF_RELATIVE)
        return STATUS_INVALID_SECURITY_DESCR;
    descriptor->Control &= (USHORT) ~(SE_DACL_PRESENT | SE_DACL_DEFAULTED);
    if (DaclPresent) {
        descriptor->Control |= SE_DACL_PRESENT;
        descriptor->Dacl = Dacl;
        if (DaclDefaulted)
            descriptor->Control |= SE_DACL_DEFAULTED;
    }
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlSetDaclSecurityDescriptor);

struct parts {
    const SID *owner, *group;
    const ACL *sacl, *dacl;
};

static const void *at_offset(const void *descriptor, ULONG offset)
{
    return offset ? (const UCHAR *)descriptor + offset : NULL;
}

static struct parts parts_of(const SECURITY_DESCRIPTOR *descriptor)
{
    struct parts parts;
    if (descriptor->Control & SE_SELF_RELATIVE) {
        const SECURITY_DESCRIPTOR_RELATIVE *relative = (const void *)descriptor;
        parts = (struct parts){at_offset(relative, relative->Owner), at_offset(relative, relative->Group),
                               at_offset(relative, relative->Sacl), at_offset(relative, relative->Dacl)};
    } else {
        parts = (struct parts){descriptor->Owner, descriptor->Group, descriptor->Sacl, descriptor->Dacl};
    }
    if (!(descriptor->Control & SE_SACL_PRESENT))
        parts.sacl = NULL;
    if (!(descriptor->Control & SE_DACL_PRESENT))
        parts.dacl = NULL;
    return parts;
}

/* Self-relative or absolute, with each part rounded up to a ULONG. */
ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    const SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
    struct parts parts = parts_of(descriptor);
    size_t length =
        descriptor->Control & SE_SELF_RELATIVE ? sizeof(SECURITY_DESCRIPTOR_RELATIVE) : sizeof(SECURITY_DESCRIPTOR);
    length += parts.owner ? sid_length(parts.owner->SubAuthorityCount) : 0;
    length += parts.group ? sid_length(parts.group->SubAuthorityCount) : 0;
    length += parts.sacl ? ALIGN_UP_BY(parts.sacl->AclSize, 4) : 0;
    length += parts.dacl ? ALIGN_UP_BY(parts.dacl->AclSize, 4) : 0;
    return (ULONG)length;
}
NT_EXPORT(RtlLengthSecurityDescriptor);

static bool is_valid_acl(const ACL *acl)
{
    return acl == NULL || (acl->AclRevision >= ACL_REVISION && acl->AclRevision <= ACL_REVISION_DS &&
                           acl->AclSize >= sizeof(ACL) && end_of_aces((PACL)acl) != NULL);
}

BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    const SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
    if (descriptor == NULL || descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
        return FALSE;
    struct parts parts = parts_of(descriptor);
    return (parts.owner == NULL || is_valid_sid(parts.owner)) && (parts.group == NULL || is_valid_sid(parts.group)) &&
           is_valid_acl(parts.sacl) && is_valid_acl(parts.dacl);
}
NT_EXPORT(RtlValidSecurityDescriptor);

/* The same for a self-relative descriptor from outside, of which no part may leave its buffer. */
BOOLEAN NTAPI SeValidSecurityDescriptor(ULONG Length, PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    const SECURITY_DESCRIPTOR_RELATIVE *relative = SecurityDescriptor;
    if (relative == NULL || Length < sizeof(*relative) || !(relative->Control & SE_SELF_RELATIVE))
        return FALSE;
    ULONG sids[] = {relative->Owner, relative->Group}, acls[] = {relative->Sacl, relative->Dacl};
    for (int i = 0; i < 2; i++) {
        if (sids[i] && (sids[i] > Length || Length - sids[i] < sid_length(0)))
            return FALSE;
        const SID *sid = at_offset(relative, sids[i]);
        if (sid && (!is_valid_sid(sid) || Length - sids[i] < sid_length(sid->SubAuthorityCount)))
            return FALSE;
        if (acls[i] && (acls[i] > Length || Length - acls[i] < sizeof(ACL)))
            return FALSE;
        const ACL *acl = at_offset(relative, acls[i]);
        if (acl && Length - acls[i] < acl->AclSize)
            return FALSE;
    }
    return RtlValidSecurityDescriptor(SecurityDescriptor);
}
NT_EXPORT(SeValidSecurityDescriptor);
