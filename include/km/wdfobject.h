/*
 * What every framework object has: attributes at creation, context memory of types that the driver declares, a
 * reference count, and deletion with its two callbacks. "Framework Object Life Cycle", "Framework Object Context Space"
 */
#ifndef _WDFOBJECT_H_
#define _WDFOBJECT_H_

#include <wdfglobals.h>

NDISKIT_EXTERN_C_BEGIN

/* The object is being deleted: release what was taken with WdfObjectReference. */
typedef VOID(NTAPI EVT_WDF_OBJECT_CONTEXT_CLEANUP)(_In_ WDFOBJECT Object);
typedef EVT_WDF_OBJECT_CONTEXT_CLEANUP *PFN_WDF_OBJECT_CONTEXT_CLEANUP;
/* The last reference is gone; the contexts go next. */
typedef VOID(NTAPI EVT_WDF_OBJECT_CONTEXT_DESTROY)(_In_ WDFOBJECT Object);
typedef EVT_WDF_OBJECT_CONTEXT_DESTROY *PFN_WDF_OBJECT_CONTEXT_DESTROY;

typedef const struct _WDF_OBJECT_CONTEXT_TYPE_INFO *PCWDF_OBJECT_CONTEXT_TYPE_INFO;
typedef PCWDF_OBJECT_CONTEXT_TYPE_INFO(NTAPI *PFN_GET_UNIQUE_CONTEXT_TYPE)(VOID);

/* The highest IRQL of an object's callbacks. "WDF_EXECUTION_LEVEL enumeration" */
typedef enum _WDF_EXECUTION_LEVEL {
    WdfExecutionLevelInvalid = 0x00,
    WdfExecutionLevelInheritFromParent,
    WdfExecutionLevelPassive,
    WdfExecutionLevelDispatch,
} WDF_EXECUTION_LEVEL;

/* Which callbacks run one at a time. "WDF_SYNCHRONIZATION_SCOPE enumeration" */
typedef enum _WDF_SYNCHRONIZATION_SCOPE {
    WdfSynchronizationScopeInvalid = 0x00,
    WdfSynchronizationScopeInheritFromParent,
    WdfSynchronizationScopeDevice,
    WdfSynchronizationScopeQueue,
    WdfSynchronizationScopeNone,
} WDF_SYNCHRONIZATION_SCOPE;

typedef struct _WDF_OBJECT_ATTRIBUTES {
    ULONG Size;
    PFN_WDF_OBJECT_CONTEXT_CLEANUP EvtCleanupCallback;
    PFN_WDF_OBJECT_CONTEXT_DESTROY EvtDestroyCallback;
    WDF_EXECUTION_LEVEL ExecutionLevel;
    WDF_SYNCHRONIZATION_SCOPE SynchronizationScope;
    WDFOBJECT ParentObject;
    size_t ContextSizeOverride; /* larger than the type's own size: room behind the structure */
    PCWDF_OBJECT_CONTEXT_TYPE_INFO ContextTypeInfo;
} WDF_OBJECT_ATTRIBUTES, *PWDF_OBJECT_ATTRIBUTES;

#define WDF_NO_OBJECT_ATTRIBUTES ((PWDF_OBJECT_ATTRIBUTES)NULL)
#define WDF_NO_EVENT_CALLBACK    (NULL)
#define WDF_NO_HANDLE            (NULL)
#define WDF_NO_CONTEXT           (NULL)
#define WDF_NO_SEND_OPTIONS      (NULL)

/* "WDF_OBJECT_ATTRIBUTES_INIT function" */
NDISKIT_INLINE VOID WDF_OBJECT_ATTRIBUTES_INIT(_Out_ PWDF_OBJECT_ATTRIBUTES Attributes)
{
    RtlZeroMemory(Attributes, sizeof(WDF_OBJECT_ATTRIBUTES));
    Attributes->Size = sizeof(WDF_OBJECT_ATTRIBUTES);
    Attributes->ExecutionLevel = WdfExecutionLevelInheritFromParent;
    Attributes->SynchronizationScope = WdfSynchronizationScopeInheritFromParent;
}

/* ---- context types ------------------------------------------------------------------------------------------------
 */

typedef struct _WDF_OBJECT_CONTEXT_TYPE_INFO {
    ULONG Size;
    PCHAR ContextName;
    size_t ContextSize;
    PCWDF_OBJECT_CONTEXT_TYPE_INFO UniqueType; /* what identifies the type */
    PFN_GET_UNIQUE_CONTEXT_TYPE EvtDriverGetUniqueContextType;
} WDF_OBJECT_CONTEXT_TYPE_INFO, *PWDF_OBJECT_CONTEXT_TYPE_INFO;

#define WDF_TYPE_NAME_TO_TYPE_INFO(_contexttype)   _WDF_##_contexttype##_TYPE_INFO
#define WDF_TYPE_NAME_POINTER_TYPE(_contexttype)   WDF_POINTER_TYPE_##_contexttype
#define WDF_TYPE_NAME_TO_EXTERN_INIT(_contexttype) _contexttype##_EXTERN_INIT
#define WDF_TYPE_DEFAULT_SECTION_NAME              ".data"
#define WDF_GET_CONTEXT_TYPE_INFO(_contexttype)    (&WDF_TYPE_NAME_TO_TYPE_INFO(_contexttype))

/* One definition in each translation unit, of which the linker keeps one: the address is the type's identity. The
 * compilers want "any of them will do" said in different places. */
#ifdef NDISKIT_PE
#define WDF_TYPE_INFO_DECLARE extern const WDF_OBJECT_CONTEXT_TYPE_INFO
#define WDF_TYPE_INFO_DEFINE  DECLSPEC_SELECTANY const WDF_OBJECT_CONTEXT_TYPE_INFO
#else
#define WDF_TYPE_INFO_DECLARE extern DECLSPEC_SELECTANY const WDF_OBJECT_CONTEXT_TYPE_INFO
#define WDF_TYPE_INFO_DEFINE  const WDF_OBJECT_CONTEXT_TYPE_INFO
#endif

#define WDF_DECLARE_TYPE_AND_GLOBALS(_contexttype, _GetUniqueType)                                                     \
    typedef _contexttype *WDF_TYPE_NAME_POINTER_TYPE(_contexttype);                                                    \
    WDF_TYPE_INFO_DECLARE WDF_TYPE_NAME_TO_TYPE_INFO(_contexttype);                                                    \
    WDF_TYPE_INFO_DEFINE WDF_TYPE_NAME_TO_TYPE_INFO(_contexttype) = {                                                  \
        sizeof(WDF_OBJECT_CONTEXT_TYPE_INFO), (PCHAR) #_contexttype, sizeof(_contexttype),                             \
        WDF_GET_CONTEXT_TYPE_INFO(_contexttype), _GetUniqueType}

#define WDF_DECLARE_CASTING_FUNCTION(_contexttype, _castingfunction)                                                   \
    NDISKIT_INLINE WDF_TYPE_NAME_POINTER_TYPE(_contexttype) _castingfunction(_In_ WDFOBJECT Handle)                    \
    {                                                                                                                  \
        return (WDF_TYPE_NAME_POINTER_TYPE(_contexttype))WdfObjectGetTypedContextWorker(                               \
            Handle, WDF_GET_CONTEXT_TYPE_INFO(_contexttype)->UniqueType);                                              \
    }

/* A context type and WdfObjectGet_<type>. "WDF_DECLARE_CONTEXT_TYPE macro" */
#define WDF_DECLARE_CONTEXT_TYPE(_contexttype)                                                                         \
    WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(_contexttype, WdfObjectGet_##_contexttype)
#define WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(_contexttype, _castingfunction)                                             \
    WDF_DECLARE_TYPE_AND_GLOBALS(_contexttype, NULL);                                                                  \
    WDF_DECLARE_CASTING_FUNCTION(_contexttype, _castingfunction)

#define WdfObjectGetTypedContext(handle, type)                                                                         \
    ((type *)WdfObjectGetTypedContextWorker((WDFOBJECT)(handle), WDF_GET_CONTEXT_TYPE_INFO(type)->UniqueType))

#define WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(_attributes, _contexttype)                                              \
    ((_attributes)->ContextTypeInfo = WDF_GET_CONTEXT_TYPE_INFO(_contexttype)->UniqueType)

#define WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(_attributes, _contexttype)                                             \
    (WDF_OBJECT_ATTRIBUTES_INIT(_attributes), WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(_attributes, _contexttype))

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef PVOID(NTAPI *PFN_WDFOBJECTGETTYPEDCONTEXTWORKER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Handle,
                                                         _In_ PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo);

NDISKIT_INLINE PVOID WdfObjectGetTypedContextWorker(_In_ WDFOBJECT Handle, _In_ PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo)
{
    return ((PFN_WDFOBJECTGETTYPEDCONTEXTWORKER)WdfFunctions[WdfObjectGetTypedContextWorkerTableIndex])(
        WdfDriverGlobals, Handle, TypeInfo);
}

typedef NTSTATUS(NTAPI *PFN_WDFOBJECTALLOCATECONTEXT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Handle,
                                                      _In_ PWDF_OBJECT_ATTRIBUTES ContextAttributes,
                                                      _Outptr_opt_ PVOID *Context);

NDISKIT_INLINE NTSTATUS WdfObjectAllocateContext(_In_ WDFOBJECT Handle, _In_ PWDF_OBJECT_ATTRIBUTES ContextAttributes,
                                                 _Outptr_opt_ PVOID *Context)
{
    return ((PFN_WDFOBJECTALLOCATECONTEXT)WdfFunctions[WdfObjectAllocateContextTableIndex])(WdfDriverGlobals, Handle,
                                                                                            ContextAttributes, Context);
}

typedef WDFOBJECT(NTAPI *PFN_WDFOBJECTCONTEXTGETOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ PVOID ContextPointer);

NDISKIT_INLINE WDFOBJECT WdfObjectContextGetObject(_In_ PVOID ContextPointer)
{
    return ((PFN_WDFOBJECTCONTEXTGETOBJECT)WdfFunctions[WdfObjectContextGetObjectTableIndex])(WdfDriverGlobals,
                                                                                              ContextPointer);
}

typedef VOID(NTAPI *PFN_WDFOBJECTREFERENCEACTUAL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Handle,
                                                  _In_opt_ PVOID Tag, _In_ LONG Line, _In_ PCCH File);

NDISKIT_INLINE VOID WdfObjectReferenceActual(_In_ WDFOBJECT Handle, _In_opt_ PVOID Tag, _In_ LONG Line, _In_ PCCH File)
{
    ((PFN_WDFOBJECTREFERENCEACTUAL)WdfFunctions[WdfObjectReferenceActualTableIndex])(WdfDriverGlobals, Handle, Tag,
                                                                                     Line, File);
}

typedef VOID(NTAPI *PFN_WDFOBJECTDEREFERENCEACTUAL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Handle,
                                                    _In_opt_ PVOID Tag, _In_ LONG Line, _In_ PCCH File);

NDISKIT_INLINE VOID WdfObjectDereferenceActual(_In_ WDFOBJECT Handle, _In_opt_ PVOID Tag, _In_ LONG Line,
                                               _In_ PCCH File)
{
    ((PFN_WDFOBJECTDEREFERENCEACTUAL)WdfFunctions[WdfObjectDereferenceActualTableIndex])(WdfDriverGlobals, Handle, Tag,
                                                                                         Line, File);
}

#define WdfObjectReference(Handle)               WdfObjectReferenceActual(Handle, NULL, __LINE__, __FILE__)
#define WdfObjectReferenceWithTag(Handle, Tag)   WdfObjectReferenceActual(Handle, Tag, __LINE__, __FILE__)
#define WdfObjectDereference(Handle)             WdfObjectDereferenceActual(Handle, NULL, __LINE__, __FILE__)
#define WdfObjectDereferenceWithTag(Handle, Tag) WdfObjectDereferenceActual(Handle, Tag, __LINE__, __FILE__)

typedef NTSTATUS(NTAPI *PFN_WDFOBJECTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFOBJECT *Object);

NDISKIT_INLINE NTSTATUS WdfObjectCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFOBJECT *Object)
{
    return ((PFN_WDFOBJECTCREATE)WdfFunctions[WdfObjectCreateTableIndex])(WdfDriverGlobals, Attributes, Object);
}

typedef VOID(NTAPI *PFN_WDFOBJECTDELETE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Object);

NDISKIT_INLINE VOID WdfObjectDelete(_In_ WDFOBJECT Object)
{
    ((PFN_WDFOBJECTDELETE)WdfFunctions[WdfObjectDeleteTableIndex])(WdfDriverGlobals, Object);
}

typedef NTSTATUS(NTAPI *PFN_WDFOBJECTQUERY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Object,
                                            _In_ const GUID *Guid, _In_ ULONG QueryBufferLength,
                                            _Out_ PVOID QueryBuffer);

NDISKIT_INLINE NTSTATUS WdfObjectQuery(_In_ WDFOBJECT Object, _In_ const GUID *Guid, _In_ ULONG QueryBufferLength,
                                       _Out_ PVOID QueryBuffer)
{
    return ((PFN_WDFOBJECTQUERY)WdfFunctions[WdfObjectQueryTableIndex])(WdfDriverGlobals, Object, Guid,
                                                                        QueryBufferLength, QueryBuffer);
}

/* ---- custom types: names, with data if need be, that a driver puts on objects. "Framework Object Custom Types"
 * ------- */

typedef struct _WDF_CUSTOM_TYPE_CONTEXT {
    ULONG Size;
    ULONG_PTR Data;
} WDF_CUSTOM_TYPE_CONTEXT, *PWDF_CUSTOM_TYPE_CONTEXT;

#define WDF_CUSTOM_TYPE_INFO(_customtype) _WDF_CUSTOM_##_customtype##_TYPE_INFO

#define WDF_DECLARE_CUSTOM_TYPE(_customtype)                                                                           \
    WDF_TYPE_INFO_DECLARE WDF_CUSTOM_TYPE_INFO(_customtype);                                                           \
    WDF_TYPE_INFO_DEFINE WDF_CUSTOM_TYPE_INFO(_customtype) = {sizeof(WDF_OBJECT_CONTEXT_TYPE_INFO),                    \
                                                              (PCHAR) #_customtype, sizeof(WDF_CUSTOM_TYPE_CONTEXT),   \
                                                              &WDF_CUSTOM_TYPE_INFO(_customtype), NULL};

NDISKIT_INLINE NTSTATUS WdfObjectAddCustomTypeWorker(_In_ WDFOBJECT Handle,
                                                     _In_ PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo, _In_ ULONG_PTR Data,
                                                     _In_opt_ PFN_WDF_OBJECT_CONTEXT_CLEANUP EvtCleanupCallback,
                                                     _In_opt_ PFN_WDF_OBJECT_CONTEXT_DESTROY EvtDestroyCallback)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    PWDF_CUSTOM_TYPE_CONTEXT context = NULL;
    NTSTATUS status;

    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ContextTypeInfo = TypeInfo;
    attributes.EvtCleanupCallback = EvtCleanupCallback;
    attributes.EvtDestroyCallback = EvtDestroyCallback;
    status = WdfObjectAllocateContext(Handle, &attributes, (PVOID *)&context);
    if (status == STATUS_SUCCESS) {
        context->Size = sizeof(*context);
        context->Data = Data;
    }
    return status;
}

NDISKIT_INLINE ULONG_PTR WdfObjectGetCustomTypeDataWorker(_In_ WDFOBJECT Handle,
                                                          _In_ PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo)
{
    PWDF_CUSTOM_TYPE_CONTEXT context = (PWDF_CUSTOM_TYPE_CONTEXT)WdfObjectGetTypedContextWorker(Handle, TypeInfo);
    return context != NULL ? context->Data : 0;
}

#define WdfObjectAddCustomType(_handle, _type)                                                                         \
    WdfObjectAddCustomTypeWorker((WDFOBJECT)(_handle), &WDF_CUSTOM_TYPE_INFO(_type), 0, NULL, NULL)
#define WdfObjectAddCustomTypeWithData(_handle, _type, _data, _cleanup, _destroy)                                      \
    WdfObjectAddCustomTypeWorker((WDFOBJECT)(_handle), &WDF_CUSTOM_TYPE_INFO(_type), (ULONG_PTR)(_data), _cleanup,     \
                                 _destroy)
#define WdfObjectIsCustomType(_handle, _type)                                                                          \
    ((BOOLEAN)(WdfObjectGetTypedContextWorker((WDFOBJECT)(_handle), &WDF_CUSTOM_TYPE_INFO(_type)) != NULL))
#define WdfObjectGetCustomTypeData(_handle, _type)                                                                     \
    WdfObjectGetCustomTypeDataWorker((WDFOBJECT)(_handle), &WDF_CUSTOM_TYPE_INFO(_type))

NDISKIT_EXTERN_C_END

#endif
