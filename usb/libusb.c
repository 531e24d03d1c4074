/*
 * A device of this machine, through libusb. Transfers are libusb's asynchronous ones; one thread per device handles
 * libusb's events and gives back in one go what each round of them completed.
 *
 * libusb owns the device's state, as the kernel's usbfs wants it: selecting a configuration, an interface's setting,
 * and clearing a halt are calls that may wait, so they are put off to that thread, and so is cancelling, which thus
 * never meets a completion. Interfaces are claimed when a configuration is selected. Linux's drivers are detached
 * before that and get their interfaces back at close.
 */
#include "usb/local.h"
#include "ntoskrnl/ke/ke.h"
#include <stdio.h>
#include <string.h>
#include "usb/local_libusb.h"

#define LOCAL_TAG 0x6C627375 /* "usbl" */

#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif

enum { MAX_INTERFACES = 32, SETUP = 8 };

/* A transfer at libusb, or waiting for the thread. */
struct request {
    struct request *next; /* work for the thread, or free */
    struct local_backend *owner;
    struct libusb_transfer *libusb;
    struct usb_transfer *transfer;
    UCHAR *bounce; /* setup and data of control transfers, and what is in several pieces; or NULL */
    size_t bounce_size;
    bool is_submitting; /* libusb_submit_transfer has not returned: who called it finishes the transfer */
    bool is_done, is_queued, is_cancelled;
};

struct local_backend {
    struct usb_backend backend; /* first */
    struct usb_local_address address;
    libusb_context *libusb;
    libusb_device_handle *handle;
    libusb_hotplug_callback_handle hotplug;
    bool has_hotplug, has_thread;
    unsigned long thread;
    volatile LONG is_stopping;

    KSPIN_LOCK lock;
    struct request *free;
    struct request *work, **work_last;

    /* The thread's, except at open and close. */
    struct usb_transfer *done_first, **done_last;
    bool has_left, has_told;
    bool is_claimed[MAX_INTERFACES], was_detached[MAX_INTERFACES];
};

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static void LIBUSB_CALL completed(struct libusb_transfer *libusb);

static struct request *allocate_request(struct local_backend *b)
{
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    struct request *r = b->free;
    if (r != NULL)
        b->free = r->next;
    KeReleaseSpinLock(&b->lock, irql);
    if (r == NULL) {
        r = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*r), LOCAL_TAG);
        if (r == NULL)
            return NULL;
        memset(r, 0, sizeof(*r));
        r->owner = b;
        r->libusb = libusb_alloc_transfer(0);
        if (r->libusb == NULL) {
            ExFreePoolWithTag(r, LOCAL_TAG);
            return NULL;
        }
    }
    r->is_submitting = r->is_done = r->is_queued = r->is_cancelled = false;
    return r;
}

/* With the lock. */
static void free_request(struct local_backend *b, struct request *r)
{
    r->transfer = NULL;
    r->next = b->free;
    b->free = r;
}

static bool make_room(struct request *r, size_t size)
{
    if (r->bounce_size >= size)
        return true;
    UCHAR *bounce = ExAllocatePoolWithTag(NonPagedPoolNx, size, LOCAL_TAG);
    if (bounce == NULL)
        return false;
    if (r->bounce != NULL)
        ExFreePoolWithTag(r->bounce, LOCAL_TAG);
    r->bounce = bounce;
    r->bounce_size = size;
    return true;
}

/* Copies between the transfer's memory and DATA. */
static void copy_data(const struct usb_transfer *t, UCHAR *data, size_t size, bool to_transfer)
{
    struct usb_segment whole = {t->buffer, t->length};
    const struct usb_segment *s = t->segments != NULL ? t->segments : &whole;
    for (; size != 0; s++) {
        size_t count = min(size, (size_t)s->length);
        if (to_transfer)
            memcpy(s->data, data, count);
        else
            memcpy(data, s->data, count);
        data += count;
        size -= count;
    }
}

/* Where libusb finds the data: with the transfer itself when that is one piece, else in the bounce buffer. */
static UCHAR *data_for(struct request *r)
{
    const struct usb_transfer *t = r->transfer;
    size_t front = t->endpoint == 0 ? SETUP : 0;
    if (front == 0 && t->segments == NULL)
        return t->buffer;
    if (front == 0 && t->segment_count == 1)
        return t->segments[0].data;
    if (!make_room(r, front + t->length))
        return NULL;
    if (front != 0)
        memcpy(r->bounce, t->setup, SETUP);
    if (!t->is_in)
        copy_data(t, r->bounce + front, t->length, false);
    return r->bounce;
}

static USBD_STATUS from_transfer_status(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return USBD_STATUS_SUCCESS;
    case LIBUSB_TRANSFER_STALL:
        return USBD_STATUS_STALL_PID;
    case LIBUSB_TRANSFER_CANCELLED:
        return USBD_STATUS_CANCELED;
    case LIBUSB_TRANSFER_OVERFLOW:
        return USBD_STATUS_BABBLE_DETECTED;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return USBD_STATUS_TIMEOUT;
    case LIBUSB_TRANSFER_ERROR:
        return USBD_STATUS_XACT_ERROR;
    default:
        return USBD_STATUS_DEV_NOT_RESPONDING;
    }
}

static USBD_STATUS from_error(int error)
{
    switch (error) {
    case 0:
        return USBD_STATUS_SUCCESS;
    case LIBUSB_ERROR_PIPE:
    case LIBUSB_ERROR_NOT_FOUND: /* no such setting, endpoint or configuration */
        return USBD_STATUS_STALL_PID;
    case LIBUSB_ERROR_NO_MEM:
    case LIBUSB_ERROR_BUSY:
        return USBD_STATUS_INSUFFICIENT_RESOURCES;
    default:
        return USBD_STATUS_DEV_NOT_RESPONDING;
    }
}

/* Takes the transfer away from its request, which is free then. With the lock. */
static struct usb_transfer *take_transfer(struct local_backend *b, struct request *r, USBD_STATUS status)
{
    struct usb_transfer *t = r->transfer;
    t->backend_data[0] = NULL;
    t->status = status;
    t->next = NULL;
    free_request(b, r);
    return t;
}

/* ---- submitting ---------------------------------------------------------------------------------------------------
 */

static void fill(struct request *r, UCHAR *data)
{
    const struct usb_transfer *t = r->transfer;
    libusb_device_handle *handle = r->owner->handle;
    if (t->endpoint == 0) {
        libusb_fill_control_transfer(r->libusb, handle, data, completed, r, 0);
        r->libusb->length = SETUP + (int)t->length; /* whatever wLength says */
    } else if (t->kind == USB_TRANSFER_INTERRUPT) {
        libusb_fill_interrupt_transfer(r->libusb, handle, t->endpoint, data, (int)t->length, completed, r, 0);
    } else {
        libusb_fill_bulk_transfer(r->libusb, handle, t->endpoint, data, (int)t->length, completed, r, 0);
    }
}

/* With the lock: gives the request to the thread. */
static void queue_work(struct local_backend *b, struct request *r)
{
    if (r->is_queued)
        return;
    r->is_queued = true;
    r->next = NULL;
    *b->work_last = r;
    b->work_last = &r->next;
}

/* Called once libusb_submit_transfer has returned. The transfer when it is over already, else NULL. */
static struct usb_transfer *submitted(struct local_backend *b, struct request *r, int error)
{
    struct usb_transfer *t = NULL;
    bool has_work = false;
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    r->is_submitting = false;
    if (error != 0) {
        t = take_transfer(b, r, from_error(error));
    } else if (r->is_done) {
        t = take_transfer(b, r, r->transfer->status);
    } else if (r->is_cancelled) {
        queue_work(b, r);
        has_work = true;
    }
    KeReleaseSpinLock(&b->lock, irql);
    if (has_work)
        libusb_interrupt_event_handler(b->libusb);
    return t;
}

static bool is_for_thread(const struct usb_transfer *t)
{
    return t->kind == USB_TRANSFER_SET_CONFIGURATION || t->kind == USB_TRANSFER_SET_INTERFACE ||
           t->kind == USB_TRANSFER_CLEAR_HALT;
}

/* The transfer when it is over at once. */
static struct usb_transfer *start(struct local_backend *b, struct usb_transfer *t)
{
    KIRQL irql;
    struct request *r = t->length <= INT32_MAX - SETUP ? allocate_request(b) : NULL;
    t->actual = 0;
    t->status = USBD_STATUS_INSUFFICIENT_RESOURCES;
    if (r == NULL)
        return t;
    r->transfer = t;
    UCHAR *data = is_for_thread(t) ? NULL : data_for(r);
    KeAcquireSpinLock(&b->lock, &irql);
    bool is_cancelled = t->backend_data[1] != NULL, is_work = is_for_thread(t) && !is_cancelled;
    if (is_cancelled || (!is_work && data == NULL && t->length != 0)) {
        take_transfer(b, r, is_cancelled ? USBD_STATUS_CANCELED : USBD_STATUS_INSUFFICIENT_RESOURCES);
        KeReleaseSpinLock(&b->lock, irql);
        return t;
    }
    t->backend_data[0] = r;
    r->is_submitting = !is_work;
    if (is_work)
        queue_work(b, r);
    KeReleaseSpinLock(&b->lock, irql);
    if (is_work) {
        libusb_interrupt_event_handler(b->libusb);
        return NULL;
    }
    fill(r, data);
    return submitted(b, r, libusb_submit_transfer(r->libusb));
}

static void submit(struct usb_backend *backend, struct usb_transfer *chain)
{
    struct usb_transfer *first = NULL, **last = &first;
    while (chain != NULL) {
        struct usb_transfer *t = chain;
        chain = t->next;
        t->next = NULL;
        *last = start((struct local_backend *)backend, t);
        if (*last != NULL)
            last = &(*last)->next;
    }
    if (first != NULL)
        usb_complete(backend, first);
}

static void cancel(struct usb_backend *backend, struct usb_transfer *t)
{
    struct local_backend *b = (struct local_backend *)backend;
    KeAcquireSpinLockAtDpcLevel(&b->lock);
    struct request *r = t->backend_data[0];
    t->backend_data[1] = b; /* for a transfer that submit has not seen yet */
    bool has_work = r != NULL && !r->is_cancelled && !r->is_done;
    if (has_work) {
        r->is_cancelled = true;
        if (!r->is_submitting)
            queue_work(b, r);
    }
    KeReleaseSpinLockFromDpcLevel(&b->lock);
    if (has_work)
        libusb_interrupt_event_handler(b->libusb);
}

/* ---- the thread ---------------------------------------------------------------------------------------------------
 */

static void add_done(struct local_backend *b, struct usb_transfer *t)
{
    *b->done_last = t;
    b->done_last = &t->next;
}

static void remove_work(struct local_backend *b, struct request *r)
{
    struct request **at = &b->work;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    if (b->work_last == &r->next)
        b->work_last = at;
    r->is_queued = false;
}

/* libusb has finished a transfer; inside libusb_handle_events. */
static void LIBUSB_CALL completed(struct libusb_transfer *libusb)
{
    struct request *r = libusb->user_data;
    struct local_backend *b = r->owner;
    struct usb_transfer *t = r->transfer;
    UCHAR *data = libusb->buffer + (t->endpoint == 0 ? SETUP : 0);
    KIRQL irql;
    t->actual = libusb->actual_length > 0 ? min((ULONG)libusb->actual_length, t->length) : 0;
    if (t->is_in && libusb->buffer == r->bounce && r->bounce != NULL)
        copy_data(t, data, t->actual, true);
    t->status = from_transfer_status(libusb->status);
    b->has_left |= libusb->status == LIBUSB_TRANSFER_NO_DEVICE;
    KeAcquireSpinLock(&b->lock, &irql);
    r->is_done = true;
    if (r->is_queued)
        remove_work(b, r);
    if (!r->is_submitting)
        add_done(b, take_transfer(b, r, t->status));
    KeReleaseSpinLock(&b->lock, irql);
}

static int LIBUSB_CALL left(libusb_context *libusb, libusb_device *device, libusb_hotplug_event event, void *context)
{
    struct local_backend *b = context;
    (void)libusb;
    (void)event;
    b->has_left |= device == libusb_get_device(b->handle);
    return 0;
}

/* The interfaces of the selected configuration, for this process alone. */
static int claim_interfaces(struct local_backend *b)
{
    struct libusb_config_descriptor *configuration;
    int error = libusb_get_active_config_descriptor(libusb_get_device(b->handle), &configuration);
    if (error != 0)
        return error == LIBUSB_ERROR_NOT_FOUND ? 0 : error; /* not configured */
    for (unsigned i = 0; i < configuration->bNumInterfaces && error == 0; i++) {
        const struct libusb_interface *interface = &configuration->interface[i];
        unsigned number = interface->num_altsetting != 0 ? interface->altsetting[0].bInterfaceNumber : MAX_INTERFACES;
        if (number >= MAX_INTERFACES || b->is_claimed[number])
            continue;
        if (libusb_kernel_driver_active(b->handle, (int)number) == 1) {
            error = libusb_detach_kernel_driver(b->handle, (int)number);
            if (error != 0 && error != LIBUSB_ERROR_NOT_FOUND)
                break;
            b->was_detached[number] = true;
        }
        error = libusb_claim_interface(b->handle, (int)number);
        b->is_claimed[number] = error == 0;
    }
    libusb_free_config_descriptor(configuration);
    return error;
}

static void release_interfaces(struct local_backend *b)
{
    for (int i = 0; i < MAX_INTERFACES; i++) {
        if (b->is_claimed[i])
            libusb_release_interface(b->handle, i);
        b->is_claimed[i] = false;
    }
}

static int select_configuration(struct local_backend *b, unsigned value)
{
    release_interfaces(b);
    int error = libusb_set_configuration(b->handle, value != 0 ? (int)value : -1);
    int claimed = claim_interfaces(b);
    return error != 0 ? error : claimed;
}

/* What only the thread does: calls that may wait. */
static int call_libusb(struct local_backend *b, const struct usb_transfer *t)
{
    unsigned value = t->setup[2] | t->setup[3] << 8, index = t->setup[4] | t->setup[5] << 8;
    switch (t->kind) {
    case USB_TRANSFER_SET_CONFIGURATION:
        return select_configuration(b, value);
    case USB_TRANSFER_SET_INTERFACE:
        return libusb_set_interface_alt_setting(b->handle, (int)index, (int)value);
    default:
        return libusb_clear_halt(b->handle, (unsigned char)index);
    }
}

static struct request *next_work(struct local_backend *b)
{
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    struct request *r = b->work;
    if (r != NULL)
        remove_work(b, r);
    KeReleaseSpinLock(&b->lock, irql);
    return r;
}

static void do_work(struct local_backend *b)
{
    struct request *r;
    while ((r = next_work(b)) != NULL) {
        if (!is_for_thread(r->transfer)) {
            libusb_cancel_transfer(r->libusb); /* its completion comes as an event */
            continue;
        }
        int error = call_libusb(b, r->transfer);
        KIRQL irql;
        KeAcquireSpinLock(&b->lock, &irql);
        if (r->is_queued)
            remove_work(b, r); /* cancelled meanwhile */
        add_done(b, take_transfer(b, r, from_error(error)));
        KeReleaseSpinLock(&b->lock, irql);
        b->has_left |= error == LIBUSB_ERROR_NO_DEVICE;
    }
}

static void handle_events(void *context)
{
    struct local_backend *b = context;
    while (!ReadAcquire(&b->is_stopping)) {
        struct timeval second = {.tv_sec = 1};
        libusb_handle_events_timeout_completed(b->libusb, &second, NULL);
        do_work(b);
        if (b->has_left && !b->has_told) {
            b->has_told = true;
            snprintf(b->backend.gone_reason, sizeof(b->backend.gone_reason), "it was pulled out of its port");
            usb_disconnected(&b->backend);
        }
        struct usb_transfer *first = b->done_first;
        b->done_first = NULL;
        b->done_last = &b->done_first;
        if (first != NULL)
            usb_complete(&b->backend, first);
    }
}

/* ---- open ---------------------------------------------------------------------------------------------------------
 */

static bool matches(const struct local_backend *b, const struct usb_local_address *a)
{
    return a->vendor == b->address.vendor && a->product == b->address.product &&
           (b->address.location[0] == '\0' || strcmp(a->location, b->address.location) == 0);
}

/* Finds the device, referenced. Otherwise ERROR says what there is instead. */
static libusb_device *find_device(struct local_backend *b, char *error, size_t error_size)
{
    libusb_device **devices, *found = NULL;
    char list[200] = "";
    unsigned count = 0;
    ssize_t total = libusb_get_device_list(b->libusb, &devices);
    for (ssize_t i = 0; i < total; i++) {
        struct usb_local_address a = {0};
        uint8_t port;
        size_t used = strlen(list);
        usb_local_get_address(devices[i], &a);
        bool is_match = matches(b, &a);
        if (is_match && count++ == 0)
            found = libusb_ref_device(devices[i]);
        if (libusb_get_port_numbers(devices[i], &port, 1) != 0)
            snprintf(list + used, sizeof(list) - used, "%s%04x:%04x@%s", used != 0 ? ", " : "", a.vendor, a.product,
                     a.location);
    }
    if (total >= 0)
        libusb_free_device_list(devices, 1);
    if (count == 1)
        return found;
    if (found != NULL)
        libusb_unref_device(found);
    if (total < 0)
        snprintf(error, error_size, "%s: the devices of this machine cannot be listed: %s", b->backend.name,
                 libusb_strerror((int)total));
    else if (count > 1)
        snprintf(error, error_size, "%s: there are %u such devices: say which one, as in %s@BUS-PORT; there are %s",
                 b->backend.name, count, b->backend.name, list);
    else
        snprintf(error, error_size, "%s: there is no such device; %s%s", b->backend.name,
                 list[0] != '\0' ? "there are " : "no USB device of this machine can be seen", list);
    return NULL;
}

static void explain_open(const struct local_backend *b, int result, char *error, size_t error_size)
{
    if (result != LIBUSB_ERROR_ACCESS) {
        snprintf(error, error_size, "%s: the device cannot be opened: %s", b->backend.name, libusb_strerror(result));
        return;
    }
    snprintf(error, error_size,
             "%s: this user may not open the device. Run as root, or put this line into "
             "/etc/udev/rules.d/70-ndiskit.rules, then run `udevadm control --reload` and plug the device in again:\n"
             "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", MODE=\"0660\", TAG+=\"uaccess\"",
             b->backend.name, b->address.vendor, b->address.product);
}

static NTSTATUS open_handle(struct local_backend *b, char *error, size_t error_size)
{
    libusb_device *device = find_device(b, error, error_size);
    if (device == NULL)
        return STATUS_NO_SUCH_DEVICE;
    int result = libusb_open(device, &b->handle);
    if (result == 0) {
        b->backend.speed = usb_local_speed(device);
        usb_local_get_address(device, &b->address);
    }
    libusb_unref_device(device);
    if (result != 0) {
        b->handle = NULL;
        explain_open(b, result, error, error_size);
        return result == LIBUSB_ERROR_ACCESS ? STATUS_ACCESS_DENIED : STATUS_NO_SUCH_DEVICE;
    }
    result = claim_interfaces(b);
    if (result == 0)
        return STATUS_SUCCESS;
    snprintf(error, error_size,
             "%s: its interfaces cannot be taken from Linux's driver: %s. Does another program use the device?",
             b->backend.name, libusb_strerror(result));
    return STATUS_SHARING_VIOLATION;
}

static NTSTATUS open_device(struct usb_backend *backend, char *error, size_t error_size)
{
    struct local_backend *b = (struct local_backend *)backend;
    int result = libusb_init(&b->libusb);
    if (result != 0) {
        b->libusb = NULL;
        snprintf(error, error_size, "%s: libusb cannot be used: %s. Is there a /dev/bus/usb?", backend->name,
                 libusb_strerror(result));
        return STATUS_NOT_SUPPORTED;
    }
    NTSTATUS status = open_handle(b, error, error_size);
    if (!NT_SUCCESS(status))
        return status;
    /* Where libusb has no hotplug, a removal is noticed by the transfers. */
    b->has_hotplug =
        libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
        libusb_hotplug_register_callback(b->libusb, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0, b->address.vendor,
                                         b->address.product, LIBUSB_HOTPLUG_MATCH_ANY, left, b, &b->hotplug) == 0;
    status = ke_thread_create_joinable("libusb", handle_events, b, &b->thread);
    b->has_thread = NT_SUCCESS(status);
    if (!b->has_thread)
        snprintf(error, error_size, "%s: no thread for the device (0x%08X)", backend->name, (unsigned)status);
    return status;
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

static NTSTATUS reset(struct usb_backend *backend)
{
    struct local_backend *b = (struct local_backend *)backend;
    int error = libusb_reset_device(b->handle);
    if (error == LIBUSB_ERROR_NO_DEVICE || error == LIBUSB_ERROR_NOT_FOUND)
        return STATUS_NO_SUCH_DEVICE;
    return error == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* Back to Linux's drivers. */
static void close_handle(struct local_backend *b)
{
    if (b->has_hotplug)
        libusb_hotplug_deregister_callback(b->libusb, b->hotplug);
    release_interfaces(b);
    for (int i = 0; i < MAX_INTERFACES; i++)
        if (b->was_detached[i])
            libusb_attach_kernel_driver(b->handle, i);
    libusb_close(b->handle);
}

static void close_device(struct usb_backend *backend)
{
    struct local_backend *b = (struct local_backend *)backend;
    struct request *r;
    if (b->has_thread) {
        WriteRelease(&b->is_stopping, 1);
        libusb_interrupt_event_handler(b->libusb);
        ke_thread_join(b->thread);
    }
    while ((r = b->free) != NULL) {
        b->free = r->next;
        libusb_free_transfer(r->libusb);
        if (r->bounce != NULL)
            ExFreePoolWithTag(r->bounce, LOCAL_TAG);
        ExFreePoolWithTag(r, LOCAL_TAG);
    }
    if (b->handle != NULL)
        close_handle(b);
    if (b->libusb != NULL)
        libusb_exit(b->libusb);
    ExFreePoolWithTag(b, LOCAL_TAG);
}

struct usb_backend *usb_local_create(const struct usb_local_address *address)
{
    static const struct usb_backend_ops ops = {open_device, submit, cancel, reset, close_device};
    struct local_backend *b = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*b), LOCAL_TAG);
    if (b == NULL)
        return NULL;
    memset(b, 0, sizeof(*b));
    b->address = *address;
    b->backend.ops = &ops;
    snprintf(b->backend.name, sizeof(b->backend.name), "libusb:%04x:%04x%s%.31s", address->vendor, address->product,
             address->location[0] != '\0' ? "@" : "", address->location);
    KeInitializeSpinLock(&b->lock);
    b->work_last = &b->work;
    b->done_last = &b->done_first;
    return &b->backend;
}
