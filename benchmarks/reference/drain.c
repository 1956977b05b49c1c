/* Readers of one stream over SSE, in one epoll loop, that check that every number comes once and in order.
 *
 * drain live|storm|hold PORT PATH READERS FIRST LAST RATE
 *   live:  connect at the tail, say {"ready"}, and after a line on standard input append FIRST … LAST, RATE a second,
 *          over one connection, until every reader has them all.
 *   storm: say {"ready"}, and after a line connect all at once at the beginning, until every reader has FIRST … LAST.
 *   hold:  connect at the tail, say {"ready"}, and wait for a line.
 * Says {"drained": {"seconds", "verified", "wrong"}} at the end.
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
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, BATCH = 512, PUBLISHER = -1, MOMENT_NS = 500000 };

struct reader {
    int fd, mark, tail; /* how much of each pattern has matched */
    int caught_up, counting;
    long number, expected;
};

static const char MARK[] = "\"n\":", TAIL[] = "upToDate";
static const char FILLING[] = "durable sessions outlive the connections that carry them, again and again";

static struct reader *readers;
static long count, first, last, ready, done, verified, wrong, appended, answered;
static int port, events, publisher = -1;
static const char *path;
static char buffer[BUFFER];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static int dial(int number, int flags) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN | (flags ? EPOLLOUT | EPOLLONESHOT : 0), .data.fd = number};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    return fd;
}

static void send_all(int fd, const char *text, int size) {
    if (send(fd, text, size, MSG_NOSIGNAL) != size) die("send");
}

static void ask(struct reader *reader, const char *offset) {
    char text[512];
    int size = snprintf(text, sizeof text, "GET /v1/stream/%s?live=sse&offset=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                        path, offset);
    send_all(reader->fd, text, size);
}

static void append(long number) {
    char body[256], text[512];
    int length = snprintf(body, sizeof body, "{\"n\":%ld,\"text\":\"%s\"}", number, FILLING);
    int size = snprintf(text, sizeof text,
                        "POST /v1/stream/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        "Content-Length: %d\r\n\r\n%s", path, length, body);
    send_all(publisher, text, size);
}

static void count_number(struct reader *reader) {
    if (reader->number == reader->expected) {
        verified++;
        if (reader->expected++ == last) done++;
    } else {
        wrong++;
    }
}

static void look(struct reader *reader, const char *data, long size) {
    for (long at = 0; at < size; at++) {
        char byte = data[at];
        if (reader->counting) {
            if (byte >= '0' && byte <= '9') {
                reader->number = reader->number * 10 + (byte - '0');
                continue;
            }
            reader->counting = 0;
            count_number(reader);
        }
        if (byte == MARK[reader->mark]) {
            if (!MARK[++reader->mark]) reader->mark = 0, reader->counting = 1, reader->number = 0;
        } else {
            reader->mark = byte == '"' ? 1 : reader->mark == 3 && byte == 'n' ? 2 : 0;
        }
        if (!reader->caught_up) {
            reader->tail = byte == TAIL[reader->tail] ? reader->tail + 1 : byte == TAIL[0];
            if (!TAIL[reader->tail]) reader->caught_up = 1, ready++;
        }
    }
}

static void take(struct reader *reader) {
    long got = recv(reader->fd, buffer, BUFFER, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) die("a reader's connection");
    look(reader, buffer, got);
}

static void take_answer(void) {
    long got = recv(publisher, buffer, BUFFER, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 12 || memcmp(buffer, "HTTP/1.1 204", 12)) {
        fprintf(stderr, "an append was refused: %.*s\n", got > 0 ? (int)got : 0, buffer);
        exit(1);
    }
    answered++;
}

/* Looks, and looks away for a moment: nobody waits in epoll_wait, so no server pays for waking the readers up, event by
 * event, as it would over loopback only. */
static void poll_once(void) {
    static const struct timespec moment = {.tv_nsec = MOMENT_NS};
    struct epoll_event found[BATCH];
    int some = epoll_wait(events, found, BATCH, 0);
    if (some < 0 && errno != EINTR) die("epoll_wait");
    if (some <= 0) nanosleep(&moment, NULL);
    for (int each = 0; each < some; each++) {
        int number = found[each].data.fd;
        if (number == PUBLISHER) {
            take_answer();
        } else if (found[each].events & EPOLLOUT) { /* connected */
            struct epoll_event event = {.events = EPOLLIN, .data.fd = number};
            ask(&readers[number], "-1");
            if (epoll_ctl(events, EPOLL_CTL_MOD, readers[number].fd, &event)) die("epoll_ctl");
        } else {
            take(&readers[number]);
        }
    }
}

static void say_ready_and_wait(void) {
    char line[16];
    printf("{\"ready\": %ld}\n", ready);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(1);
}

static void connect_all(int flags) {
    for (long each = 0; each < count; each++) {
        readers[each].fd = dial(each, flags);
        readers[each].expected = first;
        if (!flags) ask(&readers[each], "now");
    }
}

static void publish(double rate) {
    double begin = now();
    appended = answered = 0;
    while (done < count) {
        double due = begin + appended / rate;
        int more = first + appended <= last;
        if (more && answered == appended && now() >= due) {
            append(first + appended++);
            continue;
        }
        poll_once();
    }
}

int main(int argc, char **argv) {
    if (argc != 8) return 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int storm = !strcmp(argv[1], "storm"), live = !strcmp(argv[1], "live");
    port = atoi(argv[2]);
    path = argv[3];
    count = atol(argv[4]);
    first = atol(argv[5]);
    last = atol(argv[6]);
    events = epoll_create1(0);
    readers = calloc(count, sizeof *readers);
    if (!storm) {
        connect_all(0);
        while (ready < count) poll_once();
        if (live) publisher = dial(PUBLISHER, 0);
    }
    say_ready_and_wait();
    double begin = now();
    if (storm) connect_all(SOCK_NONBLOCK);
    if (live) publish(atof(argv[7]));
    while (storm && done < count) poll_once();
    printf("{\"drained\": {\"seconds\": %.6f, \"verified\": %ld, \"wrong\": %ld}}\n", now() - begin, verified, wrong);
    return 0;
}
