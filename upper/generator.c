/*
 * The traffic generator. It measures what a frame costs from a protocol's send to the protocol's receive, so it must
 * itself cost next to nothing: its NET_BUFFER_LISTs are made before the clock starts and circulate as chains; a burst
 * is sent at DISPATCH_LEVEL, so that the processor is claimed and released once for all of it; completed chains are
 * pushed on a stack without being walked; of each received chain one frame is compared, and the chain goes back as it
 * is.
 *
 * Page: "Writing NDIS Protocol Drivers".
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <ndis.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/generator.h"

#define GENERATOR_TAG    'gUkN'
#define MAX_PORTS        1024
#define SILENCE_LIMIT_NS 2000000000ull

struct port {
    NDIS_HANDLE binding;
    NDIS_HANDLE pool;
    UCHAR mac[6];
    ULONG max_frame;
    KEVENT request_done;
    NDIS_STATUS request_status;

    struct ke_lock lock; /* the following */
    bool running, connected, driven;
    PNET_PNP_EVENT_NOTIFICATION pausing; /* waits until nobody drives the port */

    /* Of the thread that drives the port. */
    UCHAR *memory; /* frames */
    UCHAR *frame;  /* what all of them hold */
    ULONG frame_size;
    PNET_BUFFER_LIST free;

    /* Written by whoever completes and indicates; apart from what the driving thread only reads. */
    char apart[64];
    PNET_BUFFER_LIST completed; /* heads of chains, linked by ProtocolReserved[1] */
    uint64_t received, wrong;
    uint32_t waiting; /* the driving thread sleeps on wake */
    KEVENT wake;
};

static struct {
    NDIS_HANDLE handle;
    struct ke_lock lock;
    struct port *ports[MAX_PORTS];
    unsigned count;
} generator;

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* ---- the data path ------------------------------------------------------------------------------------------------
 */

static void wake_driver(struct port *port)
{
    if (__builtin_expect(__atomic_load_n(&port->waiting, __ATOMIC_SEQ_CST) != 0, 0))
        KeSetEvent(&port->wake, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    struct port *port = context;
    PNET_BUFFER_LIST head = __atomic_load_n(&port->completed, __ATOMIC_RELAXED);

    UNREFERENCED_PARAMETER(flags);
    do {
        NET_BUFFER_LIST_PROTOCOL_RESERVED(chain)[1] = head;
    } while (!__atomic_compare_exchange_n(&port->completed, &head, chain, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    wake_driver(port);
}

/* The echo exchanges the addresses and changes nothing else. */
static bool is_echo(const struct port *port, PNET_BUFFER_LIST nbl)
{
    PNET_BUFFER buffer = NET_BUFFER_LIST_FIRST_NB(nbl);
    const UCHAR *data;

    if (NET_BUFFER_DATA_LENGTH(buffer) != port->frame_size)
        return false;
    data = NdisGetDataBuffer(buffer, port->frame_size, NULL, 1, 0);
    return data != NULL && memcmp(data, port->frame + 6, 6) == 0 && memcmp(data + 6, port->frame, 6) == 0 &&
           memcmp(data + 12, port->frame + 12, port->frame_size - 12) == 0;
}

static VOID NTAPI receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER number, ULONG count,
                          ULONG flags)
{
    struct port *port = context;

    UNREFERENCED_PARAMETER(number);
    if (port->frame == NULL || !is_echo(port, chain))
        __atomic_fetch_add(&port->wrong, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&port->received, count, __ATOMIC_SEQ_CST);
    if (!NDIS_TEST_RECEIVE_CANNOT_PEND(flags))
        NdisReturnNetBufferLists(port->binding, chain,
                                 NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(flags) ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0);
    wake_driver(port);
}

/* Up to COUNT frames that are free, as one chain. */
static PNET_BUFFER_LIST take_burst(struct port *port, unsigned count)
{
    PNET_BUFFER_LIST first = NULL, *end = &first;

    while (count > 0) {
        PNET_BUFFER_LIST nbl;
        if (port->free == NULL) {
            /* One more of the completed chains. Only this thread takes them off, so the link stays as it is read. */
            PNET_BUFFER_LIST head = __atomic_load_n(&port->completed, __ATOMIC_ACQUIRE);
            while (head != NULL &&
                   !__atomic_compare_exchange_n(&port->completed, &head, NET_BUFFER_LIST_PROTOCOL_RESERVED(head)[1],
                                                true, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
                continue;
            if (head == NULL)
                break;
            port->free = head;
        }
        *end = port->free;
        for (nbl = port->free; --count > 0 && NET_BUFFER_LIST_NEXT_NBL(nbl) != NULL;)
            nbl = NET_BUFFER_LIST_NEXT_NBL(nbl);
        port->free = NET_BUFFER_LIST_NEXT_NBL(nbl);
        end = &NET_BUFFER_LIST_NEXT_NBL(nbl);
    }
    *end = NULL;
    return first;
}

static bool is_up(struct port *port)
{
    bool up;
    ke_lock(&port->lock);
    up = port->running && port->connected;
    ke_unlock(&port->lock);
    return up;
}

/* Sleeps until something has come back, at most 10 ms. */
static void wait_for_frames(struct port *port, uint64_t received)
{
    LARGE_INTEGER timeout = {.QuadPart = -100000};

    __atomic_store_n(&port->waiting, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&port->completed, __ATOMIC_SEQ_CST) == NULL &&
        __atomic_load_n(&port->received, __ATOMIC_SEQ_CST) == received)
        KeWaitForSingleObject(&port->wake, Executive, KernelMode, FALSE, &timeout);
    __atomic_store_n(&port->waiting, 0, __ATOMIC_SEQ_CST);
}

static void send_burst(struct port *port, PNET_BUFFER_LIST chain)
{
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NdisSendNetBufferLists(port->binding, chain, NDIS_DEFAULT_PORT_NUMBER, NDIS_SEND_FLAGS_DISPATCH_LEVEL);
    KeLowerIrql(irql);
}

struct run {
    uint64_t started, started_cpu, base, last_progress, last_received;
    bool timed;
};

/* Whether to go on; looks at the clock, hence not for each burst. */
static bool go_on(struct port *port, const struct generator_load *load, struct run *run)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC), received = __atomic_load_n(&port->received, __ATOMIC_RELAXED);

    if (!run->timed && received >= load->warm_up_frames) {
        run->timed = true;
        run->base = received;
        run->started_cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
        now = run->started = now_ns(CLOCK_MONOTONIC);
    }
    if (received != run->last_received) {
        run->last_received = received;
        run->last_progress = now;
    }
    if (now - run->last_progress > SILENCE_LIMIT_NS || !is_up(port))
        return false;
    if (!run->timed)
        return true;
    return (load->duration_ms == 0 || now - run->started < load->duration_ms * 1000000ull) &&
           (load->frames == 0 || received - run->base < load->frames);
}

static void drive(struct port *port, const struct generator_load *load, struct run *run)
{
    unsigned rounds = 0, per_look = load->burst > 1 ? 64 : 1;

    while (rounds++ % per_look != 0 || go_on(port, load, run)) {
        uint64_t received = __atomic_load_n(&port->received, __ATOMIC_RELAXED);
        PNET_BUFFER_LIST chain = take_burst(port, load->burst);
        if (chain != NULL) {
            send_burst(port, chain);
            continue;
        }
        wait_for_frames(port, received);
        rounds = 0;
    }
}

static void drive_one_by_one(struct port *port, const struct generator_load *load, struct run *run)
{
    uint64_t n = 0, wanted = load->frames + load->warm_up_frames;

    while (n < wanted && go_on(port, load, run)) {
        uint64_t received = __atomic_load_n(&port->received, __ATOMIC_RELAXED), before = now_ns(CLOCK_MONOTONIC);
        PNET_BUFFER_LIST chain = take_burst(port, 1);
        if (chain != NULL)
            send_burst(port, chain);
        while (__atomic_load_n(&port->received, __ATOMIC_ACQUIRE) == received &&
               now_ns(CLOCK_MONOTONIC) - before < SILENCE_LIMIT_NS)
            wait_for_frames(port, received);
        if (n >= load->warm_up_frames)
            load->latency_ns[n - load->warm_up_frames] = (uint32_t)(now_ns(CLOCK_MONOTONIC) - before);
        n++;
    }
}

/* ---- frames ---------------------------------------------------------------------------------------------------------
 */

static void free_frames(PNET_BUFFER_LIST chain, uint64_t *failed)
{
    while (chain != NULL) {
        PNET_BUFFER_LIST next = NET_BUFFER_LIST_NEXT_NBL(chain);
        PMDL mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(chain));
        *failed += NET_BUFFER_LIST_STATUS(chain) != NDIS_STATUS_SUCCESS;
        NdisFreeNetBufferList(chain);
        NdisFreeMdl(mdl);
        chain = next;
    }
}

/* A frame to a station of its own, unicast, with an EtherType for experiments (IEEE 802, 0x88B5). */
static void fill(const struct port *port, UCHAR *frame)
{
    static const UCHAR peer[6] = {0x02, 0, 0, 0, 0, 0x99};
    memcpy(frame, peer, 6);
    memcpy(frame + 6, port->mac, 6);
    frame[12] = 0x88;
    frame[13] = 0xB5;
    for (ULONG i = 14; i < port->frame_size; i++)
        frame[i] = (UCHAR)(i * 7);
}

static unsigned make_frames(struct port *port, const struct generator_load *load)
{
    size_t stride = (load->frame_size + 63) & ~(size_t)63;
    unsigned made = 0;

    port->frame_size = load->frame_size;
    port->memory =
        ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_CACHE_ALIGNED, stride * (load->window + 1), GENERATOR_TAG);
    if (port->memory == NULL)
        return 0;
    port->frame = port->memory + stride * load->window;
    fill(port, port->frame);
    for (; made < load->window; made++) {
        UCHAR *data = port->memory + stride * made;
        PMDL mdl = NdisAllocateMdl(port->binding, data, load->frame_size);
        PNET_BUFFER_LIST nbl =
            mdl != NULL ? NdisAllocateNetBufferAndNetBufferList(port->pool, 0, 0, mdl, 0, load->frame_size) : NULL;
        if (nbl == NULL) {
            if (mdl != NULL)
                NdisFreeMdl(mdl);
            break;
        }
        memcpy(data, port->frame, load->frame_size);
        nbl->SourceHandle = port->binding;
        NET_BUFFER_LIST_NEXT_NBL(nbl) = port->free;
        port->free = nbl;
    }
    return made;
}

/* Waits until the miniport has completed every send, and frees them. */
static uint64_t collect_frames(struct port *port, unsigned made)
{
    uint64_t failed = 0;
    unsigned home = 0;

    while (home < made) {
        LARGE_INTEGER interval = {.QuadPart = -1000};
        PNET_BUFFER_LIST chain = take_burst(port, made);
        for (PNET_BUFFER_LIST nbl = chain; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
            home++;
        free_frames(chain, &failed);
        if (home < made)
            KeDelayExecutionThread(KernelMode, FALSE, &interval);
    }
    return failed;
}

/* ---- driving a port -------------------------------------------------------------------------------------------------
 */

static struct port *begin_drive(unsigned number)
{
    struct port *port = NULL;

    ke_lock(&generator.lock);
    for (unsigned i = 0; i < generator.count && port == NULL; i++) {
        if (is_up(generator.ports[i]) && number-- == 0)
            port = generator.ports[i];
    }
    if (port != NULL) {
        bool taken;
        ke_lock(&port->lock);
        taken = port->driven || !port->running;
        port->driven = true;
        ke_unlock(&port->lock);
        if (taken)
            port = NULL;
    }
    ke_unlock(&generator.lock);
    return port;
}

static void end_drive(struct port *port)
{
    PNET_PNP_EVENT_NOTIFICATION pausing;

    ke_lock(&port->lock);
    port->driven = false;
    pausing = port->pausing;
    port->pausing = NULL;
    ke_unlock(&port->lock);
    if (pausing != NULL)
        NdisCompleteNetPnPEvent(port->binding, pausing, NDIS_STATUS_SUCCESS);
}

bool upper_generator_run(unsigned number, const struct generator_load *load, struct generator_result *result,
                         char *error, size_t error_size)
{
    struct port *port = begin_drive(number);
    struct run run = {0};
    unsigned made;
    bool ok;

    *result = (struct generator_result){0};
    if (port == NULL) {
        snprintf(error, error_size, "The generator has no adapter %u whose link is up.", number);
        return false;
    }
    if (load->frame_size < 60 || load->frame_size > port->max_frame || load->burst == 0 || load->window < load->burst) {
        snprintf(error, error_size, "The generator takes frames of 60 to %u bytes, and a window of at least a burst.",
                 port->max_frame);
        end_drive(port);
        return false;
    }
    port->received = port->wrong = 0;
    made = make_frames(port, load);
    run.last_progress = now_ns(CLOCK_MONOTONIC);
    if (made == load->window) {
        if (load->latency_ns != NULL)
            drive_one_by_one(port, load, &run);
        else
            drive(port, load, &run);
    }
    result->elapsed_ns = now_ns(CLOCK_MONOTONIC) - run.started;
    result->cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID) - run.started_cpu;
    result->received = __atomic_load_n(&port->received, __ATOMIC_RELAXED) - run.base;
    result->failed = collect_frames(port, made);
    result->wrong = __atomic_load_n(&port->wrong, __ATOMIC_RELAXED);
    ok = run.timed && now_ns(CLOCK_MONOTONIC) - run.last_progress < SILENCE_LIMIT_NS;
    if (!ok)
        snprintf(error, error_size, "The generator got %llu frames back and then none for two seconds.",
                 (unsigned long long)port->received);
    port->frame = NULL;
    if (port->memory != NULL)
        ExFreePoolWithTag(port->memory, GENERATOR_TAG);
    port->memory = NULL;
    end_drive(port);
    return ok;
}

unsigned upper_generator_ports(void)
{
    unsigned up = 0;

    ke_lock(&generator.lock);
    for (unsigned i = 0; i < generator.count; i++)
        up += is_up(generator.ports[i]);
    ke_unlock(&generator.lock);
    return up;
}

/* ---- binding --------------------------------------------------------------------------------------------------------
 */

static NDIS_STATUS wait_if_pending(struct port *port, NDIS_STATUS status)
{
    if (status != NDIS_STATUS_PENDING)
        return status;
    KeWaitForSingleObject(&port->request_done, Executive, KernelMode, FALSE, NULL);
    return port->request_status;
}

static VOID NTAPI open_complete(NDIS_HANDLE context, NDIS_STATUS status)
{
    struct port *port = context;
    port->request_status = status;
    KeSetEvent(&port->request_done, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI close_complete(NDIS_HANDLE context)
{
    open_complete(context, NDIS_STATUS_SUCCESS);
}

static VOID NTAPI oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
    UNREFERENCED_PARAMETER(request);
    open_complete(context, status);
}

static NDIS_STATUS set_packet_filter(struct port *port, ULONG filter)
{
    NDIS_OID_REQUEST request = {
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestSetInformation,
        .DATA.SET_INFORMATION = {OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter), 0, 0},
    };
    KeClearEvent(&port->request_done);
    return wait_if_pending(port, NdisOidRequest(port->binding, &request));
}

static NDIS_STATUS open_adapter(struct port *port, NDIS_HANDLE bind_context, const NDIS_BIND_PARAMETERS *parameters)
{
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    UINT selected;
    NDIS_OPEN_PARAMETERS open = {
        .Header = {NDIS_OBJECT_TYPE_OPEN_PARAMETERS, NDIS_OPEN_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1},
        .AdapterName = parameters->AdapterName,
        .MediumArray = media,
        .MediumArraySize = RTL_NUMBER_OF(media),
        .SelectedMediumIndex = &selected,
    };
    return wait_if_pending(port, NdisOpenAdapterEx(generator.handle, port, &open, bind_context, &port->binding));
}

static bool add_port(struct port *port)
{
    bool added;

    ke_lock(&generator.lock);
    added = generator.count < MAX_PORTS;
    if (added)
        generator.ports[generator.count++] = port;
    ke_unlock(&generator.lock);
    return added;
}

static void remove_port(struct port *port)
{
    unsigned at = 0;

    ke_lock(&generator.lock);
    while (at < generator.count && generator.ports[at] != port)
        at++;
    if (at < generator.count) {
        generator.count--;
        memmove(&generator.ports[at], &generator.ports[at + 1], (generator.count - at) * sizeof(generator.ports[0]));
    }
    ke_unlock(&generator.lock);
}

static NDIS_STATUS NTAPI bind_adapter(NDIS_HANDLE driver_context, NDIS_HANDLE bind_context,
                                      PNDIS_BIND_PARAMETERS parameters)
{
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {.Header = {NDIS_OBJECT_TYPE_DEFAULT,
                                                       NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                                                       NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
                                            .ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
                                            .fAllocateNetBuffer = TRUE,
                                            .PoolTag = GENERATOR_TAG};
    NDIS_STATUS status = NDIS_STATUS_RESOURCES;
    struct port *port;

    UNREFERENCED_PARAMETER(driver_context);
    if (parameters->MediaType != NdisMedium802_3)
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    port = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*port), GENERATOR_TAG);
    if (port == NULL)
        return NDIS_STATUS_RESOURCES;
    KeInitializeEvent(&port->request_done, SynchronizationEvent, FALSE);
    KeInitializeEvent(&port->wake, SynchronizationEvent, FALSE);
    memcpy(port->mac, parameters->CurrentMacAddress, sizeof(port->mac));
    port->max_frame = parameters->MtuSize + 14;
    port->connected = parameters->MediaConnectState == MediaConnectStateConnected;
    port->pool = NdisAllocateNetBufferListPool(NULL, &pool);
    if (port->pool == NULL || !add_port(port))
        goto free;
    status = open_adapter(port, bind_context, parameters);
    if (status != NDIS_STATUS_SUCCESS)
        goto remove;
    status = set_packet_filter(port, NDIS_PACKET_TYPE_DIRECTED);
    if (status == NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_SUCCESS;
    KeClearEvent(&port->request_done);
    wait_if_pending(port, NdisCloseAdapterEx(port->binding));
remove:
    remove_port(port);
free:
    if (port->pool != NULL)
        NdisFreeNetBufferListPool(port->pool);
    ExFreePoolWithTag(port, GENERATOR_TAG);
    return status;
}

static NDIS_STATUS NTAPI unbind_adapter(NDIS_HANDLE unbind_context, NDIS_HANDLE context)
{
    struct port *port = context;

    UNREFERENCED_PARAMETER(unbind_context);
    remove_port(port);
    (void)set_packet_filter(port, 0); /* a device that is gone cannot take it */
    KeClearEvent(&port->request_done);
    wait_if_pending(port, NdisCloseAdapterEx(port->binding));
    NdisFreeNetBufferListPool(port->pool);
    ExFreePoolWithTag(port, GENERATOR_TAG);
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI status_ex(NDIS_HANDLE context, PNDIS_STATUS_INDICATION indication)
{
    struct port *port = context;

    if (indication->StatusCode != NDIS_STATUS_LINK_STATE ||
        indication->StatusBufferSize < NDIS_SIZEOF_LINK_STATE_REVISION_1)
        return;
    ke_lock(&port->lock);
    port->connected =
        ((const NDIS_LINK_STATE *)indication->StatusBuffer)->MediaConnectState == MediaConnectStateConnected;
    ke_unlock(&port->lock);
}

static NDIS_STATUS NTAPI pnp_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION event)
{
    struct port *port = context;
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;

    if (port == NULL)
        return NDIS_STATUS_SUCCESS;
    ke_lock(&port->lock);
    if (event->NetPnPEvent.NetEvent == NetEventRestart)
        port->running = true;
    if (event->NetPnPEvent.NetEvent == NetEventPause) {
        port->running = false;
        if (port->driven) {
            port->pausing = event;
            status = NDIS_STATUS_PENDING;
        }
    }
    ke_unlock(&port->lock);
    return status;
}

static VOID NTAPI uninstall(VOID) {}

bool upper_generator_start(char *error, size_t error_size)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS characteristics = {
        .Header = {NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS, NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
                   NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .Name = RTL_CONSTANT_STRING(L"NDISKIT_GENERATOR"),
        .BindAdapterHandlerEx = bind_adapter,
        .UnbindAdapterHandlerEx = unbind_adapter,
        .OpenAdapterCompleteHandlerEx = open_complete,
        .CloseAdapterCompleteHandlerEx = close_complete,
        .NetPnPEventHandler = pnp_event,
        .UninstallHandler = uninstall,
        .OidRequestCompleteHandler = oid_complete,
        .StatusHandlerEx = status_ex,
        .ReceiveNetBufferListsHandler = receive,
        .SendNetBufferListsCompleteHandler = send_complete,
    };
    NDIS_STATUS status = NdisRegisterProtocolDriver(NULL, &characteristics, &generator.handle);

    if (status == NDIS_STATUS_SUCCESS)
        return true;
    snprintf(error, error_size, "The generator cannot register as an NDIS protocol (status 0x%08X).", (unsigned)status);
    return false;
}

void upper_generator_stop(void)
{
    NdisDeregisterProtocolDriver(generator.handle);
    generator.handle = NULL;
}
