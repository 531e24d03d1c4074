/*
 * Driver packages from INF file to registry: what a good package writes, how drivers are ranked, and the message for
 * every way in which a package can be bad.
 */
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"
#include "setup/install.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64], error[512];

static const char *in_folder(const char *name)
{
    static char path[4][192];
    static unsigned next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static void write_file(const char *name, const char *content)
{
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static int start(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    ob_initialize();
    ps_initialize();
    cm_initialize();
    io_initialize();
    pnp_initialize();
    setup_initialize();
    snprintf(folder, sizeof folder, "/tmp/ndiskit-setup-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char command[128];
    setup_reset();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static int fresh(void **state)
{
    (void)state;
    char command[128];
    setup_reset();
    cm_delete_tree(NULL, CM_ENUM "\\USB");
    cm_delete_tree(NULL, CM_CLASS "\\{4D36E972-E325-11CE-BFC1-08002BE10318}");
    cm_delete_tree(NULL, CM_SERVICES "\\good");
    snprintf(command, sizeof command, "rm -rf %s/*", folder);
    error[0] = 0;
    return system(command);
}

#define VERSION                                                                                                        \
    "[Version]\nSignature=\"$WINDOWS NT$\"\nClass=Net\nClassGuid={4D36E972-E325-11CE-BFC1-08002BE10318}\n"             \
    "Provider=%Mfg%\nDriverVer=03/01/2026,1.2.3.4\nCatalogFile=good.cat\n"
#define MANUFACTURER "[Manufacturer]\n%Mfg%=Models,NTamd64\n"
#define MODELS       "[Models.NTamd64]\n%Dev%=Good,USB\\VID_0525&PID_A4A1,USB\\Class_02&SubClass_0D\n"
#define SERVICES                                                                                                       \
    "[Good.NTamd64.Services]\nAddService=good,2,Service,EventLog\n[Service]\nDisplayName=%Dev%\nServiceType=1\n"       \
    "StartType=3\nErrorControl=1\nServiceBinary=%12%\\good.sys\nLoadOrderGroup=NDIS\nAddReg=Service.Reg\n"             \
    "[Service.Reg]\nHKR,Parameters,Level,0x10001,7\n[EventLog]\nAddReg=Log.Reg\n[Log.Reg]\n"                           \
    "HKR,,TypesSupported,0x10001,7\n"
#define STRINGS "[Strings]\nMfg=\"Example Corp.\"\nDev=\"Good Adapter\"\n"

static const char good_inf[] = VERSION MANUFACTURER MODELS
    "[Good.NTamd64]\nCharacteristics=0x84\nBusType=15\n*IfType=6\n*MediaType=0\n"
    "*PhysicalMediaType=14\nAddReg=Reg,More\nCopyFiles=Copy\n[Copy]\ngood.sys,,,2\n"
    "[Good.NTamd64.HW]\nAddReg=Hardware\n"
    "[Hardware]\nHKR,,Depth,0x10001,3\nHKR,,UpperFilters,0x10000,upper1,upper2\n"
    "[Reg]\nHKR,Ndi,Service,0,good\n"
    "HKR,Ndi\\params\\*JumboPacket,ParamDesc,0,Jumbo\nHKR,Ndi\\params\\*JumboPacket,Default,,1514\n"
    "HKR,Ndi\\params\\*JumboPacket,Type,0,int\n"
    "HKR,Ndi\\params\\NetworkAddress,Default,0,\"\"\nHKR,Ndi\\params\\NetworkAddress,Optional,0,1\n"
    "HKR,Ndi\\params\\Preset,Default,0,1\n"
    "[More]\nHKR,,Preset,0,\"kept\"\nHKR,,Number,0x10001,0x20\nHKR,,Bytes,1,01,ff,7F\n"
    "HKR,,Quad,0xB0001,0x123456789\nHKR,,Expand,0x20000,\"%%SystemRoot%%\\x\"\n"
    "HKR,,Multi,0x10000,one,two\nHKR,,Multi,0x10008,TWO,three\nHKR,,Own,0x380001,1,a\n"
    "HKR,,Number,2,\"not clobbered\"\nHKR,,Absent,0x20,\"not made\"\n"
    "HKR,,Gone,0,x\nHKR,,Gone,4\nHKR,Empty,,0x10\nHKR,,Dword4,0x10001,1,2,3,4\n"
    "HKLM,Software\\NdiskitTest,Here,,yes\n" SERVICES STRINGS;

static const struct pnp_ids device = {
    .device_id = "USB\\VID_0525&PID_A4A1",
    .hardware_ids = "USB\\VID_0525&PID_A4A1&REV_0100\0USB\\vid_0525&pid_a4a1\0",
    .compatible_ids = "USB\\Class_02&SubClass_0D&Prot_00\0USB\\Class_02&SubClass_0D\0",
    .instance_path = "USB\\VID_0525&PID_A4A1\\0001",
};

static void add_good(void)
{
    write_file("good.inf", good_inf);
    write_file("good.sys", "MZ");
    if (!setup_add_package(in_folder("good.inf"), error, sizeof error))
        fail_msg("%s", error);
}

static struct cm_key *open_path(const char *path)
{
    struct cm_key *key;
    if (!NT_SUCCESS(cm_open(NULL, path, &key)))
        fail_msg("no key %s", path);
    return key;
}

static void assert_string(struct cm_key *key, const char *name, const char *value)
{
    char buffer[256];
    if (!NT_SUCCESS(cm_query_string(key, name, buffer, sizeof buffer)))
        fail_msg("no value %s", name);
    assert_string_equal(buffer, value);
}

static void assert_dword(struct cm_key *key, const char *name, ULONG value)
{
    ULONG have;
    if (!NT_SUCCESS(cm_query_dword(key, name, &have)))
        fail_msg("no value %s", name);
    assert_int_equal(have, value);
}

static void assert_data(struct cm_key *key, const char *name, ULONG type, const void *data, ULONG size)
{
    char buffer[256];
    ULONG have_type, have_size = sizeof buffer;
    assert_int_equal(cm_query_value(key, name, &have_type, buffer, &have_size), STATUS_SUCCESS);
    assert_int_equal(have_type, type);
    assert_int_equal(have_size, size);
    assert_memory_equal(buffer, data, size);
}

static void assert_absent(struct cm_key *key, const char *name)
{
    ULONG size = 0;
    assert_int_equal(cm_query_value(key, name, NULL, NULL, &size), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_install(void **state)
{
    (void)state;
    struct pnp_match match;
    char path[256];
    add_good();
    if (!setup_choose_driver(&device, &match))
        fail_msg("%s", setup_last_mismatch());
    assert_string_equal(match.service, "good");
    assert_string_equal(match.driver_key, "{4D36E972-E325-11CE-BFC1-08002BE10318}\\0000");
    assert_string_equal(match.description, "Good Adapter");
    assert_memory_equal(match.upper_filters, "upper1\0upper2\0", 15);
    assert_int_equal(match.lower_filters[0], 0);

    struct cm_key *service = open_path(CM_SERVICES "\\good");
    assert_string(service, "ImagePath", in_folder("good.sys"));
    assert_string(service, "DisplayName", "Good Adapter");
    assert_string(service, "Group", "NDIS");
    assert_dword(service, "Type", 1);
    assert_dword(service, "Start", 3);
    assert_dword(service, "ErrorControl", 1);
    cm_close(service);
    struct cm_key *parameters = open_path(CM_SERVICES "\\good\\Parameters");
    assert_dword(parameters, "Level", 7);
    cm_close(parameters);

    struct cm_key *log = open_path(CM_SERVICES "\\EventLog\\System\\good");
    assert_dword(log, "TypesSupported", 7);
    cm_close(log);

    struct cm_key *instance = open_path(CM_ENUM "\\USB\\VID_0525&PID_A4A1\\0001");
    assert_string(instance, "Service", "good");
    assert_string(instance, "Driver", match.driver_key);
    assert_string(instance, "ClassGUID", "{4D36E972-E325-11CE-BFC1-08002BE10318}");
    assert_string(instance, "Class", "Net");
    assert_string(instance, "Mfg", "Example Corp.");
    assert_string(instance, "HardwareID", "USB\\VID_0525&PID_A4A1&REV_0100");
    assert_string(instance, "UpperFilters", "upper1");
    cm_close(instance);
    struct cm_key *hardware = open_path(CM_ENUM "\\USB\\VID_0525&PID_A4A1\\0001\\Device Parameters");
    assert_dword(hardware, "Depth", 3);
    assert_absent(hardware, "UpperFilters");
    cm_close(hardware);

    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, match.driver_key);
    struct cm_key *driver = open_path(path);
    assert_string(driver, "DriverDesc", "Good Adapter");
    assert_string(driver, "ProviderName", "Example Corp.");
    assert_string(driver, "DriverVersion", "1.2.3.4");
    assert_string(driver, "DriverDate", "3-1-2026");
    assert_string(driver, "MatchingDeviceId", "USB\\VID_0525&PID_A4A1");
    assert_string(driver, "ComponentId", "USB\\VID_0525&PID_A4A1");
    assert_string(driver, "InfPath", "good.inf");
    assert_string(driver, "InfSection", "Good");
    assert_string(driver, "InfSectionExt", ".NTamd64");
    assert_dword(driver, "Characteristics", 0x84);
    assert_dword(driver, "*IfType", 6);
    assert_dword(driver, "*MediaType", 0);
    assert_dword(driver, "*PhysicalMediaType", 14);
    assert_string(driver, "BusType", "15");
    /* AddReg */
    assert_dword(driver, "Number", 0x20);
    assert_dword(driver, "Dword4", 0x04030201);
    assert_data(driver, "Bytes", REG_BINARY, "\x01\xff\x7f", 3);
    assert_data(driver, "Quad", REG_QWORD, "\x89\x67\x45\x23\x01\0\0\0", 8);
    assert_data(driver, "Own", 0x38, "\x01\x0a", 2);
    assert_data(driver, "Expand", REG_EXPAND_SZ, L"%SystemRoot%\\x", sizeof L"%SystemRoot%\\x");
    assert_data(driver, "Multi", REG_MULTI_SZ, L"one\0two\0three\0", sizeof L"one\0two\0three\0");
    assert_absent(driver, "Absent");
    assert_absent(driver, "Gone");
    /* Keywords */
    assert_string(driver, "*JumboPacket", "1514");
    assert_string(driver, "Preset", "kept");
    assert_absent(driver, "NetworkAddress");
    struct cm_key *linkage, *empty;
    char guid[64], device_name[80];
    assert_int_equal(cm_query_string(driver, "NetCfgInstanceId", guid, sizeof guid), STATUS_SUCCESS);
    assert_int_equal(strlen(guid), 38);
    assert_int_equal(cm_open(driver, "Linkage", &linkage), STATUS_SUCCESS);
    snprintf(device_name, sizeof device_name, "\\Device\\%s", guid);
    assert_string(linkage, "Export", device_name);
    assert_string(linkage, "RootDevice", guid);
    cm_close(linkage);
    assert_int_equal(cm_open(driver, "Empty", &empty), STATUS_SUCCESS);
    cm_close(empty);
    cm_close(driver);
    struct cm_key *absolute = open_path(CM_SOFTWARE "\\NdiskitTest");
    assert_string(absolute, "Here", "yes");
    cm_close(absolute);
}

static void test_same_device_again(void **state)
{
    (void)state;
    struct pnp_match match, again;
    struct pnp_ids second = device;
    char path[256], guid[64], other[64];
    add_good();
    assert_true(setup_choose_driver(&device, &match));
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, match.driver_key);
    /* What the driver or the user wrote stays: plugging in again is no new installation. */
    cm_write_string(path, "*JumboPacket", "9014");
    cm_read_string(path, "NetCfgInstanceId", guid, sizeof guid);
    assert_true(setup_choose_driver(&device, &again));
    assert_memory_equal(&again, &match, sizeof match);
    char value[16];
    assert_int_equal(cm_read_string(path, "*JumboPacket", value, sizeof value), STATUS_SUCCESS);
    assert_string_equal(value, "9014");
    /* Another one is another adapter. */
    second.instance_path = "USB\\VID_0525&PID_A4A1\\0002";
    assert_true(setup_choose_driver(&second, &again));
    assert_string_equal(again.driver_key, "{4D36E972-E325-11CE-BFC1-08002BE10318}\\0001");
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, again.driver_key);
    cm_read_string(path, "NetCfgInstanceId", other, sizeof other);
    assert_string_not_equal(guid, other);
    /* The package once more is a new installation, in the same key. */
    add_good();
    assert_true(setup_choose_driver(&device, &again));
    assert_string_equal(again.driver_key, match.driver_key);
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, again.driver_key);
    cm_read_string(path, "*JumboPacket", value, sizeof value);
    assert_string_equal(value, "1514");
    cm_read_string(path, "NetCfgInstanceId", other, sizeof other);
    assert_string_equal(guid, other);
}

static void test_keywords(void **state)
{
    (void)state;
    struct pnp_match match;
    char path[256], value[64];
    ULONG number;
    add_good();
    assert_false(setup_set_keyword("novalue", error, sizeof error));
    assert_non_null(strstr(error, "KEYWORD=VALUE"));
    assert_true(setup_set_keyword("*JumboPacket=4088", error, sizeof error));
    assert_true(setup_set_keyword("Number=99", error, sizeof error));
    assert_true(setup_set_keyword("Deep\\Er\\Name=a=b", error, sizeof error));
    assert_true(setup_choose_driver(&device, &match));
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, match.driver_key);
    cm_read_string(path, "*JumboPacket", value, sizeof value);
    assert_string_equal(value, "4088");
    assert_int_equal(cm_read_dword(path, "Number", &number), STATUS_SUCCESS);
    assert_int_equal(number, 99);
    struct cm_key *key, *deep;
    key = open_path(path);
    assert_int_equal(cm_open(key, "Deep\\Er", &deep), STATUS_SUCCESS);
    assert_string(deep, "Name", "a=b");
    cm_close(deep);
    cm_close(key);
    setup_clear_keyword("*jumbopacket");
    assert_true(setup_choose_driver(&device, &match));
    cm_read_string(path, "*JumboPacket", value, sizeof value);
    assert_string_equal(value, "1514");
}

static void write_ranked(const char *name, const char *model, const char *date, const char *extra)
{
    char text[4096], file[64];
    snprintf(text, sizeof text,
             "[Version]\nSignature=$CHICAGO$\nClass=Net\nClassGuid={4d36e972-e325-11ce-bfc1-08002be10318}\n"
             "DriverVer=%s\n[Manufacturer]\nM=M,NTamd64\n[M.NTamd64]\n\"%s\"=I,%s\n[I]\n%s\n"
             "[I.Services]\nAddService=%s,2,S\n[S]\nServiceType=1\nStartType=3\nErrorControl=1\nServiceBinary=%%13%%"
             "\\x.sys\n",
             date, name, model, extra, name);
    snprintf(file, sizeof file, "%s.inf", name);
    write_file(file, text);
    write_file("x.sys", "MZ");
    if (!setup_add_package(in_folder(file), error, sizeof error))
        fail_msg("%s", error);
}

static const char *chosen(void)
{
    static struct pnp_match match;
    return setup_choose_driver(&device, &match) ? match.service : setup_last_mismatch();
}

static void test_ranks(void **state)
{
    (void)state;
    write_ranked("other", "USB\\VID_1111&PID_2222", "01/01/2026", "");
    assert_non_null(strstr(chosen(), "no driver package matches hardware id USB\\VID_0525&PID_A4A1&REV_0100"));
    assert_non_null(strstr(chosen(), "other.inf is for USB\\VID_1111&PID_2222"));
    write_ranked("cc", ",USB\\Class_02&SubClass_0D", "01/01/2026", "");
    assert_string_equal(chosen(), "cc");
    write_ranked("ch", "USB\\Class_02&SubClass_0D", "01/01/2026", "");
    assert_string_equal(chosen(), "ch");
    write_ranked("first-compatible", "USB\\Class_02&SubClass_0D&Prot_00", "01/01/2026", "");
    assert_string_equal(chosen(), "first-compatible");
    write_ranked("hc", "USB\\Nothing,USB\\VID_0525&PID_A4A1", "01/01/2026", "");
    assert_string_equal(chosen(), "hc");
    write_ranked("hh", "USB\\VID_0525&PID_A4A1", "01/01/2026", "");
    assert_string_equal(chosen(), "hh");
    write_ranked("first-hardware", "USB\\VID_0525&PID_A4A1&REV_0100", "01/01/2020", "");
    assert_string_equal(chosen(), "first-hardware");
    write_ranked("older", "USB\\VID_0525&PID_A4A1&REV_0100", "01/01/2019,9.0.0.0", "");
    assert_string_equal(chosen(), "first-hardware");
    write_ranked("newer", "USB\\VID_0525&PID_A4A1&REV_0100", "02/01/2020,1.0.0.0", "");
    assert_string_equal(chosen(), "newer");
    write_ranked("newest", "USB\\VID_0525&PID_A4A1&REV_0100", "02/01/2020,1.0.0.1", "");
    assert_string_equal(chosen(), "newest");
    write_ranked("excluding", "USB\\VID_0525&PID_A4A1&REV_0100", "02/01/2025", "ExcludeID=USB\\class_02&SubClass_0D");
    assert_string_equal(chosen(), "newest");
    write_ranked("featured", "USB\\Class_02&SubClass_0D", "01/01/2000", "FeatureScore=0x10");
    assert_string_equal(chosen(), "featured");
}

static void test_models_sections(void **state)
{
    (void)state;
    struct pnp_match match;
    write_file("good.sys", "MZ");
    write_file(
        "v.inf", VERSION
        "[Manufacturer]\nM=M,NTx86,NTamd64,NTamd64.6.1,NTamd64.10.0...19041,NTamd64.10.0...99999\n"
        "[M.NTx86]\nwrong=Good,USB\\VID_0525&PID_A4A1\n[M.NTamd64]\n"
        "[M.NTamd64.6.1]\n[M.NTamd64.10.0...19041]\nright=Good,USB\\VID_0525&PID_A4A1\n"
        "[M.NTamd64.10.0...99999]\n[Good]\n[Good.NT]\nAddReg=R\n[R]\nHKR,,V,,nt\n[Good.NTx86]\n" SERVICES STRINGS);
    if (!setup_add_package(in_folder("v.inf"), error, sizeof error))
        fail_msg("%s", error);
    assert_true(setup_choose_driver(&device, &match));
    assert_string_equal(match.description, "right");
    char path[256], value[16];
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, match.driver_key);
    cm_read_string(path, "V", value, sizeof value);
    assert_string_equal(value, "nt");
}

static void test_files(void **state)
{
    (void)state;
    struct setup_package_facts facts;
    mkdir(in_folder("amd64"), 0755);
    mkdir(in_folder("amd64/Sub"), 0755);
    write_file("amd64/Sub/GOOD64.SYS", "MZ");
    write_file("amd64/Sub/good64.so", "ELF");
    write_file("f.inf",
               VERSION MANUFACTURER MODELS "[Good]\nCopyFiles=Copy\n[Copy]\ngood.sys,good64.sys\n" SERVICES
                                           "[SourceDisksNames]\n1=Disk,,,\\amd64\n[SourceDisksFiles]\ngood64.sys=9\n"
                                           "[SourceDisksFiles.amd64]\ngood64.sys=1,sub\n" STRINGS);
    if (!setup_add_package(in_folder("f.inf"), error, sizeof error))
        fail_msg("%s", error);
    assert_true(setup_get_package(0, &facts));
    assert_string_equal(facts.binary_path, in_folder("amd64/Sub/GOOD64.SYS"));
    assert_string_equal(facts.service, "good");
    assert_string_equal(facts.provider, "Example Corp.");
    assert_string_equal(facts.catalog, "good.cat");
    assert_int_equal(facts.models, 2);
    assert_false(setup_get_package(1, &facts));
    setup_set_form(SETUP_FORM_ELF);
    assert_true(setup_add_package(in_folder("f.inf"), error, sizeof error));
    assert_true(setup_get_package(0, &facts));
    assert_string_equal(facts.binary_path, in_folder("amd64/Sub/good64.so"));
    assert_false(setup_get_package(1, &facts));
    /* A path out of the package is not followed. */
    write_file("outside.inf", VERSION MANUFACTURER MODELS
               "[Good]\n" SERVICES
               "[SourceDisksNames]\n1=Disk,,,\\..\\..\\tmp\n[SourceDisksFiles]\ngood.sys=1\n" STRINGS);
    assert_false(setup_add_package(in_folder("outside.inf"), error, sizeof error));
}

static void test_include_and_needs(void **state)
{
    (void)state;
    struct pnp_match match;
    write_file("good.sys", "MZ");
    write_file("base.inf", VERSION "[Base]\nAddReg=Base.Reg\nNeeds=Base\n[Base.Reg]\nHKR,,FromBase,,yes\n"
                                   "[Base.Services]\nAddService=good,2,Service\n[Service]\nServiceType=1\nStartType=3\n"
                                   "ErrorControl=1\nServiceBinary=%12%\\good.sys\n" STRINGS);
    write_file("top.inf",
               VERSION MANUFACTURER MODELS "[Good]\nInclude=base.inf,windows.inf\nNeeds=Base,Unknown\n"
                                           "[Good.Services]\nInclude=base.inf\nNeeds=Base.Services\n" STRINGS);
    if (!setup_add_package(in_folder("top.inf"), error, sizeof error))
        fail_msg("%s", error);
    assert_true(setup_choose_driver(&device, &match));
    assert_string_equal(match.service, "good");
    char path[256], value[16];
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, match.driver_key);
    cm_read_string(path, "FromBase", value, sizeof value);
    assert_string_equal(value, "yes");
}

static void test_bare_driver(void **state)
{
    (void)state;
    struct pnp_match match;
    struct setup_package_facts facts;
    struct pnp_ids none = {"X", "", "", "ROOT\\X\\0000"};
    write_file("lone.sys", "MZ");
    assert_false(setup_add_driver(in_folder("absent.sys"), NULL, error, sizeof error));
    assert_non_null(strstr(error, "absent.sys: there is no such driver file"));
    assert_true(setup_add_driver(in_folder("lone.sys"), NULL, error, sizeof error));
    assert_true(setup_choose_driver(&device, &match));
    assert_string_equal(match.service, "lone");
    assert_string_equal(match.description, "lone.sys");
    char value[192];
    cm_read_string(CM_SERVICES "\\lone", "ImagePath", value, sizeof value);
    assert_string_equal(value, in_folder("lone.sys"));
    assert_false(setup_choose_driver(&none, &match));
    /* A package is always better. */
    add_good();
    assert_true(setup_choose_driver(&device, &match));
    assert_string_equal(match.service, "good");
    /* With a hardware id: only that. */
    setup_reset();
    assert_true(setup_add_driver(in_folder("lone.sys"), "USB\\Other", error, sizeof error));
    assert_false(setup_choose_driver(&device, &match));
    assert_true(setup_add_driver(in_folder("lone.sys"), "usb\\vid_0525&pid_a4a1", error, sizeof error));
    assert_true(setup_choose_driver(&device, &match));
    /* The INF that installs a binary is found beside it, whatever its name. */
    setup_reset();
    write_file("good.so", "ELF");
    rename(in_folder("good.inf"), in_folder("different.inf"));
    assert_true(setup_add(in_folder("good.so"), error, sizeof error));
    assert_true(setup_get_package(0, &facts));
    assert_string_equal(facts.inf_path, in_folder("different.inf"));
    assert_string_equal(facts.binary_path, in_folder("good.so"));
    setup_reset();
    assert_true(setup_add(folder, error, sizeof error));
    assert_true(setup_get_package(0, &facts));
    assert_string_equal(facts.inf_path, in_folder("different.inf"));
    write_file("second.inf", "");
    assert_false(setup_add(folder, error, sizeof error));
    assert_non_null(strstr(error, "several .inf files"));
    write_file("what.txt", "");
    assert_false(setup_add(in_folder("what.txt"), error, sizeof error));
    assert_non_null(strstr(error, "neither a driver package (.inf) nor a driver"));
}

static void test_bad_packages(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", ": there is no section [Version]"},
        {"[Version]\n", ":1: [Version] needs Signature"},
        {"[Version]\nSignature=\"$WINDOWS NT$\"\nClassGuid={zz}\n", ":1: [Version] needs ClassGuid"},
        {"[Version]\nSignature=\"$WINDOWS NT$\"\nClassGuid={4d36e972-e325-11ce-bfc1-08002be10318}\n",
         ":1: [Version] needs DriverVer"},
        {"[Version]\nSignature=\"$WINDOWS "
         "NT$\"\nClassGuid={4d36e972-e325-11ce-bfc1-08002be10318}\nDriverVer=2026-01-02\n",
         ":4: \"2026-01-02,\" is no DriverVer"},
        {VERSION, ": there is no section [Manufacturer]"},
        {VERSION "[Manufacturer]\n%Mfg%=Models\n[Models]\nx=Good,id\n", ":8: [Manufacturer] has no models for amd64"},
        {VERSION "[Manufacturer]\n%Mfg%=Models,NTx86,NTarm64\n", ":8: [Manufacturer] has no models for amd64"},
        {VERSION MANUFACTURER, ":9: [Manufacturer] refers to the models section [Models.NTamd64], which is missing"},
        {VERSION MANUFACTURER "[Models.NTamd64]\n", ":8: the models sections for amd64 are empty"},
        {VERSION MANUFACTURER "[Models.NTamd64]\nx=Good\n",
         ":11: the model \"x\" in [Models.NTamd64] names no hardware id"},
        {VERSION MANUFACTURER "[Models.NTamd64]\nx\n", ":11: [Models.NTamd64] expects"},
        {VERSION MANUFACTURER MODELS STRINGS,
         ":11: the model \"Good Adapter\" refers to the section [Good], which is missing"},
        {VERSION MANUFACTURER MODELS "[Good]\n", ":11: there is no section [Good.Services]"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nAddService=good,0,S\n",
         ":13: [Good.Services] has no AddService with flag 0x2"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nNeeds=Windows.Services\n",
         "the INF that its Needs refers to is not beside this one"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nAddService=good,two,S\n",
         ":14: the flags of AddService are no number"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nAddService=good,2,S\n",
         ":14: AddService names the section [S], which is missing"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nAddService=a\\b,2,S\n",
         ":14: \"a\\b\" cannot be the name of a service"},
        {VERSION MANUFACTURER MODELS "[Good]\n[Good.Services]\nAddService=good,2,S\n[S]\n",
         ":15: [S] has no ServiceBinary"},
        {VERSION MANUFACTURER MODELS
         "[Good]\n[Good.Services]\nAddService=good,2,S\n[S]\nServiceBinary=%12%\\none.sys\n",
         ":16: the driver's image none.sys is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file("bad.inf", cases[i].text);
        assert_false(setup_add_package(in_folder("bad.inf"), error, sizeof error));
        assert_non_null(strstr(error, "bad.inf"));
        if (strstr(error, cases[i].message) == NULL)
            fail_msg("\"%s\" where \"%s\" is expected", error, cases[i].message);
    }
    assert_false(setup_add(in_folder("missing.inf"), error, sizeof error));
    assert_non_null(strstr(error, "missing.inf: there is no such file"));
}

static void test_bad_registry_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"HKX,,a,,b", "\"HKX\" is no registry root"},
        {"HKR,,a,flags,b", "the flags \"flags\" are no number"},
        {"HKR,,a,0x10001,many", "\"many\" is no number"},
        {"HKR,,a,0x10001,0x100000000", "does not fit in 32 bits"},
        {"HKR,,a,1,1ff", "\"1ff\" is no byte in hexadecimal"},
        {"a=b", "a line of an AddReg section is: root, subkey, name, flags, value"},
    };
    char text[4096];
    write_file("good.sys", "MZ");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s[Good]\nAddReg=R\n[R]\n%s\n%s", VERSION MANUFACTURER MODELS, cases[i].line,
                 SERVICES STRINGS);
        write_file("bad.inf", text);
        assert_false(setup_add_package(in_folder("bad.inf"), error, sizeof error));
        if (strstr(error, cases[i].message) == NULL)
            fail_msg("\"%s\" where \"%s\" is expected", error, cases[i].message);
        assert_non_null(strstr(error, "bad.inf:15: [R]: "));
    }
    snprintf(text, sizeof text, "%s[Good]\nAddReg=Nowhere\n%s", VERSION MANUFACTURER MODELS, SERVICES STRINGS);
    write_file("bad.inf", text);
    assert_false(setup_add_package(in_folder("bad.inf"), error, sizeof error));
    assert_non_null(strstr(error, "bad.inf:13: AddReg refers to the section [Nowhere], which is missing"));
    write_file("bad.inf", VERSION MANUFACTURER MODELS "[Good]\n[Good.HW]\nDelReg=D\n[D]\nHKLM\n" SERVICES STRINGS);
    assert_false(setup_add_package(in_folder("bad.inf"), error, sizeof error));
    assert_non_null(strstr(error, "bad.inf:16: [D]: this would delete a whole root"));
}

static void test_delete_registry(void **state)
{
    (void)state;
    struct pnp_match match;
    struct cm_key *key;
    const char *list[] = {"one", "Two", "three"};
    assert_int_equal(cm_create(NULL, CM_SOFTWARE "\\NdiskitDelete\\Sub\\Deep", &key), STATUS_SUCCESS);
    cm_close(key);
    assert_int_equal(cm_open(NULL, CM_SOFTWARE "\\NdiskitDelete", &key), STATUS_SUCCESS);
    cm_set_string(key, "Value", "x");
    cm_set_multi_string(key, "List", list, 3);
    write_file("good.sys", "MZ");
    write_file("d.inf", VERSION MANUFACTURER MODELS
               "[Good]\nDelReg=D\n[D]\nHKLM,Software\\NdiskitDelete,Value\nHKLM,Software\\NdiskitDelete\\Sub\n"
               "HKLM,Software\\NdiskitDelete,List,0x18002,two\nHKLM,Software\\Nowhere,Value\n" SERVICES STRINGS);
    assert_true(setup_add_package(in_folder("d.inf"), error, sizeof error));
    if (!setup_choose_driver(&device, &match))
        fail_msg("%s", setup_last_mismatch());
    assert_absent(key, "Value");
    assert_data(key, "List", REG_MULTI_SZ, L"one\0three\0", sizeof L"one\0three\0");
    struct cm_key *sub;
    assert_int_equal(cm_open(key, "Sub", &sub), STATUS_OBJECT_NAME_NOT_FOUND);
    cm_close(key);
    cm_delete_tree(NULL, CM_SOFTWARE "\\NdiskitDelete");
}

/* Whole packages, mutated: added or refused with a message, installed or refused with a message; never anything else.
 */
static void test_mutations(void **state)
{
    (void)state;
    struct pnp_match match;
    unsigned added = 0, installed = 0;
    write_file("good.sys", "MZ");
    for (uint32_t round = 1; round <= 1500; round++) {
        uint32_t seed = round * 2654435761u;
        char text[sizeof good_inf];
        memcpy(text, good_inf, sizeof text);
        for (unsigned n = 1 + round % 6; n != 0; n--) {
            seed = seed * 1664525u + 1013904223u;
            size_t at = (seed >> 8) % (sizeof text - 1);
            static const char special[] = "[]=,;\"%\\\n .0xA";
            text[at] = special[(seed >> 3) % (sizeof special - 1)];
        }
        write_file("m.inf", text);
        error[0] = 0;
        setup_reset();
        if (!setup_add_package(in_folder("m.inf"), error, sizeof error)) {
            assert_non_null(strstr(error, "m.inf"));
            continue;
        }
        added++;
        if (setup_choose_driver(&device, &match))
            installed++;
        else
            assert_string_equal(match.reason, setup_last_mismatch());
    }
    assert_true(added > 100);
    assert_true(installed > 100);
}

static void test_nothing_grows(void **state)
{
    struct pnp_match match;
    struct ex_pool_usage before, now;
    add_good();
    assert_true(setup_choose_driver(&device, &match));
    ex_pool_get_usage(&before);
    for (int i = 0; i < 50; i++) {
        add_good();
        assert_true(setup_choose_driver(&device, &match));
        assert_true(setup_choose_driver(&device, &match));
    }
    ex_pool_get_usage(&now);
    assert_int_equal(now.blocks, before.blocks);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_install, fresh),           cmocka_unit_test_setup(test_same_device_again, fresh),
        cmocka_unit_test_setup(test_keywords, fresh),          cmocka_unit_test_setup(test_ranks, fresh),
        cmocka_unit_test_setup(test_models_sections, fresh),   cmocka_unit_test_setup(test_files, fresh),
        cmocka_unit_test_setup(test_include_and_needs, fresh), cmocka_unit_test_setup(test_bare_driver, fresh),
        cmocka_unit_test_setup(test_bad_packages, fresh),      cmocka_unit_test_setup(test_bad_registry_lines, fresh),
        cmocka_unit_test_setup(test_delete_registry, fresh),   cmocka_unit_test_setup(test_mutations, fresh),
        cmocka_unit_test_setup(test_nothing_grows, fresh),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
