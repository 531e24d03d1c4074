/*
 * Sizes and offsets that Windows x64 has by public documentation, or by what every debugger prints, for structures that
 * mingw-w64 lacks or has otherwise; and the alignment on which inlined code depends.
 */
#include "wdm_headers.h"

#define SIZE(type_, size_)         C_ASSERT(sizeof(type_) == (size_))
#define OFFSET(type_, field_, at_) C_ASSERT(FIELD_OFFSET(type_, field_) == (at_))

/* LLP64 */
SIZE(LONG, 4);
SIZE(ULONG, 4);
SIZE(LONGLONG, 8);
SIZE(PVOID, 8);
SIZE(SIZE_T, 8);
SIZE(WCHAR, 2);
SIZE(BOOLEAN, 1);
SIZE(POOL_TYPE, 4);
SIZE(GUID, 16);

/* "DEVICE_OBJECT": extensions start behind it, aligned to 16. */
SIZE(DEVICE_OBJECT, 0x150);
C_ASSERT(__alignof__(DEVICE_OBJECT) == 16);
OFFSET(DEVICE_OBJECT, DeviceExtension, 0x40);
SIZE(DRIVER_OBJECT, 0x150);
SIZE(IRP, 0xD0);
C_ASSERT(__alignof__(IRP) == 16);
OFFSET(IRP, Tail.Overlay.CurrentStackLocation, 0xB8);
SIZE(IO_STACK_LOCATION, 0x48);
OFFSET(IO_STACK_LOCATION, Parameters.DeviceIoControl.IoControlCode, 0x18);
OFFSET(IO_STACK_LOCATION, Parameters.Power.State, 0x18);
SIZE(FILE_OBJECT, 0xD8);
SIZE(MDL, 0x30);

/* Dispatcher objects. */
SIZE(KEVENT, 0x18);
SIZE(KSEMAPHORE, 0x20);
SIZE(KMUTEX, 0x38);
SIZE(KTIMER, 0x40);
SIZE(KDPC, 0x40);
OFFSET(KDPC, ProcessorHistory, 0x10);
OFFSET(KDPC, DeferredRoutine, 0x18);
SIZE(KAPC, 0x58);
SIZE(KWAIT_BLOCK, 0x30);
SIZE(KLOCK_QUEUE_HANDLE, 0x18);
SIZE(FAST_MUTEX, 0x38);
SIZE(ERESOURCE, 0x68);

/* 16-byte compare-and-swap, and lookaside lists that inlined code pops. */
SIZE(SLIST_HEADER, 16);
C_ASSERT(__alignof__(SLIST_HEADER) == 16);
C_ASSERT(__alignof__(SLIST_ENTRY) == 16);
SIZE(NPAGED_LOOKASIDE_LIST, 0x80);
SIZE(PAGED_LOOKASIDE_LIST, 0x80);
SIZE(LOOKASIDE_LIST_EX, 0x60);
OFFSET(LOOKASIDE_LIST_EX, L.AllocateEx, 0x30);

/* "x64 exception handling". */
SIZE(CONTEXT, 0x4D0);
OFFSET(CONTEXT, Rax, 0x78);
OFFSET(CONTEXT, Rip, 0xF8);
OFFSET(CONTEXT, FltSave, 0x100);
OFFSET(CONTEXT, Xmm0, 0x1A0);
SIZE(RUNTIME_FUNCTION, 12);
SIZE(DISPATCHER_CONTEXT, 0x50);
OFFSET(DISPATCHER_CONTEXT, HandlerData, 0x38);
SIZE(KNONVOLATILE_CONTEXT_POINTERS, 0x100);
SIZE(EXCEPTION_RECORD, 0x98);

/* "KUSER_SHARED_DATA": what drivers inline. */
OFFSET(KUSER_SHARED_DATA, InterruptTime, 0x08);
OFFSET(KUSER_SHARED_DATA, SystemTime, 0x14);
OFFSET(KUSER_SHARED_DATA, NtMajorVersion, 0x26C);
OFFSET(KUSER_SHARED_DATA, ProcessorFeatures, 0x274);
OFFSET(KUSER_SHARED_DATA, QpcFrequency, 0x300);
OFFSET(KUSER_SHARED_DATA, TickCountQuad, 0x320);
OFFSET(KUSER_SHARED_DATA, ActiveProcessorCount, 0x3C0);
