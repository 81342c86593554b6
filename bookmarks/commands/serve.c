#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/api.h"
#include "api/queue.h"
#include "api/ticker.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/follow.h"
#include "commands/worker_child.h"
#include "http/gate.h"
#include "http/place.h"
#include "os/signals.h"
#include "store/login.h"
#include "web/web.h"

/* Of the connections half may listen to events: each of them costs little. */
enum { MAX_CONNECTIONS = 512 };
enum { PORT_DEFAULT = 8460, PATH_BYTES = 1024, CALL_MAX_BYTES = 64 * 1024 * 1024 };

static const char usage[] =
    "usage: bookmarks serve [--port N | --listen HOST:PORT] [--base-path PATH] [--no-worker]\n"
    "\n"
    "Serves the API on 127.0.0.1:8460, with a worker as its child, until it is\n"
    "stopped.\n"
    "\n"
    "  --port N            serve there; 0 is any free port\n"
    "  --listen HOST:PORT  serve on another address, in numbers (BOOKMARKS_LISTEN);\n"
    "                      if others than this machine can reach it, a password must\n"
    "                      be set (bookmarks password, or BOOKMARKS_PASSWORD);\n"
    "                      BOOKMARKS_HOSTS has the names it is reached by, if any\n"
    "  --base-path PATH    behind a proxy: the path below which it is seen from\n"
    "                      outside (BOOKMARKS_BASE_PATH)\n"
    "  --no-worker         somebody else runs a worker\n";

struct serve {
    struct bq_watch signal_watch; /* first */
    struct bq_loop loop;
    int signal_fd;
    int stop_fd;
    int signal; /* that ends it; 0: none yet */
    struct bm_api api;
    struct bm_ticker *ticker; /* owned */
    struct bq_http_server *server;
    struct bm_worker worker;
    bool no_worker;
    char host[BQ_HTTP_HOST_BYTES]; /* as in a URL: IPv6 in brackets */
    const char *base_path;
    char queue_path[PATH_BYTES]; /* of the dashboard, as seen from outside */
    int port;
};

/* -- options -- */

static bool read_port(const char *text, int *port)
{
    int64_t number = 0;

    if (!bq_parse_int(text, &number) || number < 0 || number > UINT16_MAX) {
        return false;
    }
    *port = (int)number;
    return true;
}

/* "127.0.0.1:8460", "[::1]:0" */
static bool read_address(struct serve *serve, const char *text)
{
    const char *colon = strrchr(text, ':');

    if (!colon || colon == text || colon - text >= BQ_HTTP_HOST_BYTES) {
        return false;
    }
    snprintf(serve->host, sizeof(serve->host), "%.*s", (int)(colon - text), text);
    return read_port(colon + 1, &serve->port);
}

/* BM_EXIT_OK: go on. */
static int read_options(struct serve *serve, int argc, char **argv, bool *help)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"listen", required_argument, NULL, 'l'},
        {"base-path", required_argument, NULL, 'b'},
        {"no-worker", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *listen = getenv("BOOKMARKS_LISTEN");
    const char *base_path = getenv("BOOKMARKS_BASE_PATH");
    bool good = !listen || *listen == '\0' || read_address(serve, listen);

    serve->base_path = base_path ? base_path : "";
    if (!good) {
        fprintf(stderr, "bookmarks: BOOKMARKS_LISTEN is no HOST:PORT\n");
    }
    for (int given; good && (given = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        *help |= given == 'h';
        serve->no_worker |= given == 'n';
        serve->base_path = given == 'b' ? optarg : serve->base_path;
        good = given != '?' && (given != 'p' || read_port(optarg, &serve->port)) &&
               (given != 'l' || read_address(serve, optarg));
    }
    if (good && !bq_http_is_base_path(serve->base_path)) {
        fprintf(stderr, "bookmarks: %s is no base path: like /videos\n", serve->base_path);
        good = false;
    }
    return good && optind == argc ? BM_EXIT_OK : BM_EXIT_USAGE;
}

/* -- the server -- */

static void signal_came(struct bq_watch *watch, uint32_t events)
{
    struct serve *serve = (struct serve *)(void *)watch;
    int signal = bq_signals_next(serve->signal_fd);

    (void)events;
    serve->signal = signal ? signal : serve->signal;
}

static enum barq_status want_password(const struct serve *serve, struct barq_session *session,
                                      struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const char *verifier = NULL;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = bm_password_verifier(session, &arena, &verifier, err);
        barq_session_rollback(session);
    }
    if (status == BARQ_OK && !verifier && !serve->api.is_local) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "others can reach %s: set a password first, by bookmarks password or in "
                       "BOOKMARKS_PASSWORD",
                       serve->host);
    }
    if (status == BARQ_OK && !verifier && serve->api.more_hosts) {
        bq_warn("no password is set: whoever reaches us by these names may do everything",
                bq_str("names", serve->api.more_hosts));
    }
    return status;
}

/* So that a database which cannot be used is told at once, and tables are there before the worker. */
static enum barq_status try_store(const struct serve *serve, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = bm_store_open(&session, err);
    if (status == BARQ_OK) {
        status = want_password(serve, session, err);
    }
    barq_session_close(session);
    return status;
}

static void set_up_api(struct serve *serve)
{
    const char *names = getenv("BOOKMARKS_HOSTS");

    serve->api.host = serve->host;
    serve->api.more_hosts = names && *names != '\0' ? names : NULL;
    serve->api.is_local = bq_http_is_local(serve->host);
    serve->api.base_path = strcmp(serve->base_path, "/") == 0 ? "" : serve->base_path;
}

static enum barq_status open_server(struct serve *serve, struct barq_error *err)
{
    char host[BQ_HTTP_HOST_BYTES];
    struct bq_http_server_options options = {
        .host = host,
        .port = serve->port,
        .handle = bm_api_handle,
        .context = &serve->api,
        .threads = BM_API_THREADS,
        .max_connections = MAX_CONNECTIONS,
        .call_max_bytes = CALL_MAX_BYTES,
        .body_limit = bm_api_body_limit,
        .headers = bq_http_strict_headers,
    };
    struct barq_error why = {0};

    bq_http_bare_host(serve->host, host);
    enum barq_status status = bq_http_server_open(&serve->loop, &options, &serve->server, &why);
    if (status == BARQ_ERR_BUSY) {
        return bq_fail(err, status, "%s; --port N takes another, 0 any that is free", why.text);
    }
    return status == BARQ_OK ? status : bq_fail(err, status, "%s", why.text);
}

static enum barq_status open_ticker(struct serve *serve, struct barq_error *err)
{
    serve->ticker = calloc(1, sizeof(*serve->ticker));
    if (!serve->ticker) {
        return bq_fail(err, BARQ_ERR_NOMEM, "serve: out of memory");
    }
    bm_ticker_init(serve->ticker, &serve->api);
    serve->api.ticker = serve->ticker;
    return BARQ_OK;
}

/* The broker may be away: its dashboard says so until it is there. */
static enum barq_status open_queue(struct serve *serve, struct barq_error *err)
{
    const struct bw_web_options options = {.mount = serve->queue_path};

    (void)snprintf(serve->queue_path, sizeof(serve->queue_path), "%s" BM_API_QUEUE,
                   serve->api.base_path);
    return bw_web_open(&options, &serve->api.queue, err);
}

static enum barq_status open_stop(struct serve *serve, struct barq_error *err)
{
    serve->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    serve->api.stop_fd = serve->stop_fd;
    return serve->stop_fd >= 0 ? BARQ_OK : bq_fail_errno(err, "serve: cannot make an eventfd");
}

static enum barq_status start(struct serve *serve, struct barq_error *err)
{
    set_up_api(serve);
    enum barq_status status = bq_signals_open(&serve->signal_fd, err);
    if (status == BARQ_OK) {
        status = open_stop(serve, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_init(&serve->loop, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_add(&serve->loop, &serve->signal_watch, serve->signal_fd, EPOLLIN, err);
    }
    if (status == BARQ_OK) {
        status = try_store(serve, err);
    }
    if (status == BARQ_OK) {
        status = open_ticker(serve, err);
    }
    if (status == BARQ_OK) {
        status = open_queue(serve, err);
    }
    if (status == BARQ_OK) {
        status = open_server(serve, err);
    }
    if (status == BARQ_OK && !serve->no_worker) {
        status = bm_worker_start(&serve->worker, &serve->loop, err);
    }
    return status;
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms >= 0 && (b_ms < 0 || a_ms < b_ms) ? a_ms : b_ms;
}

static void run(struct serve *serve)
{
    printf("serving http://%s:%d\n", serve->host, bq_http_server_port(serve->server));
    fflush(stdout);
    while (serve->signal == 0) {
        int64_t wait_ms = bq_http_server_turn(serve->server);
        wait_ms = sooner(bm_ticker_turn(serve->ticker, serve->server), wait_ms);
        wait_ms = sooner(bw_web_turn(serve->api.queue, serve->server), wait_ms);
        bq_loop_wait(&serve->loop, sooner(wait_ms, bm_worker_turn(&serve->worker)));
    }
    bq_info("stopping", bq_str("signal", strsignal(serve->signal)));
}

/* The worker ends while requests under way are answered; what these enqueue stays in the queue. */
static void stop(struct serve *serve)
{
    bm_worker_begin_stop(&serve->worker);
    if (serve->stop_fd >= 0) {
        (void)!eventfd_write(serve->stop_fd, 1);
    }
    bq_http_server_close(serve->server);
    if (serve->ticker) {
        bm_ticker_clear(serve->ticker);
        free(serve->ticker);
    }
    bm_api_clear(&serve->api);
    bw_web_close(serve->api.queue);
    bm_worker_stop(&serve->worker);
    bq_loop_clear(&serve->loop);
    if (serve->signal_fd >= 0) {
        close(serve->signal_fd);
    }
    if (serve->stop_fd >= 0) {
        close(serve->stop_fd);
    }
}

int bm_cmd_serve(int argc, char **argv)
{
    struct serve serve = {.host = "127.0.0.1",
                          .port = PORT_DEFAULT,
                          .signal_fd = -1,
                          .stop_fd = -1,
                          .signal_watch = {.fd = -1, .ready = signal_came}};
    struct barq_error err;
    bool help = false;

    bm_api_init(&serve.api);
    int wrong = read_options(&serve, argc, argv, &help);
    if (help || wrong) {
        return bm_show_usage(usage, help);
    }
    bm_follow_parent();
    enum barq_status status = start(&serve, &err);
    if (status == BARQ_OK) {
        run(&serve);
    }
    stop(&serve);
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}
