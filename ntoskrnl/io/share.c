/*
 * Share access: a driver that lets a device be opened several times keeps a SHARE_ACCESS and has each open checked
 * against what the others do and allow.
 *
 * Public pages: "IoCheckShareAccess", "IoSetShareAccess", "IoUpdateShareAccess", "IoRemoveShareAccess".
 */
#include "ntoskrnl/io/io_internal.h"

static bool takes_part(const FILE_OBJECT *file)
{
    return file->ReadAccess || file->WriteAccess || file->DeleteAccess;
}

static void take_access(PFILE_OBJECT file, ACCESS_MASK access, ULONG share)
{
    file->ReadAccess = (access & (FILE_EXECUTE | FILE_READ_DATA)) != 0;
    file->WriteAccess = (access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    file->DeleteAccess = (access & DELETE) != 0;
    if (!takes_part(file))
        return;
    file->SharedRead = (share & FILE_SHARE_READ) != 0;
    file->SharedWrite = (share & FILE_SHARE_WRITE) != 0;
    file->SharedDelete = (share & FILE_SHARE_DELETE) != 0;
}

VOID NTAPI IoUpdateShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess)
{
    if (!takes_part(FileObject))
        return;
    ShareAccess->OpenCount++;
    ShareAccess->Readers += FileObject->ReadAccess;
    ShareAccess->Writers += FileObject->WriteAccess;
    ShareAccess->Deleters += FileObject->DeleteAccess;
    ShareAccess->SharedRead += FileObject->SharedRead;
    ShareAccess->SharedWrite += FileObject->SharedWrite;
    ShareAccess->SharedDelete += FileObject->SharedDelete;
}
NT_EXPORT(IoUpdateShareAccess);

VOID NTAPI IoRemoveShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess)
{
    if (!takes_part(FileObject))
        return;
    ShareAccess->OpenCount--;
    ShareAccess->Readers -= FileObject->ReadAccess;
    ShareAccess->Writers -= FileObject->WriteAccess;
    ShareAccess->Deleters -= FileObject->DeleteAccess;
    ShareAccess->SharedRead -= FileObject->SharedRead;
    ShareAccess->SharedWrite -= FileObject->SharedWrite;
    ShareAccess->SharedDelete -= FileObject->SharedDelete;
}
NT_EXPORT(IoRemoveShareAccess);

VOID NTAPI IoSetShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject,
                            PSHARE_ACCESS ShareAccess)
{
    take_access(FileObject, DesiredAccess, DesiredShareAccess);
    RtlZeroMemory(ShareAccess, sizeof(*ShareAccess));
    IoUpdateShareAccess(FileObject, ShareAccess);
}
NT_EXPORT(IoSetShareAccess);

NTSTATUS NTAPI IoCheckShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject,
                                  PSHARE_ACCESS ShareAccess, BOOLEAN Update)
{
    take_access(FileObject, DesiredAccess, DesiredShareAccess);
    if (!takes_part(FileObject))
        return STATUS_SUCCESS;
    /* Everybody who is there must allow what is wanted, and what is allowed must cover what they do. */
    if ((FileObject->ReadAccess && ShareAccess->SharedRead < ShareAccess->OpenCount) ||
        (FileObject->WriteAccess && ShareAccess->SharedWrite < ShareAccess->OpenCount) ||
        (FileObject->DeleteAccess && ShareAccess->SharedDelete < ShareAccess->OpenCount) ||
        (ShareAccess->Readers != 0 && !FileObject->SharedRead) ||
        (ShareAccess->Writers != 0 && !FileObject->SharedWrite) ||
        (ShareAccess->Deleters != 0 && !FileObject->SharedDelete))
        return STATUS_SHARING_VIOLATION;
    if (Update)
        IoUpdateShareAccess(FileObject, ShareAccess);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoCheckShareAccess);
