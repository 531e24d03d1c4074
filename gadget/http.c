/*
 * A small HTTP/1.1 server on 127.0.0.1, so that a download through a simulated device has something to fetch: every
 * path is the same document of pseudo-random bytes, which anyone can make again and whose SHA-256 is known before the
 * download. One thread, non-blocking sockets, a fixed number of connections.
 */
#include "gadget/gadget.h"
#include "ntoskrnl/ke/ke.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTP_TAG 0x70747468 /* "http" */

enum { MAX_CONNECTIONS = 16, MAX_REQUEST = 4096, CHUNK = 65536, WORD = 8 };

struct connection {
    int fd; /* -1: free */
    bool is_answering, closes;
    size_t received;
    char request[MAX_REQUEST];
    char head[256];
    size_t head_size, head_sent;
    ULONGLONG sent;
    ULONGLONG size; /* of this answer's body */
};

struct gadget_http_server {
    ULONGLONG size;
    UCHAR digest[32];
    int listener, wake;
    USHORT port;
    unsigned long thread;
    volatile LONG is_stopping;
    struct connection connections[MAX_CONNECTIONS];
};

/* ---- the document -------------------------------------------------------------------------------------------------
 */

/* SplitMix64 of the word's number: any part of the document can be made without what comes before. */
static ULONGLONG document_word(ULONGLONG number)
{
    ULONGLONG z = (number + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static void document_read(ULONGLONG offset, UCHAR *out, size_t size)
{
    while (size != 0) {
        ULONGLONG word = document_word(offset / WORD);
        size_t skip = offset % WORD, n = WORD - skip < size ? WORD - skip : size;
        memcpy(out, (UCHAR *)&word + skip, n);
        out += n;
        offset += n;
        size -= n;
    }
}

static bool hash_document(ULONGLONG size, UCHAR digest[32])
{
    UCHAR chunk[CHUNK / 4];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    for (ULONGLONG at = 0; is_good && at < size;) {
        size_t n = size - at < sizeof(chunk) ? (size_t)(size - at) : sizeof(chunk);
        document_read(at, chunk, n);
        is_good = EVP_DigestUpdate(context, chunk, n) == 1;
        at += n;
    }
    is_good = is_good && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return is_good;
}

/* ---- connections --------------------------------------------------------------------------------------------------
 */

static void close_connection(struct connection *c)
{
    close(c->fd);
    c->fd = -1;
}

static void accept_connection(struct gadget_http_server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        struct connection *c = &server->connections[i];
        if (c->fd >= 0)
            continue;
        memset(c, 0, sizeof(*c));
        c->fd = fd;
        return;
    }
    close(fd);
}

static void start_answer(struct gadget_http_server *server, struct connection *c, const char *end)
{
    bool is_get = strncmp(c->request, "GET ", 4) == 0, is_head = strncmp(c->request, "HEAD ", 5) == 0;
    c->closes = strcasestr(c->request, "\nConnection: close") != NULL || strstr(c->request, " HTTP/1.0\r") != NULL ||
                !(is_get || is_head);
    c->size = is_get ? server->size : 0;
    int n = is_get || is_head
                ? snprintf(c->head, sizeof(c->head),
                           "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %llu\r\n"
                           "Connection: %s\r\n\r\n",
                           (unsigned long long)server->size, c->closes ? "close" : "keep-alive")
                : snprintf(c->head, sizeof(c->head),
                           "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n");
    c->head_size = (size_t)n;
    c->head_sent = 0;
    c->sent = 0;
    c->is_answering = true;
    size_t used = (size_t)(end - c->request);
    c->received -= used;
    memmove(c->request, end, c->received + 1);
}

static void try_request(struct gadget_http_server *server, struct connection *c)
{
    c->request[c->received] = 0;
    const char *end = strstr(c->request, "\r\n\r\n");
    if (end != NULL)
        start_answer(server, c, end + 4);
    else if (c->received == sizeof(c->request) - 1)
        close_connection(c); /* no request is that long */
}

static void read_request(struct gadget_http_server *server, struct connection *c)
{
    ssize_t n = recv(c->fd, c->request + c->received, sizeof(c->request) - 1 - c->received, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            close_connection(c);
        return;
    }
    c->received += (size_t)n;
    try_request(server, c);
}

/* False when the socket takes no more or is closed. */
static bool send_some(struct connection *c)
{
    static _Thread_local UCHAR chunk[CHUNK];
    const void *data = c->head + c->head_sent;
    size_t size = c->head_size - c->head_sent;
    bool is_head = size != 0;
    if (!is_head) {
        size = c->size - c->sent < sizeof(chunk) ? (size_t)(c->size - c->sent) : sizeof(chunk);
        document_read(c->sent, chunk, size);
        data = chunk;
    }
    ssize_t n = send(c->fd, data, size, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            close_connection(c);
        return false;
    }
    if (is_head)
        c->head_sent += (size_t)n;
    else
        c->sent += (ULONGLONG)n;
    return (size_t)n == size;
}

static void write_answer(struct gadget_http_server *server, struct connection *c)
{
    while (c->head_sent < c->head_size || c->sent < c->size)
        if (!send_some(c))
            return;
    c->is_answering = false;
    if (c->closes)
        close_connection(c);
    else if (c->received != 0)
        try_request(server, c);
}

static void serve(void *context)
{
    struct gadget_http_server *server = context;
    while (!ReadAcquire(&server->is_stopping)) {
        struct pollfd fds[MAX_CONNECTIONS + 2];
        fds[0] = (struct pollfd){server->wake, POLLIN, 0};
        fds[1] = (struct pollfd){server->listener, POLLIN, 0};
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *c = &server->connections[i];
            fds[i + 2] = (struct pollfd){c->fd, c->is_answering ? POLLOUT : POLLIN, 0};
        }
        if (ke_poll(fds, MAX_CONNECTIONS + 2, -1) < 0)
            continue;
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *c = &server->connections[i];
            if (c->fd < 0 || fds[i + 2].fd != c->fd || fds[i + 2].revents == 0)
                continue;
            if (c->is_answering)
                write_answer(server, c);
            else
                read_request(server, c);
        }
        if (fds[1].revents != 0)
            accept_connection(server);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

static NTSTATUS listen_on_loopback(struct gadget_http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->wake < 0 || server->listener < 0 || bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(server->listener, MAX_CONNECTIONS) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        return STATUS_UNSUCCESSFUL;
    server->port = ntohs(address.sin_port);
    return STATUS_SUCCESS;
}

static void free_server(struct gadget_http_server *server)
{
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (server->connections[i].fd >= 0)
            close(server->connections[i].fd);
    if (server->listener >= 0)
        close(server->listener);
    if (server->wake >= 0)
        close(server->wake);
    ExFreePoolWithTag(server, HTTP_TAG);
}

NTSTATUS gadget_http_start(ULONGLONG size, struct gadget_http_server **server, char *error, size_t error_size)
{
    struct gadget_http_server *s = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*s), HTTP_TAG);
    *server = NULL;
    if (s == NULL) {
        snprintf(error, error_size, "the HTTP server cannot start: out of memory");
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    memset(s, 0, sizeof(*s));
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        s->connections[i].fd = -1;
    s->size = size;
    NTSTATUS status = listen_on_loopback(s);
    if (!NT_SUCCESS(status)) {
        snprintf(error, error_size, "the HTTP server cannot listen on 127.0.0.1: %s", strerror(errno));
    } else if (!hash_document(size, s->digest)) {
        status = STATUS_UNSUCCESSFUL;
        snprintf(error, error_size, "the HTTP server cannot hash its document");
    } else {
        status = ke_thread_create_joinable("http", serve, s, &s->thread);
        if (!NT_SUCCESS(status))
            snprintf(error, error_size, "the HTTP server cannot start a thread (0x%08X)", (unsigned)status);
    }
    if (!NT_SUCCESS(status)) {
        free_server(s);
        return status;
    }
    *server = s;
    return STATUS_SUCCESS;
}

USHORT gadget_http_port(const struct gadget_http_server *server)
{
    return server->port;
}

void gadget_http_digest(const struct gadget_http_server *server, UCHAR digest[32])
{
    memcpy(digest, server->digest, 32);
}

ULONGLONG gadget_http_size(const struct gadget_http_server *server)
{
    return server->size;
}

void gadget_http_stop(struct gadget_http_server *server)
{
    uint64_t one = 1;
    WriteRelease(&server->is_stopping, 1);
    while (write(server->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    ke_thread_join(server->thread);
    free_server(server);
}
