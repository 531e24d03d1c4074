/*
 * An HTTP/1.1 GET over lwIP's TCP (RFC 9112), into a SHA-256: a transfer through the whole stack whose every byte is
 * accounted for. Only what a plain download needs: a status line, Content-Length, a body.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <openssl/evp.h>
#include <wdm.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/upper.h"

#define HEADER_LIMIT 4096

struct download {
    struct tcp_pcb *pcb; /* NULL once it is closed */
    const char *request;
    char header[HEADER_LIMIT + 1];
    size_t header_length;
    bool in_body;
    bool ended;
    const char *failure;
    EVP_MD_CTX *digest;
    uint64_t started_at, ended_at;
    KEVENT progress; /* set for each arrival, and at the end */
    struct upper_http_result *result;
};

static void end_download(struct download *download, const char *failure)
{
    if (!download->ended) {
        download->ended = true;
        download->failure = failure;
        download->ended_at = (uint64_t)ke_now() * 100;
    }
    KeSetEvent(&download->progress, IO_NO_INCREMENT, FALSE);
}

static bool parse_header(struct download *download)
{
    const char *length = NULL;
    char *end;

    if (sscanf(download->header, "HTTP/1.%*c %3u", &download->result->status) != 1)
        return false;
    for (const char *line = download->header; line != NULL; line = strstr(line, "\r\n")) {
        line += strncmp(line, "\r\n", 2) == 0 ? 2 : 0;
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            length = line + 15;
    }
    if (length == NULL)
        return false;
    download->result->body_length = strtoull(length, &end, 10);
    return end != length;
}

static void take_body(struct download *download, const void *data, size_t length)
{
    EVP_DigestUpdate(download->digest, data, length);
    download->result->body_bytes += length;
    if (download->result->body_bytes > download->result->body_length)
        end_download(download, "the server sent more than its Content-Length");
    else if (download->result->body_bytes == download->result->body_length)
        end_download(download, NULL);
}

static void take_bytes(struct download *download, const char *data, size_t length)
{
    size_t room = HEADER_LIMIT - download->header_length, part = length < room ? length : room, before;
    char *end;

    if (download->in_body) {
        take_body(download, data, length);
        return;
    }
    before = download->header_length;
    memcpy(download->header + before, data, part);
    download->header_length += part;
    download->header[download->header_length] = '\0';
    end = strstr(download->header, "\r\n\r\n");
    if (end == NULL) {
        if (download->header_length == HEADER_LIMIT)
            end_download(download, "the response header is longer than 4096 bytes");
        return;
    }
    end[2] = '\0';
    download->in_body = true;
    if (!parse_header(download)) {
        end_download(download, "the response has no valid status line and Content-Length");
        return;
    }
    size_t used = (size_t)(end + 4 - download->header) - before;
    take_body(download, data + used, length - used);
}

static err_t http_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct download *download = arg;

    if (p == NULL || err != ERR_OK) {
        if (p != NULL)
            pbuf_free(p);
        end_download(download, "the server closed the connection before the end of the body");
        return ERR_OK;
    }
    for (struct pbuf *part = p; part != NULL && !download->ended; part = part->next)
        take_bytes(download, part->payload, part->len);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    KeSetEvent(&download->progress, IO_NO_INCREMENT, FALSE);
    return ERR_OK;
}

static err_t http_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct download *download = arg;

    LWIP_UNUSED_ARG(err);
    if (tcp_write(pcb, download->request, (u16_t)strlen(download->request), TCP_WRITE_FLAG_COPY) != ERR_OK)
        end_download(download, "the request cannot be queued");
    return tcp_output(pcb);
}

static void http_error(void *arg, err_t err)
{
    struct download *download = arg;

    download->pcb = NULL;
    end_download(download, err == ERR_RST ? "the server reset the connection" : "the connection was aborted");
}

static bool start(struct download *download, uint32_t address, uint16_t port)
{
    ip_addr_t destination;

    ip_addr_set_ip4_u32_val(destination, address);
    download->pcb = tcp_new();
    if (download->pcb == NULL)
        return false;
    tcp_arg(download->pcb, download);
    tcp_recv(download->pcb, http_received);
    tcp_err(download->pcb, http_error);
    download->started_at = (uint64_t)ke_now() * 100;
    return tcp_connect(download->pcb, &destination, port, http_connected) == ERR_OK;
}

static void stop(struct download *download)
{
    if (download->pcb == NULL)
        return;
    tcp_arg(download->pcb, NULL);
    tcp_recv(download->pcb, NULL);
    tcp_err(download->pcb, NULL);
    tcp_abort(download->pcb);
}

static const char *run(struct download *download, uint32_t address, uint16_t port, unsigned idle_timeout_ms)
{
    LARGE_INTEGER timeout = {.QuadPart = -10000LL * idle_timeout_ms};
    const char *failure = NULL;
    bool ended;

    LOCK_TCPIP_CORE();
    ended = !start(download, address, port);
    UNLOCK_TCPIP_CORE();
    if (ended)
        failure = "no connection can be opened";
    while (!ended) {
        NTSTATUS status = KeWaitForSingleObject(&download->progress, Executive, KernelMode, FALSE, &timeout);
        LOCK_TCPIP_CORE();
        ended = download->ended;
        failure = download->failure;
        UNLOCK_TCPIP_CORE();
        if (!ended && status == STATUS_TIMEOUT) {
            failure = "no data came before the time was up";
            ended = true;
        }
    }
    LOCK_TCPIP_CORE();
    stop(download);
    UNLOCK_TCPIP_CORE();
    return failure;
}

bool upper_stack_http_get(uint32_t address, uint16_t port, const char *path, unsigned idle_timeout_ms,
                          struct upper_http_result *result, char *error, size_t error_size)
{
    struct download *download = calloc(1, sizeof(*download));
    char request[512];
    const char *failure = "out of memory";
    const uint8_t *a = (const uint8_t *)&address;

    memset(result, 0, sizeof(*result));
    if (download != NULL)
        download->digest = EVP_MD_CTX_new();
    if (download != NULL && download->digest != NULL && EVP_DigestInit_ex(download->digest, EVP_sha256(), NULL) == 1) {
        snprintf(request, sizeof(request),
                 "GET %s HTTP/1.1\r\nHost: %u.%u.%u.%u:%u\r\nUser-Agent: ndiskit\r\nConnection: close\r\n\r\n", path,
                 a[0], a[1], a[2], a[3], port);
        download->request = request;
        download->result = result;
        KeInitializeEvent(&download->progress, SynchronizationEvent, FALSE);
        failure = run(download, address, port, idle_timeout_ms);
        result->duration_ns = download->ended_at - download->started_at;
        EVP_DigestFinal_ex(download->digest, result->sha256, NULL);
        if (failure == NULL && result->status != 200)
            failure = "the server answered with another status than 200";
    }
    if (failure != NULL)
        snprintf(error, error_size, "GET http://%u.%u.%u.%u:%u%s: %s (status %u, %llu of %llu bytes).", a[0], a[1],
                 a[2], a[3], port, path, failure, result->status, (unsigned long long)result->body_bytes,
                 (unsigned long long)result->body_length);
    if (download != NULL)
        EVP_MD_CTX_free(download->digest);
    free(download);
    return failure == NULL;
}
