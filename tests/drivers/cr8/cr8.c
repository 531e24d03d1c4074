/*
 * Instructions that kernel code has inline and that only work in ring 0 of Windows: the IRQL in cr8, the processor
 * control region at gs, the shared user data page, and those that end in a bug check.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

#define EXPORT __declspec(dllexport)
#define SHARED 0xFFFFF78000000000ull

EXPORT ULONG64 ReadCr8(void)
{
    ULONG64 a, b, c;
    __asm__ volatile("movq %%cr8, %%rax\n\tmovq %%rax, %0" : "=r"(a) : : "rax");
    __asm__ volatile("movq %%cr8, %%r13\n\tmovq %%r13, %0" : "=r"(b) : : "r13");
    __asm__ volatile("movq %%cr8, %%rsi\n\tmovq %%rsi, %0" : "=r"(c) : : "rsi");
    return a == b && b == c ? a : ~0ull;
}

/* Writes cr8 from a register of the upper half; flags and all registers, vector registers too, must come back as they
 * were. */
EXPORT BOOLEAN WriteCr8(ULONG64 Irql)
{
    ULONG64 sum = 0, carry = 0;
    float lanes[4] = {1, 2, 3, 4}, after[4];
    __asm__ volatile("movups %4, %%xmm3\n\t"
                     "movq %3, %%r14\n\t"
                     "movl $1, %%eax\n\t movl $2, %%ecx\n\t movl $3, %%edx\n\t movl $4, %%r8d\n\t"
                     "movl $5, %%r9d\n\t movl $6, %%r10d\n\t movl $7, %%r11d\n\t movl $8, %%esi\n\t movl $9, %%edi\n\t"
                     "stc\n\t"
                     "movq %%r14, %%cr8\n\t"
                     "setc %b1\n\t"
                     "addq %%rcx, %%rax\n\t addq %%rdx, %%rax\n\t addq %%r8, %%rax\n\t addq %%r9, %%rax\n\t"
                     "addq %%r10, %%rax\n\t addq %%r11, %%rax\n\t addq %%rsi, %%rax\n\t addq %%rdi, %%rax\n\t"
                     "movq %%rax, %0\n\t"
                     "movups %%xmm3, %2"
                     : "=m"(sum), "+r"(carry), "=m"(after)
                     : "m"(Irql), "m"(lanes)
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r14", "xmm3", "cc", "memory");
    return sum == 45 && carry == 1 && after[0] == 1 && after[3] == 4;
}

EXPORT ULONG64 ReadGs(ULONG Offset)
{
    ULONG64 value;
    __asm__ volatile("movq %%gs:(%1), %0" : "=r"(value) : "r"((ULONG64)Offset));
    return value;
}

EXPORT ULONG ReadGs32(void)
{
    ULONG value;
    __asm__ volatile("movl %%gs:0x1a4, %0" : "=r"(value));
    return value;
}

EXPORT UCHAR ReadGs8(void)
{
    UCHAR value;
    __asm__ volatile("movb %%gs:0x184, %0" : "=r"(value));
    return value;
}

/* One load in each form; all must agree with the plain one, of a field that does not change. */
EXPORT ULONG SharedForms(ULONG Offset)
{
    ULONG64 page = SHARED, index = Offset, plain = 0, t = 0;
    ULONG wrong = 0;
    __asm__ volatile("movl (%1,%2), %k0" : "=r"(plain) : "r"(page), "r"(index));
    __asm__ volatile("movl (%1,%2), %k0" : "=r"(t) : "r"(index), "r"(page)); /* base and index exchanged */
    wrong |= t != plain ? 1 : 0;
    t = page + Offset; /* destination is the base */
    __asm__ volatile("movl (%0), %k0" : "+r"(t));
    wrong |= t != plain ? 2 : 0;
    t = page + Offset; /* the low byte of the base */
    __asm__ volatile("movb (%0), %b0" : "+a"(t));
    wrong |= t != (((page + Offset) & ~0xffull) | (plain & 0xff)) ? 4 : 0;
    __asm__ volatile("movzbl (%1,%2), %k0" : "=r"(t) : "r"(page), "r"(index));
    wrong |= t != (plain & 0xff) ? 8 : 0;
    __asm__ volatile("movswq (%1,%2), %0" : "=r"(t) : "r"(page), "r"(index));
    wrong |= t != (ULONG64)(LONG64)(SHORT)plain ? 0x10 : 0;
    __asm__ volatile("xorl %k0, %k0\n\tcmpl %k3, (%1,%2)\n\tsete %b0"
                     : "=&r"(t)
                     : "r"(page), "r"(index), "r"(plain)
                     : "cc");
    wrong |= t != 1 ? 0x20 : 0;
    __asm__ volatile("xorl %k0, %k0\n\ttestl %k3, (%1,%2)\n\tsetne %b0"
                     : "=&r"(t)
                     : "r"(page), "r"(index), "r"(plain)
                     : "cc");
    wrong |= t != (plain != 0) ? 0x40 : 0;
    t = 5;
    __asm__ volatile("addl (%1,%2), %k0" : "+r"(t) : "r"(page), "r"(index) : "cc");
    wrong |= (ULONG)t != (ULONG)plain + 5 ? 0x80 : 0;
    ULONG lanes[4] = {0};
    __asm__ volatile("movdqu (%0,%1), %%xmm2\n\tmovdqu %%xmm2, %2"
                     :
                     : "r"(page), "r"(index), "m"(lanes)
                     : "xmm2", "memory");
    wrong |= lanes[0] != (ULONG)plain ? 0x100 : 0;
    __asm__ volatile("movd (%1,%2), %%xmm4\n\tmovd %%xmm4, %k0" : "=r"(t) : "r"(page), "r"(index) : "xmm4");
    wrong |= (ULONG)t != (ULONG)plain ? 0x200 : 0;
    UCHAR copy[8] = {0};
    ULONG64 from = page + Offset, to = (ULONG64)copy, count = 8;
    __asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
    wrong |= *(ULONG *)copy != (ULONG)plain || from != page + Offset + 8 || count != 0 ? 0x400 : 0;
    __asm__ volatile("movabsl 0xFFFFF7800000026C, %%eax" : "=a"(t));
    ULONG major;
    __asm__ volatile("movl 0x26c(%1), %0" : "=r"(major) : "r"(page));
    wrong |= (ULONG)t != major ? 0x800 : 0;
    __asm__ volatile("pushq (%1,%2)\n\tpopq %0" : "=r"(t) : "r"(page), "r"(index));
    wrong |= (ULONG)t != (ULONG)plain ? 0x1000 : 0;
    return wrong;
}

EXPORT ULONG64 ReadShared(ULONG Offset)
{
    return *(volatile ULONG64 *)(SHARED + Offset);
}

EXPORT void WriteShared(void)
{
    *(volatile ULONG *)(SHARED + 0x30) = 1;
}

EXPORT void FastFail(ULONG Code)
{
    __asm__ volatile("int $0x29" : : "c"(Code));
}

EXPORT void Privileged(ULONG Kind)
{
    switch (Kind) {
    case 0:
        __asm__ volatile("cli");
        break;
    case 1:
        __asm__ volatile("hlt");
        break;
    case 2:
        __asm__ volatile("inb $0x60, %%al" : : : "rax");
        break;
    case 3:
        __asm__ volatile("rdmsr" : : "c"(0x10) : "rax", "rdx");
        break;
    case 4:
        __asm__ volatile("movq %%cr3, %%rax" : : : "rax");
        break;
    default:
        __asm__ volatile("wbinvd");
    }
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
