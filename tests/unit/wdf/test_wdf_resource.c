/*
 * Resource lists as a driver sees them: what Plug and Play assigned, in one list, and who may change it.
 */
#include "wdf_test.h"
#include "wdf/resource.h"

static int start(void **state)
{
    (void)state;
    wdf_test_boot();
    wdf_test_start();
    return 0;
}

static int stop(void **state)
{
    wdf_test_stop();
    return wdf_test_halt(state);
}

static CM_PARTIAL_RESOURCE_DESCRIPTOR memory_at(ULONGLONG address)
{
    return (CM_PARTIAL_RESOURCE_DESCRIPTOR){.Type = CmResourceTypeMemory,
                                            .ShareDisposition = CmResourceShareDeviceExclusive,
                                            .u.Memory = {.Start.QuadPart = (LONGLONG)address, .Length = 4096}};
}

static struct wdf_object *make(const CM_RESOURCE_LIST *resources, unsigned allowed, WDFCMRESLIST *handle)
{
    struct wdf_client *client = wdf_client(WdfDriverGlobals);
    NTSTATUS status;
    struct wdf_object *list = wdf_cm_list_create(client, wdf_client_root(client), resources, allowed, &status);

    assert_non_null(list);
    *handle = (WDFCMRESLIST)wdf_handle(list);
    return list;
}

static void test_no_resources(void **state)
{
    WDFCMRESLIST handle;
    struct wdf_object *list = make(NULL, 0, &handle);

    (void)state;
    assert_int_equal(WdfCmResourceListGetCount(handle), 0);
    assert_null(WdfCmResourceListGetDescriptor(handle, 0));
    wdf_delete(list);
}

/* Two parts; the first ends in the device's own data, which the second follows. */
static void test_parts_are_one_list(void **state)
{
    struct {
        CM_RESOURCE_LIST list; /* with the first part and its first descriptor */
        CM_PARTIAL_RESOURCE_DESCRIPTOR own;
        char data[20];
        CM_FULL_RESOURCE_DESCRIPTOR second;
    } *resources = calloc(1, sizeof(*resources));
    WDFCMRESLIST handle;

    (void)state;
    resources->list.Count = 2;
    resources->list.List[0].PartialResourceList.Count = 2;
    resources->list.List[0].PartialResourceList.PartialDescriptors[0] = memory_at(0x1000);
    resources->own.Type = CmResourceTypeDeviceSpecific;
    resources->own.u.DeviceSpecificData.DataSize = sizeof(resources->data);
    resources->second.PartialResourceList.Count = 1;
    resources->second.PartialResourceList.PartialDescriptors[0] = memory_at(0x2000);
    struct wdf_object *list = make(&resources->list, 0, &handle);
    free(resources);
    assert_int_equal(WdfCmResourceListGetCount(handle), 3);
    assert_int_equal(WdfCmResourceListGetDescriptor(handle, 0)->u.Memory.Start.QuadPart, 0x1000);
    assert_int_equal(WdfCmResourceListGetDescriptor(handle, 1)->Type, CmResourceTypeDeviceSpecific);
    assert_int_equal(WdfCmResourceListGetDescriptor(handle, 2)->u.Memory.Start.QuadPart, 0x2000);
    assert_null(WdfCmResourceListGetDescriptor(handle, 3));
    wdf_delete(list);
}

static void test_read_only(void **state)
{
    CM_RESOURCE_LIST resources = {.Count = 1, .List[0].PartialResourceList.Count = 1};
    CM_PARTIAL_RESOURCE_DESCRIPTOR other = memory_at(0x3000);
    WDFCMRESLIST handle;

    (void)state;
    resources.List[0].PartialResourceList.PartialDescriptors[0] = memory_at(0x1000);
    struct wdf_object *list = make(&resources, 0, &handle);
    assert_int_equal(WdfCmResourceListAppendDescriptor(handle, &other), STATUS_ACCESS_DENIED);
    assert_int_equal(WdfCmResourceListInsertDescriptor(handle, &other, 0), STATUS_ACCESS_DENIED);
    WdfCmResourceListRemove(handle, 0);
    assert_int_equal(WdfCmResourceListGetCount(handle), 1);
    wdf_delete(list);
}

static void test_changes(void **state)
{
    CM_PARTIAL_RESOURCE_DESCRIPTOR first = memory_at(0x1000), second = memory_at(0x2000), third = memory_at(0x3000);
    WDFCMRESLIST handle;
    struct wdf_object *list = make(NULL, WDF_LIST_ADD | WDF_LIST_REMOVE, &handle);

    (void)state;
    assert_int_equal(WdfCmResourceListInsertDescriptor(handle, &first, 1), STATUS_ARRAY_BOUNDS_EXCEEDED);
    assert_int_equal(WdfCmResourceListAppendDescriptor(handle, &third), STATUS_SUCCESS);
    assert_int_equal(WdfCmResourceListInsertDescriptor(handle, &first, 0), STATUS_SUCCESS);
    assert_int_equal(WdfCmResourceListInsertDescriptor(handle, &second, 1), STATUS_SUCCESS);
    assert_int_equal(WdfCmResourceListInsertDescriptor(handle, &first, WDF_INSERT_AT_END), STATUS_SUCCESS);
    assert_int_equal(WdfCmResourceListGetCount(handle), 4);
    for (ULONG i = 0; i < 3; i++)
        assert_int_equal(WdfCmResourceListGetDescriptor(handle, i)->u.Memory.Start.QuadPart, 0x1000 * (i + 1));
    WdfCmResourceListRemoveByDescriptor(handle, &second);
    WdfCmResourceListRemoveByDescriptor(handle, &second); /* gone already */
    WdfCmResourceListRemove(handle, 7);
    WdfCmResourceListRemove(handle, 0);
    assert_int_equal(WdfCmResourceListGetCount(handle), 2);
    assert_int_equal(WdfCmResourceListGetDescriptor(handle, 0)->u.Memory.Start.QuadPart, 0x3000);
    wdf_delete(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_resources),
        cmocka_unit_test(test_parts_are_one_list),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
