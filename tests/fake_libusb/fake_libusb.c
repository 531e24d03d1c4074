/*
 * libusb's functions over a simulated gadget. What the gadget completes goes through a DPC into a list, from which
 * libusb_handle_events calls back, as the library does.
 */
#include "tests/fake_libusb/fake_libusb.h"
#include "gadget/gadget.h"
#include "usb/stack.h"
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default")))

struct libusb_device {
    unsigned port;
};

struct libusb_device_handle {
    libusb_device *device;
};

struct libusb_context {
    libusb_hotplug_callback_fn left;
    void *left_data;
    bool must_tell; /* that the device has left */
};

/* A transfer that the gadget has. */
struct flight {
    struct usb_transfer usb; /* first */
    struct flight *next;
    struct libusb_transfer *libusb; /* NULL: of this file's own */
    KEVENT *done;
};

static struct {
    struct fake_libusb_options options;
    struct usb_backend *gadget;
    struct usb_device hub;
    struct libusb_device devices[3];
    struct libusb_context context;
    KSPIN_LOCK lock;
    bool is_out;
    unsigned configuration;
    struct flight *open;
    struct usb_transfer *done;
    KEVENT event;
    struct fake_libusb_facts facts;
} fake;

static void misuse(const char *what)
{
    if (fake.facts.misuse[0] == '\0')
        snprintf(fake.facts.misuse, sizeof(fake.facts.misuse), "%s", what);
}

static KIRQL lock(void)
{
    KIRQL irql;
    KeAcquireSpinLock(&fake.lock, &irql);
    return irql;
}

static void unlock(KIRQL irql)
{
    KeReleaseSpinLock(&fake.lock, irql);
}

/* ---- the gadget ---------------------------------------------------------------------------------------------------
 */

static VOID NTAPI completed(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    struct usb_delivery *delivery = DeferredContext;
    struct usb_transfer *chain = __atomic_exchange_n(&delivery->done, NULL, __ATOMIC_SEQ_CST), *ordered = NULL, **end;
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    KeAcquireSpinLockAtDpcLevel(&fake.lock);
    while (chain != NULL) {
        struct usb_transfer *next = chain->next;
        struct flight *f = (struct flight *)chain;
        chain->next = NULL;
        if (f->done != NULL) {
            KeSetEvent(f->done, IO_NO_INCREMENT, FALSE);
        } else {
            chain->next = ordered;
            ordered = chain;
        }
        chain = next;
    }
    for (end = &fake.done; *end != NULL; end = &(*end)->next)
        continue;
    *end = ordered;
    KeReleaseSpinLockFromDpcLevel(&fake.lock);
    KeSetEvent(&fake.event, IO_NO_INCREMENT, FALSE);
}

/* A control transfer without data, waited for. */
static int control(UCHAR type, UCHAR request, unsigned value, unsigned index)
{
    KEVENT done;
    struct flight f = {.done = &done};
    if (fake.is_out)
        return LIBUSB_ERROR_NO_DEVICE;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    f.usb.setup[0] = type;
    f.usb.setup[1] = request;
    f.usb.setup[2] = (UCHAR)value;
    f.usb.setup[4] = (UCHAR)index;
    fake.gadget->ops->submit(fake.gadget, &f.usb);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    return f.usb.status == USBD_STATUS_SUCCESS     ? 0
           : f.usb.status == USBD_STATUS_STALL_PID ? LIBUSB_ERROR_PIPE
                                                   : LIBUSB_ERROR_IO;
}

void fake_libusb_plug(const struct fake_libusb_options *options, struct usb_backend *gadget)
{
    char error[200];
    memset(&fake, 0, sizeof(fake));
    if (options != NULL)
        fake.options = *options;
    fake.gadget = gadget;
    fake.devices[1].port = FAKE_PORT;
    fake.devices[2].port = 4;
    KeInitializeSpinLock(&fake.lock);
    KeInitializeEvent(&fake.event, SynchronizationEvent, FALSE);
    usb_transfers_initialize(&fake.hub);
    for (size_t i = 0; i < RTL_NUMBER_OF(fake.hub.deliveries); i++)
        KeInitializeDpc(&fake.hub.deliveries[i].dpc, completed, &fake.hub.deliveries[i]);
    fake.hub.backend = gadget;
    gadget->device = &fake.hub;
    gadget->ops->open(gadget, error, sizeof(error));
    fake.configuration = !fake.options.not_configured;
    fake.facts.kernel_driver[0] = fake.facts.kernel_driver[1] = fake.configuration != 0;
}

void fake_libusb_pull(void)
{
    KIRQL irql = lock();
    fake.is_out = true;
    fake.context.must_tell = true;
    fake.facts.kernel_driver[0] = fake.facts.kernel_driver[1] = false;
    for (struct flight *f = fake.open; f != NULL; f = f->next)
        if (f->usb.backend_data[2] == NULL)
            fake.gadget->ops->cancel(fake.gadget, &f->usb);
    unlock(irql);
    KeSetEvent(&fake.event, IO_NO_INCREMENT, FALSE);
}

void fake_libusb_put_back(void)
{
    fake.gadget->ops->reset(fake.gadget);
    KIRQL irql = lock();
    fake.configuration = 1;
    fake.facts.kernel_driver[0] = fake.facts.kernel_driver[1] = true;
    fake.is_out = false;
    unlock(irql);
}

void fake_libusb_end(void)
{
    fake.gadget->ops->close(fake.gadget);
    KeFlushQueuedDpcs();
    usb_transfers_free(&fake.hub);
}

void fake_libusb_get_facts(struct fake_libusb_facts *facts)
{
    KIRQL irql = lock();
    *facts = fake.facts;
    unlock(irql);
}

/* ---- the library, devices -----------------------------------------------------------------------------------------
 */

API int LIBUSB_CALL libusb_init(libusb_context **context)
{
    if (fake.options.no_init)
        return LIBUSB_ERROR_OTHER;
    KIRQL irql = lock();
    fake.facts.contexts++;
    fake.context.must_tell = false;
    unlock(irql);
    *context = &fake.context;
    return 0;
}

API void LIBUSB_CALL libusb_exit(libusb_context *context)
{
    if (context != &fake.context || fake.facts.handles != 0)
        misuse("exit with an open handle");
    KIRQL irql = lock();
    fake.facts.contexts--;
    unlock(irql);
}

/* A root hub, the gadget, and its twin. */
API ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
    ssize_t count = 1;
    (void)context;
    *list = calloc(4, sizeof(**list));
    (*list)[0] = &fake.devices[0];
    if (!fake.is_out)
        (*list)[count++] = &fake.devices[1];
    if (fake.options.has_twin)
        (*list)[count++] = &fake.devices[2];
    return count;
}

API void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int unref)
{
    (void)unref;
    free(list);
}

API libusb_device *LIBUSB_CALL libusb_ref_device(libusb_device *device)
{
    return device;
}

API void LIBUSB_CALL libusb_unref_device(libusb_device *device)
{
    (void)device;
}

API int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *descriptor)
{
    memset(descriptor, 0, sizeof(*descriptor));
    descriptor->idVendor = device->port != 0 ? GADGET_NCM_VENDOR : 0x1D6B;
    descriptor->idProduct = device->port != 0 ? GADGET_NCM_PRODUCT : 0x0002;
    descriptor->bDeviceClass = 2;
    descriptor->iProduct = 2;
    return 0;
}

API int LIBUSB_CALL libusb_get_port_numbers(libusb_device *device, uint8_t *ports, int length)
{
    if (device->port == 0)
        return 0;
    if (length < 1)
        return LIBUSB_ERROR_OVERFLOW;
    ports[0] = (uint8_t)device->port;
    return 1;
}

API uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *device)
{
    (void)device;
    return FAKE_BUS;
}

API int LIBUSB_CALL libusb_get_device_speed(libusb_device *device)
{
    (void)device;
    return fake.gadget->speed == UsbFullSpeed    ? LIBUSB_SPEED_FULL
           : fake.gadget->speed == UsbSuperSpeed ? LIBUSB_SPEED_SUPER
                                                 : LIBUSB_SPEED_HIGH;
}

API int LIBUSB_CALL libusb_get_config_descriptor(libusb_device *device, uint8_t index,
                                                 struct libusb_config_descriptor **configuration)
{
    static const struct libusb_interface_descriptor settings[2] = {
        {.bInterfaceNumber = 0, .bInterfaceClass = 2, .bInterfaceSubClass = 13},
        {.bInterfaceNumber = 1, .bInterfaceClass = 10, .bInterfaceProtocol = 1}};
    static const struct libusb_interface interfaces[2] = {{&settings[0], 1}, {&settings[1], 1}};
    (void)device;
    if (index != 0)
        return LIBUSB_ERROR_NOT_FOUND;
    *configuration = calloc(1, sizeof(**configuration));
    (*configuration)->bNumInterfaces = 2;
    (*configuration)->interface = interfaces;
    return 0;
}

API int LIBUSB_CALL libusb_get_active_config_descriptor(libusb_device *device,
                                                        struct libusb_config_descriptor **configuration)
{
    return fake.configuration == 0 ? LIBUSB_ERROR_NOT_FOUND : libusb_get_config_descriptor(device, 0, configuration);
}

API void LIBUSB_CALL libusb_free_config_descriptor(struct libusb_config_descriptor *configuration)
{
    free(configuration);
}

API int LIBUSB_CALL libusb_open(libusb_device *device, libusb_device_handle **handle)
{
    if (fake.options.no_access)
        return LIBUSB_ERROR_ACCESS;
    *handle = calloc(1, sizeof(**handle));
    (*handle)->device = device;
    KIRQL irql = lock();
    fake.facts.handles++;
    unlock(irql);
    return 0;
}

API void LIBUSB_CALL libusb_close(libusb_device_handle *handle)
{
    if (fake.facts.claimed[0] || fake.facts.claimed[1])
        misuse("close with claimed interfaces");
    KIRQL irql = lock();
    fake.facts.handles--;
    unlock(irql);
    free(handle);
}

API libusb_device *LIBUSB_CALL libusb_get_device(libusb_device_handle *handle)
{
    return handle->device;
}

API int LIBUSB_CALL libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index, unsigned char *data,
                                                       int length)
{
    (void)handle;
    return index == 2 ? snprintf((char *)data, (size_t)length, "Adapter\x1B[2J") : LIBUSB_ERROR_PIPE;
}

API int LIBUSB_CALL libusb_has_capability(uint32_t capability)
{
    return capability == LIBUSB_CAP_HAS_HOTPLUG && !fake.options.no_hotplug;
}

API int LIBUSB_CALL libusb_hotplug_register_callback(libusb_context *context, int events, int flags, int vendor,
                                                     int product, int device_class, libusb_hotplug_callback_fn callback,
                                                     void *data, libusb_hotplug_callback_handle *handle)
{
    (void)flags;
    (void)device_class;
    if (events != LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT || vendor != GADGET_NCM_VENDOR || product != GADGET_NCM_PRODUCT)
        misuse("hotplug for something else");
    context->left = callback;
    context->left_data = data;
    *handle = 1;
    return 0;
}

API void LIBUSB_CALL libusb_hotplug_deregister_callback(libusb_context *context, libusb_hotplug_callback_handle handle)
{
    (void)handle;
    context->left = NULL;
}

API const char *LIBUSB_CALL libusb_strerror(int code)
{
    return code == LIBUSB_ERROR_ACCESS ? "Access denied" : code == LIBUSB_ERROR_BUSY ? "Resource busy" : "Other error";
}

/* ---- the library, interfaces --------------------------------------------------------------------------------------
 */

API int LIBUSB_CALL libusb_kernel_driver_active(libusb_device_handle *handle, int number)
{
    (void)handle;
    return fake.facts.kernel_driver[number];
}

static int set_kernel_driver(int number, bool is_there)
{
    if (fake.is_out)
        return LIBUSB_ERROR_NO_DEVICE;
    if (fake.facts.claimed[number])
        misuse("a kernel driver for a claimed interface");
    if (fake.facts.kernel_driver[number] == is_there)
        return LIBUSB_ERROR_NOT_FOUND;
    KIRQL irql = lock();
    fake.facts.kernel_driver[number] = is_there;
    unlock(irql);
    return 0;
}

API int LIBUSB_CALL libusb_detach_kernel_driver(libusb_device_handle *handle, int number)
{
    (void)handle;
    return set_kernel_driver(number, false);
}

API int LIBUSB_CALL libusb_attach_kernel_driver(libusb_device_handle *handle, int number)
{
    (void)handle;
    return set_kernel_driver(number, true);
}

API int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *handle, int number)
{
    (void)handle;
    if (fake.facts.kernel_driver[number] || (number == 1 && fake.options.is_claimed))
        return LIBUSB_ERROR_BUSY;
    KIRQL irql = lock();
    fake.facts.claimed[number] = true;
    unlock(irql);
    return 0;
}

API int LIBUSB_CALL libusb_release_interface(libusb_device_handle *handle, int number)
{
    (void)handle;
    if (!fake.facts.claimed[number])
        misuse("release of an interface that is not claimed");
    KIRQL irql = lock();
    fake.facts.claimed[number] = false;
    unlock(irql);
    return 0;
}

/* Linux looks for drivers of the new interfaces at once. */
API int LIBUSB_CALL libusb_set_configuration(libusb_device_handle *handle, int value)
{
    (void)handle;
    for (int i = 0; i < 2; i++)
        if (fake.facts.claimed[i] || fake.facts.kernel_driver[i])
            return LIBUSB_ERROR_BUSY;
    int error = control(0, 9, value > 0 ? (unsigned)value : 0, 0);
    KIRQL irql = lock();
    fake.facts.configurations++;
    if (error == 0) {
        fake.configuration = value > 0 ? (unsigned)value : 0;
        fake.facts.kernel_driver[0] = fake.facts.kernel_driver[1] = value > 0;
    }
    unlock(irql);
    return error;
}

API int LIBUSB_CALL libusb_set_interface_alt_setting(libusb_device_handle *handle, int number, int setting)
{
    (void)handle;
    if (!fake.facts.claimed[number])
        misuse("a setting of an interface that is not claimed");
    return control(1, 11, (unsigned)setting, (unsigned)number);
}

API int LIBUSB_CALL libusb_clear_halt(libusb_device_handle *handle, unsigned char endpoint)
{
    KIRQL irql = lock();
    (void)handle;
    fake.facts.clear_halts++;
    unlock(irql);
    return control(2, 1, 0, endpoint);
}

API int LIBUSB_CALL libusb_reset_device(libusb_device_handle *handle)
{
    (void)handle;
    if (fake.is_out)
        return LIBUSB_ERROR_NOT_FOUND;
    KIRQL irql = lock();
    fake.facts.resets++;
    unlock(irql);
    return NT_SUCCESS(fake.gadget->ops->reset(fake.gadget)) ? 0 : LIBUSB_ERROR_NOT_FOUND;
}

/* ---- the library, transfers ---------------------------------------------------------------------------------------
 */

API struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int packets)
{
    (void)packets;
    KIRQL irql = lock();
    fake.facts.transfers++;
    unlock(irql);
    return calloc(1, sizeof(struct libusb_transfer));
}

static struct flight *find_flight(const struct libusb_transfer *transfer)
{
    struct flight *f = fake.open;
    while (f != NULL && f->libusb != transfer)
        f = f->next;
    return f;
}

API void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *transfer)
{
    KIRQL irql = lock();
    if (find_flight(transfer) != NULL)
        misuse("a transfer freed while it is under way");
    fake.facts.transfers--;
    unlock(irql);
    free(transfer);
}

static struct flight *make_flight(struct libusb_transfer *transfer)
{
    bool is_control = transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL;
    struct flight *f = calloc(1, sizeof(*f));
    f->libusb = transfer;
    f->usb.endpoint = transfer->endpoint;
    f->usb.is_in = transfer->endpoint >> 7;
    f->usb.kind = USB_TRANSFER_BULK;
    f->usb.buffer = transfer->buffer;
    f->usb.length = (ULONG)transfer->length;
    if (is_control) {
        f->usb.kind = USB_TRANSFER_CONTROL;
        f->usb.is_in = transfer->buffer[0] >> 7;
        memcpy(f->usb.setup, transfer->buffer, 8);
        f->usb.buffer += 8;
        f->usb.length -= 8;
        if (transfer->buffer[1] == 9 || transfer->buffer[1] == 11)
            misuse("a configuration or setting selected behind the library's back");
    }
    return f;
}

API int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *transfer)
{
    unsigned count = 1, interface = (transfer->endpoint & 15) == 1 ? 0 : 1;
    struct flight *f = make_flight(transfer);
    KIRQL irql = lock();
    if (find_flight(transfer) != NULL)
        misuse("a transfer submitted twice");
    if (transfer->endpoint != 0 && !fake.facts.claimed[interface])
        misuse("a transfer on an interface that is not claimed");
    bool is_out = fake.is_out;
    if (!is_out) {
        for (struct flight *other = fake.open; other != NULL; other = other->next)
            count++;
        f->next = fake.open;
        fake.open = f;
        fake.facts.submits++;
        fake.facts.max_open = max(fake.facts.max_open, count);
    }
    unlock(irql);
    if (is_out) {
        free(f);
        return LIBUSB_ERROR_NO_DEVICE;
    }
    fake.gadget->ops->submit(fake.gadget, &f->usb);
    return 0;
}

API int LIBUSB_CALL libusb_cancel_transfer(struct libusb_transfer *transfer)
{
    KIRQL irql = lock();
    struct flight *f = find_flight(transfer);
    fake.facts.cancels++;
    if (f != NULL)
        fake.gadget->ops->cancel(fake.gadget, &f->usb);
    unlock(irql);
    return f != NULL ? 0 : LIBUSB_ERROR_NOT_FOUND;
}

static enum libusb_transfer_status status_of(const struct usb_transfer *t, bool is_out)
{
    return is_out                                     ? LIBUSB_TRANSFER_NO_DEVICE
           : t->status == USBD_STATUS_SUCCESS         ? LIBUSB_TRANSFER_COMPLETED
           : t->status == USBD_STATUS_STALL_PID       ? LIBUSB_TRANSFER_STALL
           : t->status == USBD_STATUS_CANCELED        ? LIBUSB_TRANSFER_CANCELLED
           : t->status == USBD_STATUS_BABBLE_DETECTED ? LIBUSB_TRANSFER_OVERFLOW
                                                      : LIBUSB_TRANSFER_ERROR;
}

static struct flight *next_done(bool *is_out)
{
    KIRQL irql = lock();
    struct flight *f = (struct flight *)fake.done, **at = &fake.open;
    if (f != NULL) {
        fake.done = f->usb.next;
        while (*at != f)
            at = &(*at)->next;
        *at = f->next;
    }
    *is_out = fake.is_out;
    unlock(irql);
    return f;
}

static bool must_tell(libusb_context *context)
{
    KIRQL irql = lock();
    bool must = context->must_tell && context->left != NULL;
    context->must_tell = false;
    unlock(irql);
    return must;
}

API int LIBUSB_CALL libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *time,
                                                           int *completed_)
{
    LARGE_INTEGER wait = {.QuadPart = time->tv_sec * -10000000ll};
    struct flight *f;
    bool is_out;
    (void)completed_;
    KeWaitForSingleObject(&fake.event, Executive, KernelMode, FALSE, &wait);
    while ((f = next_done(&is_out)) != NULL) {
        struct libusb_transfer *transfer = f->libusb;
        transfer->status = status_of(&f->usb, is_out);
        transfer->actual_length = (int)f->usb.actual;
        free(f);
        transfer->callback(transfer);
    }
    if (must_tell(context))
        context->left(context, &fake.devices[1], LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, context->left_data);
    return 0;
}

API void LIBUSB_CALL libusb_interrupt_event_handler(libusb_context *context)
{
    (void)context;
    KeSetEvent(&fake.event, IO_NO_INCREMENT, FALSE);
}
