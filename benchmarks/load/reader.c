/* The floor: what it costs a C program to read the same words, one epoll loop, one recv a readiness.
 *
 * reader PORT DEVICES WORDS: opens DEVICES WebSockets, subscribes and asks on each, then parses every frame as it
 * comes and checks offset and number of every word. Prints {"verified": n, "wrong": n} when every run has ended.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BUFFER = 8192, FIRST_WORD = 3, BATCH = 512 };

struct device {
    int fd, open, size;
    long expected; /* the number of the next word */
    unsigned char rest[BUFFER];
};

static long verified, wrong, words, running;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void send_all(int fd, const void *data, size_t size) {
    if (send(fd, data, size, MSG_NOSIGNAL) != (ssize_t)size) die("send");
}

/* A masked frame (RFC 6455, 5.3); a mask of zeros is as valid as any other. */
static void send_frame(int fd, int opcode, const char *payload, size_t size) {
    unsigned char frame[8 + 256] = {0x80 | opcode};
    size_t head = 2;
    if (size < 126) {
        frame[1] = 0x80 | size;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = size >> 8;
        frame[3] = size & 0xff;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, payload, size);
    send_all(fd, frame, head + 4 + size);
}

static void open_device(struct device *device, int number, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    char text[256];
    int one = 1, size;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    device->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (device->fd < 0 || connect(device->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    setsockopt(device->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    size = snprintf(text, sizeof text,
                    "GET /v1/sessions/c-%d/ws HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\n"
                    "connection: Upgrade\r\nsec-websocket-version: 13\r\n"
                    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    number);
    send_all(device->fd, text, size);
    device->expected = 1;
}

static void ask(struct device *device, int number) {
    char text[128];
    static const char subscribe[] = "{\"type\":\"subscribe\",\"id\":\"1\"}";
    send_frame(device->fd, 1, subscribe, sizeof subscribe - 1);
    int size = snprintf(text, sizeof text, "{\"type\":\"prompt\",\"id\":\"2\",\"key\":\"c-%d\",\"text\":\"count\"}", number);
    send_frame(device->fd, 1, text, size);
}

static long number_after(const char *text, size_t size, const char *mark, size_t mark_size) {
    const char *found = memmem(text, size, mark, mark_size);
    if (!found) return -1;
    found += mark_size;
    long number = 0;
    while (found < text + size && *found >= '0' && *found <= '9') number = number * 10 + (*found++ - '0');
    return number;
}

#define AFTER(text, size, mark) number_after(text, size, mark, sizeof mark - 1)

static void message(struct device *device, const char *text, size_t size) {
    long number = AFTER(text, size, "\"text\":\"tok-");
    if (number >= 0) {
        long offset = AFTER(text, size, "\"offset\":");
        if (number == device->expected && offset == FIRST_WORD - 1 + number) {
            verified++;
            device->expected++;
        } else {
            wrong++;
        }
    } else if (memmem(text, size, "\"run-end\"", 9)) {
        if (device->expected != words + 1) wrong++;
        running--;
    }
}

/* Gives how many bytes were used: whole frames only. */
static int frames(struct device *device, unsigned char *data, int size) {
    int at = 0;
    while (size - at >= 2) {
        int opcode = data[at] & 0x0f, start = at + 2, length = data[at + 1];
        if (length == 126) {
            if (size - at < 4) break;
            length = data[at + 2] << 8 | data[at + 3];
            start = at + 4;
        } else if (length > 126) {
            fprintf(stderr, "a frame of an unexpected size\n");
            exit(1);
        }
        if (start + length > size) break;
        if (opcode == 1) message(device, (char *)data + start, length);
        if (opcode == 9) send_frame(device->fd, 10, (char *)data + start, length);
        at = start + length;
    }
    return at;
}

static void take(struct device *device, int number) {
    int got = recv(device->fd, device->rest + device->size, BUFFER - device->size, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) die("recv");
    int size = device->size + got, used = 0;
    if (!device->open) {
        unsigned char *blank = memmem(device->rest, size, "\r\n\r\n", 4);
        if (!blank) {
            device->size = size;
            return;
        }
        if (memcmp(device->rest, "HTTP/1.1 101", 12)) die("the handshake was refused");
        used = blank + 4 - device->rest;
        device->open = 1;
        ask(device, number);
    }
    used += frames(device, device->rest + used, size - used);
    device->size = size - used;
    if (used && device->size) memmove(device->rest, device->rest + used, device->size);
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int port = atoi(argv[1]), count = atoi(argv[2]), poll = epoll_create1(0);
    struct device *devices = calloc(count, sizeof *devices);
    struct epoll_event ready[BATCH];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    words = atol(argv[3]);
    running = count;
    for (int each = 0; each < count; each++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = each};
        open_device(&devices[each], each, port);
        if (epoll_ctl(poll, EPOLL_CTL_ADD, devices[each].fd, &event)) die("epoll_ctl");
    }
    while (running > 0) {
        int found = epoll_wait(poll, ready, BATCH, -1);
        if (found < 0 && errno != EINTR) die("epoll_wait");
        for (int each = 0; each < found; each++) take(&devices[ready[each].data.u32], ready[each].data.u32);
    }
    printf("{\"verified\": %ld, \"wrong\": %ld}\n", verified, wrong);
    return 0;
}
