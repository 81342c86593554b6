/*
 * main.c - barq-web, which is `barq web`: the room alone, with a server of its own. Apart from barq, whose
 * workers would else carry an HTTP server and its TLS library into each of their executors.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/dsn.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "http/gate.h"
#include "http/place.h"
#include "os/signals.h"
#include "web/answer.h"
#include "web/auth.h"
#include "web/page.h"

enum {
    PORT_DEFAULT = 8470,
    EXIT_USAGE = 2,
    EXIT_BROKEN = 4,
    BODY_MAX_BYTES = 1024 * 1024,
    CALL_MAX_BYTES = 64 * 1024 * 1024,
};

static const char usage[] =
    "usage: barq web [options]\n"
    "\n"
    "Serves the dashboard, its API, and metrics for Prometheus, until it is stopped.\n"
    "\n"
    "  --port N              serve there, 8470 unless said; 0 is any free port\n"
    "  --host ADDRESS        serve on another address than 127.0.0.1, in numbers; if\n"
    "                        others than this machine can reach it, there must be a\n"
    "                        password; BARQ_WEB_HOSTS has the names it is reached by\n"
    "  --password-file FILE  its first line is the password, else BARQ_WEB_PASSWORD is\n"
    "  --base-path PATH      behind a proxy: the path below which it is seen from outside\n"
    "  --read-only           nobody can change anything\n"
    "  --url URL             the queue; else BARQ_URL, else a file in\n"
    "                        ~/.local/share/barq\n"
    "  --help                this text\n"
    "\n"
    "exit codes: 0 stopped, 2 usage, 4 the queue or the address cannot be used\n"
    "\n"
    "example:\n"
    "  barq web --port 8470 --read-only\n";

struct serve {
    struct bq_watch signal_watch; /* first */
    struct bq_loop loop;
    int signal_fd;
    int signal; /* that ends it; 0: none yet */
    struct bw_web *web;
    struct bw_auth auth;
    struct bq_http_server *server;
    struct bq_http_names names;

    const char *host; /* as in a URL: IPv6 in brackets */
    int port;
    const char *base_path;
    const char *password_file;
    const char *url;
    bool read_only;
};

static int complain(const struct barq_error *err)
{
    fprintf(stderr, "barq: web: %s\n", err->text);
    return err->status == BARQ_ERR_ARG ? EXIT_USAGE : EXIT_BROKEN;
}

/* -- options -- */

/* It may hold a password, which must not stay in the list of processes. */
static bool take_url(struct serve *serve, char *argument)
{
    if (setenv("BARQ_URL", argument, 1) != 0) {
        return false;
    }
    bq_dsn_hide(argument);
    serve->url = getenv("BARQ_URL");
    return true;
}

static bool take_option(struct serve *serve, int given, char *argument, bool *help)
{
    int64_t port = 0;

    switch (given) {
    case 'p':
        serve->port =
            bq_parse_int(argument, &port) && port >= 0 && port <= UINT16_MAX ? (int)port : -1;
        return serve->port >= 0;
    case 'H':
        serve->host = argument;
        return strlen(argument) < BQ_HTTP_HOST_BYTES;
    case 'b':
        serve->base_path = argument;
        return bq_http_is_base_path(argument);
    case 'f':
        serve->password_file = argument;
        return true;
    case 'r':
        serve->read_only = true;
        return true;
    case 'u':
        return take_url(serve, argument);
    case 'h':
        *help = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(struct serve *serve, int argc, char **argv, bool *help)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"host", required_argument, NULL, 'H'},
        {"base-path", required_argument, NULL, 'b'},
        {"password-file", required_argument, NULL, 'f'},
        {"read-only", no_argument, NULL, 'r'},
        {"url", required_argument, NULL, 'u'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int given;

    opterr = 0;
    while ((given = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (!take_option(serve, given, optarg, help)) {
            fprintf(stderr, "barq: web: %.80s makes no sense; see 'barq web --help'\n",
                    argv[optind - 1]);
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "barq: web: it takes no words; see 'barq web --help'\n");
        return false;
    }
    serve->base_path = strcmp(serve->base_path, "/") == 0 ? "" : serve->base_path;
    return true;
}

/* -- a call -- */

static void refuse(struct bw_call *call, enum bw_problem problem)
{
    (void)!bw_refuse(call, problem, NULL);
    bw_answer(call);
}

/* False: it has its answer. */
static bool admits(struct serve *serve, struct bw_call *call)
{
    if (!bq_http_is_ours(&serve->names, call->http)) {
        refuse(call, BW_PROBLEM_HOST);
        return false;
    }
    if (bq_http_is_foreign(&serve->names, call->http)) {
        refuse(call, BW_PROBLEM_FOREIGN);
        return false;
    }
    switch (bw_auth_check(&serve->auth, call->http, bq_mono_ms())) {
    case BW_ADMITTED:
        return true;
    case BW_NOT_ADMITTED:
        bq_http_answer_header(call->http, "WWW-Authenticate",
                              "Basic realm=\"barq\", charset=\"UTF-8\"");
        refuse(call, BW_PROBLEM_LOGIN);
        return false;
    case BW_HAS_TO_WAIT:
        bq_http_answer_header(call->http, "Retry-After", "60");
        refuse(call, BW_PROBLEM_GUESSES);
        return false;
    }
    return false;
}

static void handle(struct bq_http_call *http)
{
    struct serve *serve = http->context;
    struct bw_call call = {.http = http, .web = serve->web, .arena = http->arena, .status = 200};
    const char *path = bq_http_below(serve->base_path, http->raw_path);

    if (!admits(serve, &call)) {
        return;
    }
    if (bw_web_has(path)) {
        bw_web_handle(serve->web, http, path, true);
    } else if (!bq_http_answer_page(http, bw_page, path, serve->base_path, BW_PAGE_POLICY)) {
        refuse(&call, BW_PROBLEM_NOT_FOUND);
    }
}

/* -- the server -- */

static void signal_came(struct bq_watch *watch, uint32_t events)
{
    struct serve *serve = (struct serve *)(void *)watch;
    int signal = bq_signals_next(serve->signal_fd);

    (void)events;
    serve->signal = signal ? signal : serve->signal;
}

static enum barq_status set_up(struct serve *serve, struct barq_error *err)
{
    const char *names = getenv("BARQ_WEB_HOSTS");

    serve->names = (struct bq_http_names){.host = serve->host,
                                          .more_hosts = names && *names != '\0' ? names : NULL};
    enum barq_status status = bw_auth_init(&serve->auth, serve->password_file, err);
    if (status != BARQ_OK || serve->auth.password[0] != '\0') {
        return status;
    }
    if (!bq_http_is_local(serve->host)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "others can reach %s: give a password, in BARQ_WEB_PASSWORD or by "
                       "--password-file",
                       serve->host);
    }
    if (serve->names.more_hosts) {
        bq_warn("there is no password: whoever reaches us by these names may do everything",
                bq_str("names", serve->names.more_hosts));
    }
    return BARQ_OK;
}

static enum barq_status listen_there(struct serve *serve, struct barq_error *err)
{
    char host[BQ_HTTP_HOST_BYTES];
    const struct bq_http_server_options options = {
        .host = host,
        .port = serve->port,
        .handle = handle,
        .context = serve,
        .threads = BW_THREADS,
        .body_max_bytes = BODY_MAX_BYTES,
        .call_max_bytes = CALL_MAX_BYTES,
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

static enum barq_status start(struct serve *serve, struct barq_error *err)
{
    const struct bw_web_options options = {
        .url = serve->url, .mount = serve->base_path, .read_only = serve->read_only};

    enum barq_status status = set_up(serve, err);
    if (status == BARQ_OK) {
        status = bq_signals_open(&serve->signal_fd, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_init(&serve->loop, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_add(&serve->loop, &serve->signal_watch, serve->signal_fd, EPOLLIN, err);
    }
    if (status == BARQ_OK) {
        status = bw_web_open(&options, &serve->web, err);
    }
    if (status == BARQ_OK) {
        status = bw_web_try(serve->web, err);
    }
    return status == BARQ_OK ? listen_there(serve, err) : status;
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms >= 0 && (b_ms < 0 || a_ms < b_ms) ? a_ms : b_ms;
}

static void run(struct serve *serve)
{
    printf("serving http://%s:%d%s\n", serve->host, bq_http_server_port(serve->server),
           serve->base_path);
    fflush(stdout);
    while (serve->signal == 0) {
        int64_t wait_ms = bq_http_server_turn(serve->server);
        bq_loop_wait(&serve->loop, sooner(wait_ms, bw_web_turn(serve->web, serve->server)));
    }
    bq_info("stopping", bq_str("signal", strsignal(serve->signal)));
}

static void stop(struct serve *serve)
{
    bq_http_server_close(serve->server);
    bw_web_close(serve->web);
    bq_loop_clear(&serve->loop);
    if (serve->signal_fd >= 0) {
        close(serve->signal_fd);
    }
}

static void set_log_format(void)
{
    const char *word = getenv("BARQ_LOG_FORMAT");
    enum bq_log_format format;

    if (word && bq_log_format_of(word, &format)) {
        bq_log_set_format(format);
    }
}

int main(int argc, char **argv)
{
    static struct serve serve = {.host = "127.0.0.1",
                                 .port = PORT_DEFAULT,
                                 .base_path = "",
                                 .signal_fd = -1,
                                 .signal_watch = {.fd = -1, .ready = signal_came}};
    struct barq_error err = {0};
    bool help = false;

    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error to be told */
    if (!read_options(&serve, argc, argv, &help)) {
        return EXIT_USAGE;
    }
    if (help) {
        return fputs(usage, stdout) < 0 || fflush(stdout) != 0 ? EXIT_BROKEN : 0;
    }
    set_log_format();
    enum barq_status status = start(&serve, &err);
    if (status == BARQ_OK) {
        run(&serve);
    }
    stop(&serve);
    return status == BARQ_OK ? 0 : complain(&err);
}
