#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/commands.h"
#include "commands/server_child.h"
#include "commands/terminal.h"
#include "intake/import.h"
#include "os/signals.h"
#include "services/origin.h"
#include "shipped.h"

enum {
    START_MS = 20000,
    LOOK_MS = 100,
    QUIET_MS = 5000,
    ROWS_DEFAULT = 15,
    ROWS_MIN = 5,
    LINES_BESIDE_TABLE = 10
};
enum { ARENA_BYTES = 1024 * 1024 };

#define LIST_NAME "Sample talks"

static const char usage[] =
    "usage: bookmarks demo [--keep-serving] [--port N]\n"
    "\n"
    "Starts the server and its worker, imports a list of 300 talks, processes it,\n"
    "and shows the first of them. Again, it finds all of that done.\n"
    "\n"
    "  --keep-serving  go on serving until it is stopped\n"
    "  --port N        serve there (8460; a free port without --keep-serving)\n";

struct demo {
    struct barq_session *session;
    struct bm_server server;
    int stop_fd; /* readable after SIGINT and the like */
    struct barq_arena arena;
    struct bm_list list;
};

static enum barq_status start_server(struct demo *demo, const char *port, struct barq_error *err)
{
    int64_t deadline_ms = bq_mono_ms() + START_MS;

    enum barq_status status = bm_server_start(&demo->server, port, err);
    while (status == BARQ_OK && *demo->server.address == '\0') {
        if (bq_mono_ms() > deadline_ms) {
            return bq_fail(err, BARQ_ERR_TIMEOUT, "demo: the server has not begun within %d s",
                           START_MS / 1000);
        }
        status = bm_server_listen(&demo->server, demo->stop_fd, LOOK_MS, err);
    }
    return status;
}

/* -- importing -- */

static enum barq_status find_or_make_list(struct demo *demo, struct barq_error *err)
{
    char id[BM_ID_BYTES];

    enum barq_status status = barq_session_begin(demo->session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_list_find(demo->session, LIST_NAME, &demo->arena, &demo->list, err);
    if (status == BARQ_ERR_NOTFOUND) {
        status = bm_list_add(demo->session, LIST_NAME, "talks", bq_wall_ms(), id, err);
        if (status == BARQ_OK) {
            status = bm_list_find(demo->session, id, &demo->arena, &demo->list, err);
        }
    }
    if (status == BARQ_OK) {
        return barq_session_commit(demo->session, err);
    }
    barq_session_rollback(demo->session);
    return status;
}

static enum barq_status import_sample(struct demo *demo, struct barq_error *err)
{
    const struct bm_import_options options = {.list_id = demo->list.id, .now_ms = bq_wall_ms()};
    size_t len = (size_t)(bm_shipped_sample_end - bm_shipped_sample);
    struct bm_import_report report;

    enum barq_status status =
        bm_import_bytes(demo->session, &options, bm_shipped_sample, len, &report, err);
    if (status == BARQ_OK) {
        printf("%s: %lld added, %lld already there, %lld failed\n", LIST_NAME,
               (long long)report.added, (long long)report.present, (long long)report.failed);
    }
    return status;
}

/* -- processing -- */

/* Listens for so long; not only until the server says something, which is every few milliseconds. */
static enum barq_status listen_for(struct demo *demo, int wait_ms, struct barq_error *err)
{
    int64_t until_ms = bq_mono_ms() + wait_ms;
    enum barq_status status = BARQ_OK;

    for (int64_t left = wait_ms; status == BARQ_OK && left > 0; left = until_ms - bq_mono_ms()) {
        status = bm_server_listen(&demo->server, demo->stop_fd, (int)left, err);
    }
    return status;
}

/* When nothing has moved for a while, the server may have said why: that goes on to the person. */
static void pass_on_why(struct demo *demo, const struct bm_run *run, int64_t *done,
                        int64_t *since_ms)
{
    int64_t now_ms = bq_mono_ms();
    int64_t done_now = run->counts.completed + run->counts.failed;

    if (done_now != *done) {
        *done = done_now;
        *since_ms = now_ms;
    } else if (now_ms - *since_ms > QUIET_MS && !demo->server.tell) {
        fprintf(stderr, "\nnothing has happened for %d s; the server says:\n", QUIET_MS / 1000);
        bm_server_tell(&demo->server);
    }
}

static enum barq_status follow(struct demo *demo, struct bm_run *run, struct barq_error *err)
{
    struct bm_progress progress;
    int64_t began_ms = bq_mono_ms();
    int64_t since_ms = began_ms;
    int64_t done = 0;
    bm_progress_begin(&progress, stdout);

    enum barq_status status = bm_look_at_run(demo->session, run, err);
    while (status == BARQ_OK && run->counts.pending > 0) {
        bm_progress_show(&progress, &run->counts);
        pass_on_why(demo, run, &done, &since_ms);
        status = listen_for(demo, LOOK_MS, err);
        if (status == BARQ_OK) {
            status = bm_look_at_run(demo->session, run, err);
        }
    }
    bm_progress_show(&progress, &run->counts);
    bm_progress_end(&progress);
    if (status == BARQ_OK) {
        printf("processed %lld videos in %.1f s\n\n", (long long)run->counts.total,
               (double)(bq_mono_ms() - began_ms) / 1000);
    }
    return status;
}

/* Nothing was left to take on; but perhaps an earlier demo was stopped, and its jobs go on now. */
static enum barq_status follow_earlier(struct demo *demo, struct barq_error *err)
{
    struct bm_run run;

    enum barq_status status = barq_session_begin(demo->session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_run_latest(demo->session, demo->list.id, &demo->arena, &run, err);
    barq_session_rollback(demo->session);
    if (status != BARQ_OK) {
        return status;
    }
    if (run.counts.pending > 0) {
        return follow(demo, &run, err);
    }
    printf("all of them were processed before\n\n");
    return BARQ_OK;
}

static enum barq_status process(struct demo *demo, struct barq_error *err)
{
    struct bm_run_options options = {.failed_too = true};
    struct bm_run run;

    enum barq_status status =
        bm_process(demo->session, demo->list.id, &options, &demo->arena, &run, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return follow_earlier(demo, err);
    }
    return status == BARQ_OK ? follow(demo, &run, err) : status;
}

/* -- showing -- */

/* As many rows as are a screenful. */
static size_t rows_that_fit(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
        return ROWS_DEFAULT;
    }
    int rows = size.ws_row - LINES_BESIDE_TABLE;
    return (size_t)(rows < ROWS_MIN ? ROWS_MIN : rows > BM_PAGE_MAX ? BM_PAGE_MAX : rows);
}

static enum barq_status show(struct demo *demo, struct barq_error *err)
{
    struct bm_video_filter filter = {.list_id = demo->list.id, .status = BARQ_OFF};

    enum barq_status status = bm_print_videos(demo->session, &filter, rows_that_fit(), err);
    if (status == BARQ_OK) {
        status = bm_read_list(demo->session, demo->list.id, &demo->arena, &demo->list, err);
    }
    return status;
}

static void close_with(const struct demo *demo)
{
    printf("%lld videos: %lld completed, %lld failed\n", (long long)demo->list.counts.total,
           (long long)demo->list.counts.completed, (long long)demo->list.counts.failed);
    fflush(stdout);
}

static enum barq_status serve_on(struct demo *demo, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    printf("serving %s; Ctrl+C ends it\n", demo->server.address);
    fflush(stdout);
    demo->server.tell = true; /* from now on */
    while (status == BARQ_OK) {
        status = bm_server_listen(&demo->server, demo->stop_fd, 60 * 1000, err);
    }
    return status == BARQ_ERR_CANCELED ? BARQ_OK : status;
}

/* Where from, and where to: another address than a file's may have a password in it. */
static void tell_places(void)
{
    struct bm_services_settings services = bm_services_of_environment();
    const char *data = getenv("DATABASE_URL");

    printf("%s\n", bm_origin_text(&services));
    if (data && bq_starts_with(data, "sqlite:")) {
        printf("data: %s\n", data);
    }
    fflush(stdout);
}

static enum barq_status run(struct demo *demo, const char *port, struct barq_error *err)
{
    tell_places();

    enum barq_status status = bm_store_open(&demo->session, err);
    if (status == BARQ_OK) {
        status = start_server(demo, port, err);
    }
    if (status == BARQ_OK) {
        status = find_or_make_list(demo, err);
    }
    if (status == BARQ_OK) {
        status = import_sample(demo, err);
    }
    if (status == BARQ_OK) {
        status = process(demo, err);
    }
    return status == BARQ_OK ? show(demo, err) : status;
}

static int finish(struct demo *demo, enum barq_status status, bool keep_serving,
                  struct barq_error *err)
{
    if (status == BARQ_OK && keep_serving) {
        close_with(demo);
        status = serve_on(demo, err);
    }
    bm_server_stop(&demo->server);
    if (status != BARQ_OK) {
        return bm_complain(err);
    }
    if (!keep_serving) {
        close_with(demo);
    }
    return demo->list.counts.failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

static int demonstrate(const char *port, bool keep_serving)
{
    struct demo demo = {.stop_fd = -1, .server = {.child = {.pidfd = -1}, .out_fd = -1}};
    struct barq_error err;
    bq_arena_init(&demo.arena, ARENA_BYTES);

    enum barq_status status = bq_signals_open(&demo.stop_fd, &err);
    if (status == BARQ_OK) {
        status = run(&demo, port, &err);
    }
    int code = finish(&demo, status, keep_serving, &err);
    barq_session_close(demo.session);
    bq_arena_clear(&demo.arena);
    bq_fd_drop(&demo.stop_fd);
    return code;
}

int bm_cmd_demo(int argc, char **argv)
{
    static const struct option options[] = {{"keep-serving", no_argument, NULL, 'k'},
                                            {"port", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *port = NULL;
    bool keep_serving = false;

    for (int option; (option = getopt_long(argc, argv, "kp:h", options, NULL)) != -1;) {
        switch (option) {
        case 'k':
            keep_serving = true;
            break;
        case 'p':
            port = optarg;
            break;
        default:
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind != argc) {
        return bm_show_usage(usage, false);
    }
    return demonstrate(port ? port : keep_serving ? "8460" : "0", keep_serving);
}
