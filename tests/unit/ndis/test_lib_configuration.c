/*
 * Configuration handles over registry keys as INF files leave them: every type, conversions, lifetime, subkeys, and
 * network addresses.
 */
#include "ntoskrnl/cm/cm.h"
#include "tests/unit/ndis/library_test.h"

#define KEY CM_CLASS "\\{4d36e972-e325-11ce-bfc1-08002be10318}\\0000"

static NDIS_HANDLE configuration;

static NDIS_STRING name(const char *text)
{
    static WCHAR buffers[4][64];
    static unsigned turn;
    WCHAR *buffer = buffers[turn++ % 4];
    size_t units = cm_to_utf16(text, buffer, 64);
    return (NDIS_STRING){(USHORT)(units * 2), (USHORT)(units * 2 + 2), buffer};
}

static PNDIS_CONFIGURATION_PARAMETER read_value(const char *keyword, NDIS_PARAMETER_TYPE type, NDIS_STATUS expected)
{
    PNDIS_CONFIGURATION_PARAMETER parameter = (PVOID)1;
    NDIS_STATUS status = 1;
    NDIS_STRING string = name(keyword);
    NdisReadConfiguration(&status, &parameter, configuration, &string, type);
    assert_int_equal(status, expected);
    if (expected == NDIS_STATUS_SUCCESS)
        assert_non_null(parameter);
    return parameter;
}

static void assert_integer(const char *keyword, NDIS_PARAMETER_TYPE type, ULONG value)
{
    PNDIS_CONFIGURATION_PARAMETER parameter = read_value(keyword, type, NDIS_STATUS_SUCCESS);
    assert_int_equal(parameter->ParameterType, type);
    assert_int_equal(parameter->ParameterData.IntegerData, value);
}

static void set_string(const char *keyword, const char *value)
{
    assert_int_equal(cm_write_string(KEY, keyword, value), STATUS_SUCCESS);
}

static int open_key(void **state)
{
    (void)state;
    struct cm_key *key;
    if (cm_create(NULL, KEY, &key) != STATUS_SUCCESS)
        return -1;
    cm_close(key);
    return ndis_configuration_open(KEY, &configuration) == NDIS_STATUS_SUCCESS ? 0 : -1;
}

static int close_key(void **state)
{
    (void)state;
    NdisCloseConfiguration(configuration);
    return cm_delete_tree(NULL, KEY) == STATUS_SUCCESS ? 0 : -1;
}

static void integers(void **state)
{
    (void)state;
    cm_write_dword(KEY, "Dword", 0x1234);
    assert_integer("Dword", NdisParameterInteger, 0x1234);
    assert_integer("Dword", NdisParameterHexInteger, 0x1234);
    assert_integer("DWORD", NdisParameterInteger, 0x1234); /* names compare without case */

    set_string("*SpeedDuplex", "10");
    assert_integer("*SpeedDuplex", NdisParameterInteger, 10);
    assert_integer("*SpeedDuplex", NdisParameterHexInteger, 16);
    set_string("Spaces", "  42 trailing");
    assert_integer("Spaces", NdisParameterInteger, 42);
    set_string("Prefix", "0xFf");
    assert_integer("Prefix", NdisParameterInteger, 255);
    set_string("Negative", "-1");
    assert_integer("Negative", NdisParameterInteger, 0xFFFFFFFF);
    set_string("Letters", "beef");
    assert_integer("Letters", NdisParameterHexInteger, 0xBEEF);
    read_value("Letters", NdisParameterInteger, NDIS_STATUS_FAILURE);
    set_string("Empty", "");
    read_value("Empty", NdisParameterInteger, NDIS_STATUS_FAILURE);
}

static void strings_and_bytes(void **state)
{
    (void)state;
    set_string("Text", "hello");
    PNDIS_CONFIGURATION_PARAMETER text = read_value("Text", NdisParameterString, NDIS_STATUS_SUCCESS);
    assert_int_equal(text->ParameterType, NdisParameterString);
    assert_int_equal(text->ParameterData.StringData.Length, 10);
    assert_int_equal(text->ParameterData.StringData.Buffer[5], 0);

    static const char *const list[] = {"a", "bc"};
    struct cm_key *key;
    assert_int_equal(cm_open(NULL, KEY, &key), STATUS_SUCCESS);
    cm_set_multi_string(key, "List", list, 2);
    static const UCHAR bytes[] = {1, 2, 3, 4, 5};
    cm_set_value(key, "Bytes", REG_BINARY, bytes, sizeof(bytes));
    ULONG64 wide = 7;
    cm_set_value(key, "Wide", REG_QWORD, &wide, sizeof(wide));
    cm_set_value(key, "Short", REG_DWORD, bytes, 2);
    cm_set_value(key, "Odd", REG_SZ, bytes, 3); /* half a character too many, and no terminator */
    cm_close(key);

    PNDIS_CONFIGURATION_PARAMETER multi = read_value("List", NdisParameterMultiString, NDIS_STATUS_SUCCESS);
    assert_int_equal(multi->ParameterType, NdisParameterMultiString);
    assert_int_equal(multi->ParameterData.StringData.Length, (2 + 3 + 1) * sizeof(WCHAR));
    PNDIS_CONFIGURATION_PARAMETER binary = read_value("Bytes", NdisParameterBinary, NDIS_STATUS_SUCCESS);
    assert_int_equal(binary->ParameterData.BinaryData.Length, 5);
    assert_memory_equal(binary->ParameterData.BinaryData.Buffer, bytes, 5);
    read_value("Wide", NdisParameterInteger, NDIS_STATUS_FAILURE);
    read_value("Short", NdisParameterInteger, NDIS_STATUS_FAILURE);
    PNDIS_CONFIGURATION_PARAMETER odd = read_value("Odd", NdisParameterString, NDIS_STATUS_SUCCESS);
    assert_int_equal(odd->ParameterData.StringData.Length, 2);
    read_value("Missing", NdisParameterInteger, NDIS_STATUS_FAILURE);

    /* All of it is still what it was: nothing is freed before the handle is closed. */
    assert_int_equal(text->ParameterData.StringData.Buffer[0], 'h');
    assert_int_equal(multi->ParameterData.StringData.Buffer[0], 'a');
}

static void predefined_keywords(void **state)
{
    (void)state;
    PNDIS_CONFIGURATION_PARAMETER version = read_value("NdisVersion", NdisParameterInteger, NDIS_STATUS_SUCCESS);
    assert_int_equal(version->ParameterData.IntegerData >> 16, 6);
    read_value("ProcessorType", NdisParameterInteger, NDIS_STATUS_SUCCESS);
}

static void write_value(const char *keyword, NDIS_CONFIGURATION_PARAMETER parameter, NDIS_STATUS expected)
{
    NDIS_STATUS status;
    NDIS_STRING string = name(keyword);
    NdisWriteConfiguration(&status, configuration, &string, &parameter);
    assert_int_equal(status, expected);
}

static void writing(void **state)
{
    (void)state;
    char text[64];
    ULONG number;
    NDIS_CONFIGURATION_PARAMETER parameter = {.ParameterType = NdisParameterInteger, .ParameterData.IntegerData = 77};
    write_value("Number", parameter, NDIS_STATUS_SUCCESS);
    assert_int_equal(cm_read_dword(KEY, "Number", &number), STATUS_SUCCESS);
    assert_int_equal(number, 77);
    parameter.ParameterType = NdisParameterHexInteger;
    parameter.ParameterData.IntegerData = 0xABC;
    write_value("Hex", parameter, NDIS_STATUS_SUCCESS);
    assert_integer("Hex", NdisParameterHexInteger, 0xABC);
    parameter.ParameterType = NdisParameterString;
    parameter.ParameterData.StringData = name("value");
    write_value("String", parameter, NDIS_STATUS_SUCCESS);
    assert_int_equal(cm_read_string(KEY, "String", text, sizeof(text)), STATUS_SUCCESS);
    assert_string_equal(text, "value");
    parameter.ParameterType = NdisParameterBinary;
    parameter.ParameterData.BinaryData.Length = 3;
    parameter.ParameterData.BinaryData.Buffer = "xyz";
    write_value("Bytes", parameter, NDIS_STATUS_SUCCESS);
    assert_memory_equal(read_value("Bytes", NdisParameterBinary, NDIS_STATUS_SUCCESS)->ParameterData.BinaryData.Buffer,
                        "xyz", 3);
    parameter.ParameterType = 99;
    write_value("Nothing", parameter, NDIS_STATUS_NOT_SUPPORTED);
}

static void subkeys(void **state)
{
    (void)state;
    struct cm_key *key;
    assert_int_equal(cm_create(NULL, KEY "\\Ndi", &key), STATUS_SUCCESS);
    cm_close(key);
    cm_write_dword(KEY "\\Ndi", "Inner", 5);

    NDIS_STATUS status;
    NDIS_HANDLE outer = configuration, inner;
    NDIS_STRING string = name("ndi"), found;
    NdisOpenConfigurationKeyByName(&status, configuration, &string, &inner);
    assert_int_equal(status, NDIS_STATUS_SUCCESS);
    configuration = inner;
    assert_integer("Inner", NdisParameterInteger, 5);
    configuration = outer;
    NdisCloseConfiguration(inner);

    NdisOpenConfigurationKeyByIndex(&status, configuration, 0, &found, &inner);
    assert_int_equal(status, NDIS_STATUS_SUCCESS);
    assert_int_equal(found.Length, 6);
    assert_int_equal(found.Buffer[0], 'N');
    NdisCloseConfiguration(inner);
    NdisOpenConfigurationKeyByIndex(&status, configuration, 1, &found, &inner);
    assert_int_equal(status, NDIS_STATUS_FAILURE);
    string = name("absent");
    NdisOpenConfigurationKeyByName(&status, configuration, &string, &inner);
    assert_int_equal(status, NDIS_STATUS_FAILURE);
}

static void assert_address(const char *value, const char *expected, UINT length)
{
    NDIS_STATUS status;
    PVOID address;
    UINT got;
    set_string("NetworkAddress", value);
    NdisReadNetworkAddress(&status, &address, &got, configuration);
    if (!expected) {
        assert_int_equal(status, NDIS_STATUS_FAILURE);
        return;
    }
    assert_int_equal(status, NDIS_STATUS_SUCCESS);
    assert_int_equal(got, length);
    assert_memory_equal(address, expected, length);
}

static void network_address(void **state)
{
    (void)state;
    NDIS_STATUS status;
    PVOID address;
    UINT length;
    NdisReadNetworkAddress(&status, &address, &length, configuration);
    assert_int_equal(status, NDIS_STATUS_FAILURE);
    assert_address("02AbCdEf0123", "\x02\xAB\xCD\xEF\x01\x23", 6);
    assert_address("02-ab-cd-ef-01-24", "\x02\xAB\xCD\xEF\x01\x24", 6);
    assert_address("0203", "\x02\x03", 2); /* the driver checks the length */
    assert_address("02ABC", NULL, 0);
    assert_address("02xy", NULL, 0);
    assert_address("", NULL, 0);
    cm_write_dword(KEY, "NetworkAddress", 2);
    NdisReadNetworkAddress(&status, &address, &length, configuration);
    assert_int_equal(status, NDIS_STATUS_FAILURE);
}

static void handles_free_everything(void **state)
{
    (void)state;
    assert_int_equal(ndis_configuration_open(CM_CLASS "\\absent", &configuration), NDIS_STATUS_FAILURE);
    open_key(state);
    set_string("Text", "hello");
    NdisCloseConfiguration(configuration);
    size_t before = pool_bytes();
    assert_int_equal(ndis_configuration_open(KEY, &configuration), NDIS_STATUS_SUCCESS);
    for (int i = 0; i < 50; i++)
        read_value("Text", NdisParameterString, NDIS_STATUS_SUCCESS);
    NdisCloseConfiguration(configuration);
    assert_int_equal(pool_bytes(), before);
}

static int set_up(void **state)
{
    if (start_system(state))
        return -1;
    cm_initialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers, open_key, close_key),
        cmocka_unit_test_setup_teardown(strings_and_bytes, open_key, close_key),
        cmocka_unit_test_setup_teardown(predefined_keywords, open_key, close_key),
        cmocka_unit_test_setup_teardown(writing, open_key, close_key),
        cmocka_unit_test_setup_teardown(subkeys, open_key, close_key),
        cmocka_unit_test_setup_teardown(network_address, open_key, close_key),
        cmocka_unit_test(handles_free_everything),
    };
    return cmocka_run_group_tests(tests, set_up, stop_system);
}
