// The upstream of the benchmark: the Customers REST API v1, read-only, from memory, on one thread.
//
//   upstream PORT        listens on 127.0.0.1:PORT
//
// 20 enterprises have 200 customers each, with ids 1 to 4000. Writes answer as if applied and change nothing.
// A parameter that it does not know is answered with 422, so that no server is measured on a wrong list.
//   GET /bench/count        how many requests of the API were answered so far
//   GET /bench/delay?us=N   from now on every answer waits N microseconds
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { ENTERPRISES = 20, PER_ENTERPRISE = 200, CUSTOMERS = ENTERPRISES * PER_ENTERPRISE };
enum { IN_CAP = 1 << 17, MAX_IDS = 2048, MAX_PER_PAGE = 200, QUEUE = 1 << 16 };

typedef struct { const char *at; size_t len; } Bytes;

typedef struct {
    int fd;
    unsigned serial;  // tells a connection from an earlier one with the same descriptor
    size_t in_len;
    char *out;
    size_t out_len, out_off, out_cap;
    int wants_write;
    char in[IN_CAP];
} Conn;

typedef struct { int64_t due; int fd; unsigned serial; char *bytes; size_t len; } Delayed;

// Rows of one variant lie one after the other with commas between, so that a run of ids is one slice.
typedef struct { char *blob; size_t start[CUSTOMERS + 2]; } Rows;

static Rows with_balance, without_balance;
static Bytes show[CUSTOMERS + 1];  // the whole answer to GET /customers/{id}
static Conn *conns[1 << 16];
static Delayed *queue;
static size_t queue_head, queue_tail;
static int poller, timer;
static int64_t delay_ns;
static unsigned long answered;
static unsigned serials;

static void die(const char *what) { perror(what); exit(1); }

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// ---------------------------------------------------------------- data

static int write_address(char *o, int id, const char *kind) {
    return sprintf(o,
        "{\"first_name\":\"%s%d\",\"last_name\":\"Springs\",\"phone\":\"0404 %03d 222\",\"street_address_1\":\"%d Flinders Street\","
        "\"street_address_2\":\"\",\"postal_code\":\"%04d\",\"locality\":\"Melbourne\",\"region\":{\"code\":\"Vic\",\"name\":\"Victoria\"},"
        "\"country\":{\"code\":\"AU\",\"name\":\"Australia\"},\"latitude\":%.7f,\"longitude\":%.12f}",
        kind, id, id % 1000, id, 3000 + id % 1000, -37.8 - id * 1e-5 - 1e-7, 144.96 + id * 1e-6 + 1e-12);
}

static int enterprise_of(int id) { return (id - 1) / PER_ENTERPRISE + 1; }

static int write_row(char *o, int id, int balance) {
    char *p = o;
    p += sprintf(p,
        "{\"id\":\"%d\",\"type\":\"customer\",\"attributes\":{\"id\":%d,\"enterprise_id\":%d,\"first_name\":\"Alice%d\","
        "\"last_name\":\"Springs\",\"code\":\"BUYER%d\",\"email\":\"alice%d@example.com\",\"allow_charges\":%s,"
        "\"tags\":[\"staff\",\"discount\"],\"terms_and_conditions_accepted_at\":\"2022-03-12T15:55:00.000+11:00\",\"billing_address\":",
        id, id, enterprise_of(id), id, id, id, id % 2 ? "true" : "false");
    p += write_address(p, id, "Bill");
    p += sprintf(p, ",\"shipping_address\":");
    p += write_address(p, id, "Ship");
    if (balance) p += sprintf(p, ",\"balance\":%d.25", id % 500 - 100);
    p += sprintf(p,
        "},\"relationships\":{\"enterprise\":{\"data\":{\"id\":\"%d\",\"type\":\"enterprise\"},\"links\":{\"related\":"
        "\"http://test.host/api/v1/enterprises/%d\"}}}}", enterprise_of(id), enterprise_of(id));
    return p - o;
}

static void build_rows(Rows *rows, int balance) {
    rows->blob = malloc((size_t)CUSTOMERS * 2048);
    size_t at = 0;
    for (int id = 1; id <= CUSTOMERS; id++) {
        rows->start[id] = at;
        at += write_row(rows->blob + at, id, balance);
        rows->blob[at++] = ',';
    }
    rows->start[CUSTOMERS + 1] = at;
}

static Bytes rows_between(const Rows *rows, int first, int last) {
    return (Bytes){rows->blob + rows->start[first], rows->start[last + 1] - rows->start[first] - 1};
}

static int write_head(char *o, const char *status, size_t body) {
    return sprintf(o, "HTTP/1.1 %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n", status, body);
}

static void build_shows(void) {
    for (int id = 1; id <= CUSTOMERS; id++) {
        Bytes row = rows_between(&with_balance, id, id);
        char *o = malloc(row.len + 256), *p = o;
        p += write_head(p, "200 OK", row.len + 9);
        p += sprintf(p, "{\"data\":%.*s}", (int)row.len, row.at);
        show[id] = (Bytes){o, p - o};
    }
}

// ---------------------------------------------------------------- connections

static void watch(Conn *c, int write) {
    struct epoll_event e = {EPOLLIN | (write ? EPOLLOUT : 0), {.ptr = c}};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e)) die("epoll_ctl");
    c->wants_write = write;
}

static void buffer(Conn *c, const char *at, size_t len) {
    if (c->out_len + len > c->out_cap) {
        c->out_cap = (c->out_len + len) * 2;
        c->out = realloc(c->out, c->out_cap);
    }
    memcpy(c->out + c->out_len, at, len);
    c->out_len += len;
}

static void flush(Conn *c) {
    while (c->out_off < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN && !c->wants_write) watch(c, 1);
            return;  // any other error shows up at the next read
        }
        c->out_off += n;
    }
    c->out_len = c->out_off = 0;
    if (c->wants_write) watch(c, 0);
}

static void arm(int64_t wait) {
    if (wait < 1000) wait = 1000;
    struct itimerspec t = {{0, 0}, {wait / 1000000000, wait % 1000000000}};
    timerfd_settime(timer, 0, &t, NULL);
}

static void answer_later(Conn *c, struct iovec *parts, int n) {
    if (queue_tail - queue_head == QUEUE) die("delay queue is full");
    size_t len = 0;
    for (int i = 0; i < n; i++) len += parts[i].iov_len;
    char *bytes = malloc(len), *p = bytes;
    for (int i = 0; i < n; i++) p = mempcpy(p, parts[i].iov_base, parts[i].iov_len);
    queue[queue_tail++ % QUEUE] = (Delayed){now_ns() + delay_ns, c->fd, c->serial, bytes, len};
    if (queue_tail - queue_head == 1) arm(delay_ns);
}

static void answer(Conn *c, struct iovec *parts, int n) {
    answered++;
    if (delay_ns) { answer_later(c, parts, n); return; }
    ssize_t sent = 0;
    if (!c->out_len) {
        struct msghdr m = {.msg_iov = parts, .msg_iovlen = n};
        sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
        if (sent < 0) sent = 0;
    }
    for (int i = 0; i < n; i++) {
        size_t gone = (size_t)sent < parts[i].iov_len ? (size_t)sent : parts[i].iov_len;
        sent -= gone;
        if (gone < parts[i].iov_len) buffer(c, (char *)parts[i].iov_base + gone, parts[i].iov_len - gone);
    }
    flush(c);
}

static void answer_one(Conn *c, Bytes b) {
    struct iovec part = {(char *)b.at, b.len};
    answer(c, &part, 1);
}

static void answer_text(Conn *c, const char *status, const char *body) {
    char o[2048];
    int n = write_head(o, status, strlen(body));
    n += sprintf(o + n, "%s", body);
    answer_one(c, (Bytes){o, n});
}

static void answer_error(Conn *c, const char *status, const char *detail) {
    char o[1024];
    snprintf(o, sizeof o, "{\"errors\":[{\"detail\":\"%s\"}]}", detail);
    answer_text(c, status, o);
}

static void due(void) {
    uint64_t expirations;
    if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) die("timer");
    int64_t now = now_ns();
    while (queue_head < queue_tail && queue[queue_head % QUEUE].due <= now + 20000) {
        Delayed *d = &queue[queue_head++ % QUEUE];
        Conn *c = conns[d->fd];
        if (c && c->serial == d->serial) { buffer(c, d->bytes, d->len); flush(c); }
        free(d->bytes);
    }
    if (queue_head < queue_tail) arm(queue[queue_head % QUEUE].due - now_ns());
}

// ---------------------------------------------------------------- the API

typedef struct { int enterprise, after, before, page, per_page, descending, balance, include, n_ids; int ids[MAX_IDS]; } Query;

static int hex(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

// Decodes one name or value in place and returns what follows its end mark.
static char *decode(char *s, char end) {
    char *o = s;
    for (; *s && *s != end && *s != '&'; s++) {
        if (*s == '%' && s[1] && s[2]) { *o++ = hex(s[1]) * 16 + hex(s[2]); s += 2; }
        else *o++ = *s == '+' ? ' ' : *s;
    }
    char *next = *s ? s + 1 : s;
    *o = 0;
    return next;
}

static const char *take(Query *q, const char *name, const char *value) {
    if (!strcmp(name, "q[id_in][]") || !strcmp(name, "q[id_eq]")) {
        if (q->n_ids < 0) q->n_ids = 0;
        if (q->n_ids < MAX_IDS) q->ids[q->n_ids++] = atoi(value);
    }
    else if (!strcmp(name, "q[id_gt]")) q->after = atoi(value);
    else if (!strcmp(name, "q[id_lt]")) q->before = atoi(value);
    else if (!strcmp(name, "q[s]")) q->descending = strstr(value, "desc") != NULL;
    else if (!strcmp(name, "enterprise_id")) q->enterprise = atoi(value);
    else if (!strcmp(name, "page")) q->page = atoi(value);
    else if (!strcmp(name, "per_page")) q->per_page = atoi(value);
    else if (!strcmp(name, "extra_fields[customer]") && !strcmp(value, "balance")) q->balance = 1;
    else if (!strcmp(name, "include") && !strcmp(value, "enterprise")) q->include = 1;
    else return "The benchmark's upstream does not know this parameter.";
    return NULL;
}

static const char *read_query(Query *q, char *s) {
    q->enterprise = q->after = q->descending = q->balance = q->include = 0;
    q->before = CUSTOMERS + 1;
    q->page = 1;
    q->per_page = 50;
    q->n_ids = -1;
    while (s && *s) {
        char *name = s, *value = decode(s, '=');
        s = decode(value, '&');
        const char *fault = take(q, name, value);
        if (fault) return fault;
    }
    if (q->page < 1) return "expected :page >= 1";
    if (q->per_page < 1) q->per_page = 1;
    if (q->per_page > MAX_PER_PAGE) q->per_page = MAX_PER_PAGE;
    return NULL;
}

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

// Leaves in q->ids the ids that the conditions keep, each once, upwards.
static void search(Query *q) {
    int first = 1, last = CUSTOMERS, n = 0;
    if (q->enterprise) {
        first = (q->enterprise - 1) * PER_ENTERPRISE + 1;
        last = q->enterprise * PER_ENTERPRISE;
    }
    if (q->after >= first) first = q->after + 1;
    if (q->before <= last) last = q->before - 1;
    if (q->enterprise > ENTERPRISES) last = 0;
    qsort(q->ids, q->n_ids, sizeof(int), by_number);
    for (int i = 0; i < q->n_ids; i++) {
        int id = q->ids[i];
        if (id >= first && id <= last && id >= 1 && (!n || q->ids[n - 1] != id)) q->ids[n++] = id;
    }
    q->n_ids = n;
}

static void run_of(const Query *q, int *first, int *total) {
    int from = q->enterprise ? (q->enterprise - 1) * PER_ENTERPRISE + 1 : 1;
    int to = q->enterprise ? q->enterprise * PER_ENTERPRISE : CUSTOMERS;
    if (q->enterprise > ENTERPRISES) to = from - 1;
    if (q->after >= from) from = q->after + 1;
    if (q->before <= to) to = q->before - 1;
    *first = from;
    *total = to >= from ? to - from + 1 : 0;
}

static void link_to(char *o, const char *name, int page, int ok, char end) {
    if (ok) sprintf(o, "\"%s\":\"/api/v1/customers?page=%d\"%c", name, page, end);
    else sprintf(o, "\"%s\":null%c", name, end);
}

static void answer_list(Conn *c, Query *q) {
    const Rows *rows = q->balance ? &with_balance : &without_balance;
    int run = q->n_ids < 0, first = 0, total;
    if (run) run_of(q, &first, &total);
    else { search(q); total = q->n_ids; }
    int skip = (q->page - 1) * q->per_page, n = total - skip;
    if (n > q->per_page) n = q->per_page;
    if (n < 0) n = 0;

    struct iovec parts[2 + 2 * MAX_PER_PAGE];
    int k = 1;
    size_t body = 0;
    if (run && n && !q->descending) {
        Bytes slice = rows_between(rows, first + skip, first + skip + n - 1);
        parts[k++] = (struct iovec){(char *)slice.at, slice.len};
        body += slice.len;
    } else for (int i = 0; i < n; i++) {
        int place = q->descending ? total - 1 - skip - i : skip + i;
        int id = run ? first + place : q->ids[place];
        Bytes row = rows_between(rows, id, id);
        parts[k++] = (struct iovec){(char *)row.at, row.len};
        if (i < n - 1) parts[k++] = (struct iovec){",", 1};
        body += row.len + (i < n - 1);
    }

    int pages = (total + q->per_page - 1) / q->per_page;
    char tail[1024], links[5][64], head[256];
    link_to(links[0], "self", q->page, 1, ',');
    link_to(links[1], "first", 1, 1, ',');
    link_to(links[2], "prev", q->page - 1, q->page > 1, ',');
    link_to(links[3], "next", q->page + 1, q->page < pages, ',');
    link_to(links[4], "last", pages, 1, '}');
    int tail_len = sprintf(tail,
        "],\"meta\":{\"pagination\":{\"results\":%d,\"pages\":%d,\"page\":%d,\"per_page\":%d}},\"links\":{%s%s%s%s%s}",
        total, pages, q->page, q->per_page, links[0], links[1], links[2], links[3], links[4]);
    int head_len = write_head(head, "200 OK", body + 9 + tail_len);
    head_len += sprintf(head + head_len, "{\"data\":[");
    parts[0] = (struct iovec){head, head_len};
    parts[k++] = (struct iovec){tail, tail_len};
    answer(c, parts, k);
}

static void answer_row(Conn *c, const char *status, int id, const Rows *rows, int include) {
    char o[8192];
    Bytes row = rows_between(rows, id, id);
    char included[256] = "";
    if (include) sprintf(included, ",\"included\":[{\"id\":\"%d\",\"type\":\"enterprise\",\"attributes\":{\"id\":%d,\"name\":\"Farm %d\"}}]",
        enterprise_of(id), enterprise_of(id), enterprise_of(id));
    int n = write_head(o, status, row.len + 9 + strlen(included));
    n += sprintf(o + n, "{\"data\":%.*s%s}", (int)row.len, row.at, included);
    answer_one(c, (Bytes){o, n});
}

static void one_customer(Conn *c, char method, int id, char *query) {
    Query q;
    const char *fault = read_query(&q, query);
    if (fault) answer_error(c, "422 Unprocessable Entity", fault);
    else if (id < 1 || id > CUSTOMERS) answer_error(c, "404 Not Found", "The resource you were looking for could not be found.");
    else if (method != 'G') answer_row(c, "200 OK", id, &without_balance, 0);
    else if (q.include) answer_row(c, "200 OK", id, &with_balance, 1);
    else answer_one(c, show[id]);
}

// POST finds a customer by email; the number in the email is the id.
static void create(Conn *c, const char *body) {
    const char *email = strstr(body, "\"alice");
    int id = email ? atoi(email + 6) : 0;
    if (id < 1 || id > CUSTOMERS) answer_error(c, "422 Unprocessable Entity", "Email is not one of the benchmark's.");
    else answer_row(c, "201 Created", id, &without_balance, 0);
}

static void list_customers(Conn *c, int enterprise, char *query) {
    static Query q;
    const char *fault = read_query(&q, query);
    if (enterprise) q.enterprise = enterprise;
    if (fault) answer_error(c, "422 Unprocessable Entity", fault);
    else answer_list(c, &q);
}

static void control(Conn *c, const char *path, const char *query) {
    char o[64];
    unsigned long count = answered;
    if (!strcmp(path, "/bench/delay")) delay_ns = query ? atoll(query + 3) * 1000 : 0;
    sprintf(o, "%lu", count);
    int64_t delay = delay_ns;
    delay_ns = 0;
    answer_text(c, "200 OK", o);
    delay_ns = delay;
    answered = count;
}

static void route(Conn *c, char *method, char *target, const char *body) {
    char *query = strchr(target, '?'), *rest;
    if (query) *query++ = 0;
    if (!strncmp(target, "/bench/", 7)) { control(c, target, query); return; }
    if (!strcmp(target, "/api/v1/customers")) {
        if (*method == 'P') create(c, body);
        else list_customers(c, 0, query);
    } else if (!strncmp(target, "/api/v1/customers/", 18)) one_customer(c, *method, atoi(target + 18), query);
    else if (!strncmp(target, "/api/v1/enterprises/", 20) && (rest = strchr(target + 20, '/')) && !strcmp(rest, "/customers"))
        list_customers(c, atoi(target + 20), query);
    else answer_error(c, "404 Not Found", "The resource you were looking for could not be found.");
}

// ---------------------------------------------------------------- HTTP

static size_t content_length(const char *head) {
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at ? strtoul(at + 17, NULL, 10) : 0;
}

// Answers every whole request in the buffer and keeps what is left of the next one.
static void serve(Conn *c) {
    char *p = c->in, *end = c->in + c->in_len;
    for (char *stop; (stop = memmem(p, end - p, "\r\n\r\n", 4)) != NULL;) {
        char *body = stop + 4;
        *stop = 0;
        size_t length = *p == 'G' ? 0 : content_length(p);
        if ((size_t)(end - body) < length) { *stop = '\r'; break; }
        char *target = strchr(p, ' ');
        char *version = target ? strchr(target + 1, ' ') : NULL;
        if (!version) die("not an HTTP request");
        *version = 0;
        char after = body[length];
        body[length] = 0;
        route(c, p, target + 1, body);
        body[length] = after;
        p = body + length;
    }
    c->in_len = end - p;
    memmove(c->in, p, c->in_len);
}

static void close_conn(Conn *c) {
    conns[c->fd] = NULL;
    close(c->fd);
    free(c->out);
    free(c);
}

static void readable(Conn *c) {
    ssize_t n = recv(c->fd, c->in + c->in_len, IN_CAP - 1 - c->in_len, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { close_conn(c); return; }
    c->in_len += n;
    c->in[c->in_len] = 0;
    serve(c);
}

static void accept_all(int listener) {
    int one = 1;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Conn *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->serial = ++serials;
        conns[fd] = c;
        struct epoll_event e = {EPOLLIN, {.ptr = c}};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) { fprintf(stderr, "usage: upstream PORT\n"); return 2; }
    signal(SIGPIPE, SIG_IGN);
    build_rows(&with_balance, 1);
    build_rows(&without_balance, 0);
    build_shows();
    queue = calloc(QUEUE, sizeof *queue);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) die("listen");
    poller = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event e = {EPOLLIN, {.ptr = &listener}};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    e.data.ptr = &timer;
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &e);

    struct epoll_event events[256];
    for (;;) {
        int n = epoll_wait(poller, events, 256, -1);
        for (int i = 0; i < n; i++) {
            void *what = events[i].data.ptr;
            if (what == &listener) accept_all(listener);
            else if (what == &timer) due();
            else {
                if (events[i].events & EPOLLOUT) flush(what);
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(what);
            }
        }
    }
}
