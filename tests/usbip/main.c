/*
 * usbip_server: exports a simulated NCM adapter over USB/IP on a free port of 127.0.0.1, which it prints, until its
 * standard input ends. Words on standard input act: "pull", "put back".
 *
 *     usbip_server [slirp|echo|none] [fault=N] [at=N] [busid=ID]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "include/ndiskit/ndiskit.h"
#include "tests/usbip/usbip_server.h"

static struct gadget_network *make_network(const char *name)
{
    return strcmp(name, "echo") == 0   ? gadget_network_echo()
           : strcmp(name, "none") == 0 ? gadget_network_sink()
                                       : gadget_network_slirp(false);
}

int main(int argc, char **argv)
{
    struct usbip_server_options options = {0};
    struct gadget_options gadget = {.serial = "REMOTE1"};
    struct ndiskit_error error;
    const char *network = "slirp";
    char line[64];

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "fault=", 6) == 0)
            options.fault = (enum usbip_server_fault)atoi(argv[i] + 6);
        else if (strncmp(argv[i], "at=", 3) == 0)
            options.fault_at = (unsigned)atoi(argv[i] + 3);
        else if (strncmp(argv[i], "busid=", 6) == 0)
            options.busid = argv[i] + 6;
        else
            network = argv[i];
    }
    if (ndiskit_boot(NULL, &error) != 0) {
        fprintf(stderr, "usbip_server: %s\n", error.text);
        return 1;
    }
    struct usbip_server *server = usbip_server_start(&options, gadget_create(&gadget, make_network(network)));
    if (server == NULL) {
        fprintf(stderr, "usbip_server: no port\n");
        return 1;
    }
    printf("%u\n", usbip_server_port(server));
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (strcmp(line, "pull\n") == 0)
            usbip_server_pull(server);
        else if (strcmp(line, "put back\n") == 0)
            usbip_server_put_back(server);
    }
    usbip_server_stop(server);
    return ndiskit_shutdown(NULL, &error) != 0;
}
