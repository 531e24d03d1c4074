/*
 * What Microsoft's linker puts into a driver built with /GS and /guard:cf, written out: a load configuration that names
 * the security cookie and the two pointers that guarded indirect calls go through.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

#define EXPORT         __declspec(dllexport)
#define DEFAULT_COOKIE 0x00002B992DDFA232ull

static volatile ULONG64 SecurityCookie = DEFAULT_COOKIE;

static void NotSet(void) {}

/* In read-only memory, as the linker puts them. */
__declspec(allocate(".00cfg")) void *const GuardCheck = (void *)NotSet;
__declspec(allocate(".00cfg")) void *const GuardDispatch = (void *)NotSet;
#pragma section(".00cfg", read)

struct LOAD_CONFIG {
    ULONG Size;
    UCHAR Reserved[84];
    const volatile void *SecurityCookie;
    UCHAR Reserved2[16];
    const void *const *GuardCheck;
    const void *const *GuardDispatch;
    UCHAR Reserved3[64];
};

const struct LOAD_CONFIG _load_config_used = {
    .Size = sizeof(struct LOAD_CONFIG),
    .SecurityCookie = &SecurityCookie,
    .GuardCheck = (const void *const *)&GuardCheck,
    .GuardDispatch = (const void *const *)&GuardDispatch,
};

EXPORT ULONG64 ReadCookie(void)
{
    return SecurityCookie;
}

static LONG Add(LONG A, LONG B)
{
    return A + B;
}

/* A call as the compiler makes it under /guard:cf: first with the check, then with the dispatch. */
EXPORT LONG GuardedCalls(void)
{
    void *check = *(void *const volatile *)&GuardCheck, *dispatch = *(void *const volatile *)&GuardDispatch;
    ULONG64 target = (ULONG64)Add, first = (ULONG64)Add, second = 1;
    __asm__ volatile("subq $0x28, %%rsp\n\tcall *%3\n\tmovl $20, %%ecx\n\tcall *%0\n\taddq $0x28, %%rsp"
                     : "+a"(target), "+c"(first), "+d"(second)
                     : "r"(check)
                     : "r8", "r9", "r10", "r11", "memory", "cc");
    second = (ULONG)target;
    target = (ULONG64)Add;
    first = 2;
    __asm__ volatile("subq $0x28, %%rsp\n\tcall *%3\n\taddq $0x28, %%rsp"
                     : "+a"(target), "+c"(first), "+d"(second)
                     : "r"(dispatch)
                     : "r8", "r9", "r10", "r11", "memory", "cc");
    return (LONG)target;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return SecurityCookie == DEFAULT_COOKIE ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}
