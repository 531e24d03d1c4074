/*
 * One list of facts about a set of headers, compiled into a section of fixed-size records, which cmake copies out of the
 * object file. The same list is compiled with our headers for Windows and for Linux, and with mingw-w64's as oracle, and
 * compare.c holds the three against each other. No code runs on the target.
 *
 * ABI_HEADER includes the headers, ABI_LIST is the list.
 */
#include ABI_HEADER

struct abi_record {
    char name[112];
    unsigned long long offset; /* of a field; value of a constant */
    unsigned long long size;   /* of a structure or field; 0 for constants and bit-fields */
};

#define ABI_STRUCT(type_)        {"struct " #type_, 0, sizeof(type_)},
#define ABI_FIELD(type_, field_) {#type_ "." #field_, __builtin_offsetof(type_, field_), sizeof(((type_ *)0)->field_)},
/* A last member without a size. */
#define ABI_OPEN(type_, field_)  {#type_ "." #field_, __builtin_offsetof(type_, field_), 0},
#define ABI_CONST(name_)         {"constant " #name_, (unsigned long long)(name_), 0},

#if defined(__clang__) && defined(_MSC_VER)
#pragma section("abi", read)
__declspec(allocate("abi"))
#else
__attribute__((section("abi"), used))
#endif
extern const struct abi_record abi_table[];

#if defined(__clang__) && defined(_MSC_VER)
__declspec(allocate("abi"))
#else
__attribute__((section("abi"), used))
#endif
const struct abi_record abi_table[] = {
#include ABI_LIST
};
