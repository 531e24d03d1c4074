/*
 * A driver's parameters in the registry. The INF put them there (AddReg and Ndi\params), mostly as strings, and
 * NdisReadConfiguration returns them in the type that the driver asks for where a conversion is defined: a REG_SZ of
 * digits becomes an integer, decimal for NdisParameterInteger and hexadecimal for NdisParameterHexInteger. Everything
 * that a configuration handle returned stays valid until the handle is closed. Pages: "NdisReadConfiguration function",
 * "NdisWriteConfiguration function", "NdisReadNetworkAddress function".
 */
#include <stdio.h>
#include <string.h>
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#define CONFIGURATION_MAGIC 0x47464e43u /* "CNFG" */
#define PATH_MAXIMUM        1024

/* NDIS_PROCESSOR_TYPE, the answer to the predefined keyword ProcessorType. */
#define NDIS_PROCESSOR_AMD64 8

/* What one read returned: the parameter and, behind it, what it points to. */
struct result {
    struct result *next;
    NDIS_CONFIGURATION_PARAMETER parameter;
    UCHAR data[] __attribute__((aligned(8)));
};

struct configuration {
    uint32_t magic;
    HANDLE key;
    struct result *results;
};

static struct configuration *from_handle(NDIS_HANDLE handle, const char *function)
{
    struct configuration *configuration = handle;
    if (!configuration || configuration->magic != CONFIGURATION_MAGIC)
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x21, (ULONG_PTR)handle, (ULONG_PTR)__builtin_return_address(0), 0, NULL,
                         "%s: %p is not an open configuration handle", function, handle);
    return configuration;
}

static NDIS_STATUS make_configuration(HANDLE key, NDIS_HANDLE *handle, const void *caller)
{
    struct configuration *configuration = ex_pool_allocate(0, sizeof(*configuration), NDIS_LIBRARY_TAG, caller);
    if (!configuration) {
        ZwClose(key);
        return NDIS_STATUS_RESOURCES;
    }
    configuration->magic = CONFIGURATION_MAGIC;
    configuration->key = key;
    *handle = configuration;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS open_path(const char *path, NDIS_HANDLE *configuration, const void *caller)
{
    struct cm_key *key;
    HANDLE handle;
    *configuration = NULL;
    if (!NT_SUCCESS(cm_open(NULL, path, &key)))
        return NDIS_STATUS_FAILURE;
    NTSTATUS status = cm_open_handle(key, KEY_READ | KEY_WRITE, &handle);
    cm_close(key);
    return NT_SUCCESS(status) ? make_configuration(handle, configuration, caller) : NDIS_STATUS_FAILURE;
}

NDIS_STATUS ndis_configuration_open(const char *path, NDIS_HANDLE *configuration)
{
    return open_path(path, configuration, ndis_configuration_open);
}

NDIS_STATUS NTAPI NdisOpenConfigurationEx(PNDIS_CONFIGURATION_OBJECT ConfigObject, PNDIS_HANDLE ConfigurationHandle)
{
    char path[PATH_MAXIMUM];
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *ConfigurationHandle = NULL;
    if (ConfigObject->Header.Type != NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT ||
        ConfigObject->Header.Size < NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1)
        return NDIS_STATUS_FAILURE;
    NDIS_STATUS status = ndis_configuration_key_path(ConfigObject->NdisHandle, ConfigObject->Flags, path, sizeof(path));
    if (status != NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_FAILURE;
    return open_path(path, ConfigurationHandle, __builtin_return_address(0));
}
NT_EXPORT(NdisOpenConfigurationEx);

/* A protocol driver's parameters of one adapter: ProtocolSection is the path that came with the binding. */
VOID NTAPI NdisOpenProtocolConfiguration(PNDIS_STATUS Status, PNDIS_HANDLE ConfigurationHandle,
                                         PNDIS_STRING ProtocolSection)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    OBJECT_ATTRIBUTES attributes;
    HANDLE key;
    *ConfigurationHandle = NULL;
    InitializeObjectAttributes(&attributes, ProtocolSection, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    *Status = NT_SUCCESS(ZwOpenKey(&key, KEY_READ | KEY_WRITE, &attributes))
                  ? make_configuration(key, ConfigurationHandle, __builtin_return_address(0))
                  : NDIS_STATUS_FAILURE;
}
NT_EXPORT(NdisOpenProtocolConfiguration);

static NDIS_STATUS open_below(struct configuration *configuration, PUNICODE_STRING name, NDIS_HANDLE *handle,
                              const void *caller)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE key;
    *handle = NULL;
    InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, configuration->key, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&key, KEY_READ | KEY_WRITE, &attributes)))
        return NDIS_STATUS_FAILURE;
    return make_configuration(key, handle, caller);
}

VOID NTAPI NdisOpenConfigurationKeyByName(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING SubKeyName,
                                          PNDIS_HANDLE SubKeyHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    *Status =
        open_below(from_handle(ConfigurationHandle, __func__), SubKeyName, SubKeyHandle, __builtin_return_address(0));
}
NT_EXPORT(NdisOpenConfigurationKeyByName);

static struct result *add_result(struct configuration *configuration, size_t data_size, const void *caller)
{
    struct result *result = ex_pool_allocate(0, sizeof(*result) + data_size, NDIS_LIBRARY_TAG, caller);
    if (result) {
        result->next = configuration->results;
        configuration->results = result;
    }
    return result;
}

/* KeyName's buffer belongs to the configuration handle, like all that is returned through it. */
VOID NTAPI NdisOpenConfigurationKeyByIndex(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, ULONG Index,
                                           PNDIS_STRING KeyName, PNDIS_HANDLE KeyHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct configuration *configuration = from_handle(ConfigurationHandle, __func__);
    UCHAR buffer[sizeof(KEY_BASIC_INFORMATION) + 256 * sizeof(WCHAR)] __attribute__((aligned(8)));
    PKEY_BASIC_INFORMATION basic = (PKEY_BASIC_INFORMATION)buffer;
    ULONG size;
    *KeyHandle = NULL;
    *Status = NDIS_STATUS_FAILURE;
    if (!NT_SUCCESS(ZwEnumerateKey(configuration->key, Index, KeyBasicInformation, basic, sizeof(buffer), &size)))
        return;
    struct result *result = add_result(configuration, basic->NameLength + sizeof(WCHAR), __builtin_return_address(0));
    if (!result)
        return;
    memcpy(result->data, basic->Name, basic->NameLength);
    KeyName->Buffer = (PWCH)result->data;
    KeyName->Length = (USHORT)basic->NameLength;
    KeyName->MaximumLength = (USHORT)(basic->NameLength + sizeof(WCHAR));
    *Status = open_below(configuration, KeyName, KeyHandle, __builtin_return_address(0));
}
NT_EXPORT(NdisOpenConfigurationKeyByIndex);

VOID NTAPI NdisCloseConfiguration(NDIS_HANDLE ConfigurationHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    struct configuration *configuration = from_handle(ConfigurationHandle, __func__);
    while (configuration->results) {
        struct result *result = configuration->results;
        configuration->results = result->next;
        ex_pool_free(result, NDIS_LIBRARY_TAG, __builtin_return_address(0));
    }
    ZwClose(configuration->key);
    configuration->magic = 0;
    ex_pool_free(configuration, NDIS_LIBRARY_TAG, __builtin_return_address(0));
}
NT_EXPORT(NdisCloseConfiguration);

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* RtlUnicodeStringToInteger's rules: blanks, a sign, 0x 0o 0b, digits until the first that is none. False: no digit at
 * all. */
static bool parse_integer(const WCHAR *text, size_t units, unsigned base, ULONG *value)
{
    size_t at = 0;
    bool negative = false, digits = false;
    while (at < units && (text[at] == ' ' || text[at] == '\t'))
        at++;
    if (at < units && (text[at] == '-' || text[at] == '+'))
        negative = text[at++] == '-';
    if (at + 1 < units && text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X')) {
        base = 16;
        at += 2;
    }
    ULONG number = 0;
    for (; at < units; at++) {
        WCHAR c = text[at];
        unsigned digit = 16;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        if (digit >= base)
            break;
        number = number * base + digit;
        digits = true;
    }
    *value = negative ? 0 - number : number;
    return digits;
}

/* The length in bytes of a REG_SZ without its terminators. */
static ULONG string_length(const KEY_VALUE_PARTIAL_INFORMATION *value)
{
    const WCHAR *text = (const WCHAR *)value->Data;
    ULONG units = value->DataLength / sizeof(WCHAR);
    while (units && !text[units - 1])
        units--;
    return units * sizeof(WCHAR);
}

static NDIS_STATUS return_bytes(struct configuration *configuration, NDIS_PARAMETER_TYPE type, const void *data,
                                ULONG size, PNDIS_CONFIGURATION_PARAMETER *parameter, const void *caller)
{
    if (size > MAXUSHORT - 2 * sizeof(WCHAR))
        return NDIS_STATUS_RESOURCES;
    struct result *result = add_result(configuration, size + 2 * sizeof(WCHAR), caller);
    if (!result)
        return NDIS_STATUS_RESOURCES;
    memcpy(result->data, data, size);
    result->parameter.ParameterType = type;
    if (type == NdisParameterBinary) {
        result->parameter.ParameterData.BinaryData.Length = (USHORT)size;
        result->parameter.ParameterData.BinaryData.Buffer = result->data;
    } else {
        result->parameter.ParameterData.StringData.Length = (USHORT)size;
        result->parameter.ParameterData.StringData.MaximumLength = (USHORT)(size + sizeof(WCHAR));
        result->parameter.ParameterData.StringData.Buffer = (PWCH)result->data;
    }
    *parameter = &result->parameter;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS return_integer(struct configuration *configuration, NDIS_PARAMETER_TYPE type, ULONG value,
                                  PNDIS_CONFIGURATION_PARAMETER *parameter, const void *caller)
{
    struct result *result = add_result(configuration, 0, caller);
    if (!result)
        return NDIS_STATUS_RESOURCES;
    result->parameter.ParameterType = type;
    result->parameter.ParameterData.IntegerData = value;
    *parameter = &result->parameter;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS return_value(struct configuration *configuration, const KEY_VALUE_PARTIAL_INFORMATION *value,
                                NDIS_PARAMETER_TYPE wanted, PNDIS_CONFIGURATION_PARAMETER *parameter,
                                const void *caller)
{
    bool integer_wanted = wanted == NdisParameterInteger || wanted == NdisParameterHexInteger;
    ULONG number;
    switch (value->Type) {
    case REG_DWORD:
        if (value->DataLength != sizeof(ULONG))
            return NDIS_STATUS_FAILURE;
        memcpy(&number, value->Data, sizeof(number));
        return return_integer(configuration, wanted == NdisParameterHexInteger ? wanted : NdisParameterInteger, number,
                              parameter, caller);
    case REG_SZ:
    case REG_EXPAND_SZ:
        if (integer_wanted) {
            if (!parse_integer((const WCHAR *)value->Data, string_length(value) / sizeof(WCHAR),
                               wanted == NdisParameterHexInteger ? 16 : 10, &number))
                return NDIS_STATUS_FAILURE;
            return return_integer(configuration, wanted, number, parameter, caller);
        }
        return return_bytes(configuration, NdisParameterString, value->Data, string_length(value), parameter, caller);
    case REG_MULTI_SZ:
        return return_bytes(configuration, NdisParameterMultiString, value->Data, value->DataLength, parameter, caller);
    case REG_BINARY:
        return return_bytes(configuration, NdisParameterBinary, value->Data, value->DataLength, parameter, caller);
    default:
        return NDIS_STATUS_FAILURE;
    }
}

/* The value as the registry stores it, from the pool; NULL when there is none (*status FAILURE or RESOURCES). */
static PKEY_VALUE_PARTIAL_INFORMATION query_value(struct configuration *configuration, PUNICODE_STRING name,
                                                  NDIS_STATUS *status)
{
    ULONG size = 0;
    *status = NDIS_STATUS_FAILURE;
    NTSTATUS nt_status = ZwQueryValueKey(configuration->key, name, KeyValuePartialInformation, NULL, 0, &size);
    if (nt_status != STATUS_BUFFER_TOO_SMALL && nt_status != STATUS_BUFFER_OVERFLOW)
        return NULL;
    PKEY_VALUE_PARTIAL_INFORMATION value = ex_pool_allocate(0, size, NDIS_LIBRARY_TAG, query_value);
    if (!value) {
        *status = NDIS_STATUS_RESOURCES;
        return NULL;
    }
    if (!NT_SUCCESS(ZwQueryValueKey(configuration->key, name, KeyValuePartialInformation, value, size, &size))) {
        ex_pool_free(value, NDIS_LIBRARY_TAG, query_value);
        return NULL;
    }
    *status = NDIS_STATUS_SUCCESS;
    return value;
}

static bool keyword_is(PCUNICODE_STRING keyword, const WCHAR *name)
{
    UNICODE_STRING other;
    RtlInitUnicodeString(&other, name);
    return RtlEqualUnicodeString(keyword, &other, TRUE);
}

VOID NTAPI NdisReadConfiguration(PNDIS_STATUS Status, PNDIS_CONFIGURATION_PARAMETER *ParameterValue,
                                 NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword,
                                 NDIS_PARAMETER_TYPE ParameterType)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    struct configuration *configuration = from_handle(ConfigurationHandle, __func__);
    const void *caller = __builtin_return_address(0);
    *ParameterValue = NULL;
    if (keyword_is(Keyword, L"ProcessorType")) {
        *Status = return_integer(configuration, NdisParameterInteger, NDIS_PROCESSOR_AMD64, ParameterValue, caller);
        return;
    }
    if (keyword_is(Keyword, L"NdisVersion")) {
        *Status = return_integer(configuration, NdisParameterInteger, NdisGetVersion(), ParameterValue, caller);
        return;
    }
    PKEY_VALUE_PARTIAL_INFORMATION value = query_value(configuration, Keyword, Status);
    if (!value)
        return;
    *Status = return_value(configuration, value, ParameterType, ParameterValue, caller);
    ex_pool_free(value, NDIS_LIBRARY_TAG, caller);
}
NT_EXPORT(NdisReadConfiguration);

/* Pairs of hexadecimal digits with any hyphens between them. False: something else, or a half pair. */
static bool parse_address(const WCHAR *text, size_t units, UCHAR *address, UINT *length)
{
    unsigned digits = 0, byte = 0;
    *length = 0;
    for (size_t i = 0; i < units; i++) {
        ULONG digit;
        if (text[i] == '-')
            continue;
        if (!parse_integer(text + i, 1, 16, &digit))
            return false;
        byte = byte << 4 | digit;
        if (++digits % 2 == 0) {
            address[(*length)++] = (UCHAR)byte;
            byte = 0;
        }
    }
    return digits && digits % 2 == 0;
}

VOID NTAPI NdisReadNetworkAddress(PNDIS_STATUS Status, PVOID *NetworkAddress, PUINT NetworkAddressLength,
                                  NDIS_HANDLE ConfigurationHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    struct configuration *configuration = from_handle(ConfigurationHandle, __func__);
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, L"NetworkAddress");
    *NetworkAddressLength = 0;
    PKEY_VALUE_PARTIAL_INFORMATION value = query_value(configuration, &name, Status);
    if (!value)
        return;
    *Status = NDIS_STATUS_FAILURE;
    if (value->Type == REG_SZ) {
        size_t units = string_length(value) / sizeof(WCHAR);
        struct result *result = add_result(configuration, units / 2 + 1, __builtin_return_address(0));
        if (result && parse_address((const WCHAR *)value->Data, units, result->data, NetworkAddressLength)) {
            *NetworkAddress = result->data;
            *Status = NDIS_STATUS_SUCCESS;
        }
    }
    ex_pool_free(value, NDIS_LIBRARY_TAG, __builtin_return_address(0));
}
NT_EXPORT(NdisReadNetworkAddress);

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static NTSTATUS write_string(HANDLE key, PUNICODE_STRING keyword, ULONG type, PUNICODE_STRING string)
{
    size_t size = string->Length + sizeof(WCHAR);
    PWCH text = ex_pool_allocate(0, size, NDIS_LIBRARY_TAG, write_string);
    if (!text)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(text, string->Buffer, string->Length);
    NTSTATUS status = ZwSetValueKey(key, keyword, 0, type, text, (ULONG)size);
    ex_pool_free(text, NDIS_LIBRARY_TAG, write_string);
    return status;
}

static NTSTATUS write_value(HANDLE key, PUNICODE_STRING keyword, PNDIS_CONFIGURATION_PARAMETER parameter)
{
    ULONG number = parameter->ParameterData.IntegerData;
    WCHAR digits[16];
    char text[16];
    UNICODE_STRING hex = {0, sizeof(digits), digits};
    switch (parameter->ParameterType) {
    case NdisParameterInteger:
        return ZwSetValueKey(key, keyword, 0, REG_DWORD, &number, sizeof(number));
    case NdisParameterHexInteger:
        snprintf(text, sizeof(text), "%x", number);
        hex.Length = (USHORT)(cm_to_utf16(text, digits, RTL_NUMBER_OF(digits)) * sizeof(WCHAR));
        return write_string(key, keyword, REG_SZ, &hex);
    case NdisParameterString:
        return write_string(key, keyword, REG_SZ, &parameter->ParameterData.StringData);
    case NdisParameterMultiString:
        return ZwSetValueKey(key, keyword, 0, REG_MULTI_SZ, parameter->ParameterData.StringData.Buffer,
                             parameter->ParameterData.StringData.Length);
    case NdisParameterBinary:
        return ZwSetValueKey(key, keyword, 0, REG_BINARY, parameter->ParameterData.BinaryData.Buffer,
                             parameter->ParameterData.BinaryData.Length);
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

VOID NTAPI NdisWriteConfiguration(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword,
                                  PNDIS_CONFIGURATION_PARAMETER ParameterValue)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    struct configuration *configuration = from_handle(ConfigurationHandle, __func__);
    NTSTATUS status = write_value(configuration->key, Keyword, ParameterValue);
    *Status = NT_SUCCESS(status)                        ? NDIS_STATUS_SUCCESS
              : status == STATUS_NOT_SUPPORTED          ? NDIS_STATUS_NOT_SUPPORTED
              : status == STATUS_INSUFFICIENT_RESOURCES ? NDIS_STATUS_RESOURCES
                                                        : NDIS_STATUS_FAILURE;
}
NT_EXPORT(NdisWriteConfiguration);
