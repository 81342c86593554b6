/*
 * top.c - barq top: the loop between the keys, the broker and the screen.
 */
#include "top.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cli.h"
#include "os/signals.h"

enum { DEFAULT_DELAY_MS = 1000, MIN_DELAY_MS = 100, ESCAPE_MS = 25 };

/* -- the broker -- */

static void forget_client(struct top *top, const struct barq_error *err)
{
    barq_client_close(top->client);
    top->client = NULL;
    if (top->away[0] == '\0') {
        top->away_since_ms = bq_wall_ms();
    }
    (void)snprintf(top->away, sizeof(top->away), "%s", err->text);
}

static enum barq_status open_client(struct top *top, struct barq_error *err)
{
    struct barq_client_options options = {.timeout_ms = TOP_PATIENCE_MS};

    return top->client ? BARQ_OK : barq_client_open(top->url, &options, &top->client, err);
}

/* The failed are many and change seldom: they are read again when their number has changed. */
static enum barq_status look_at_failed(struct top *top, struct barq_error *err)
{
    int64_t count = top_now(top)->failed;

    if (count == top->failed_count) {
        return BARQ_OK;
    }
    enum barq_status status = top_look_failed(top->client, &top->failed, err);
    top->failed_count = status == BARQ_OK ? count : BARQ_OFF;
    return status;
}

void top_refresh(struct top *top)
{
    struct barq_error err;
    enum barq_status status = open_client(top, &err);

    if (status == BARQ_OK) {
        status = top_look(top->client, top_now(top), &top->views[!top->now], &err);
    }
    if (status == BARQ_OK) {
        top->now = !top->now;
        status = look_at_failed(top, &err);
    }
    if (status != BARQ_OK) {
        forget_client(top, &err);
    } else {
        top->away[0] = '\0';
    }
    top_settle(top);
}

/* Takes what was typed; false: to quit. */
static bool take_keys(struct top *top)
{
    int key;

    while ((key = getch()) != ERR) {
        if (key == KEY_RESIZE) {
            continue; /* curses knows the new size already */
        }
        if (!top_press(top, key)) {
            return false;
        }
    }
    return true;
}

/* -- the loop -- */

/* Until a key, a signal, or the time to look again. False: to quit. */
static bool wait_for_keys(struct top *top, int signals, int64_t look_at_ms)
{
    struct pollfd polls[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = signals, .events = POLLIN}};
    int64_t left_ms = look_at_ms - bq_mono_ms();
    int ready = poll(polls, 2, left_ms > 0 ? (int)left_ms : 0);

    if (ready < 0 && errno != EINTR) {
        return false;
    }
    if (ready > 0 && (polls[1].revents != 0 || (polls[0].revents & (POLLHUP | POLLERR)) != 0)) {
        return false;
    }
    return take_keys(top); /* also when a resize has interrupted */
}

static void run_screen(struct top *top, int signals)
{
    int64_t look_at_ms = bq_mono_ms();

    do {
        if (bq_mono_ms() >= look_at_ms) {
            top_refresh(top);
            look_at_ms = bq_mono_ms() + top->delay_ms;
        }
        top_draw(top, bq_wall_ms());
    } while (wait_for_keys(top, signals, look_at_ms));
}

/* What is drawn is UTF-8, also where nobody has said so. */
static void choose_letters(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
}

static int show(struct top *top)
{
    int signals = -1;
    struct barq_error err;
    enum barq_status status = bq_signals_open(&signals, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    choose_letters();
    SCREEN *screen = newterm(NULL, stdout, stdin);
    if (!screen) {
        cli_complain("top: this terminal is unknown; is TERM right?");
        close(signals);
        return CLI_BROKEN;
    }
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    curs_set(0);
    run_screen(top, signals);
    endwin();
    delscreen(screen);
    close(signals);
    return CLI_OK;
}

/* A queue that cannot be asked now may be there later; one that can never be is told before the screen is taken. */
static int open_first(struct top *top)
{
    struct barq_error err;
    enum barq_status status = open_client(top, &err);

    if (status == BARQ_ERR_ARG || status == BARQ_ERR_FORMAT || status == BARQ_ERR_LIMIT) {
        return cli_not_opened(status, &err);
    }
    if (status != BARQ_OK) {
        forget_client(top, &err);
    }
    return CLI_OK;
}

static int run_top(struct top *top)
{
    top_view_init(&top->views[0]);
    top_view_init(&top->views[1]);
    bq_arena_init(&top->failed.arena, TOP_ARENA_BYTES);
    int code = open_first(top);
    if (code == CLI_OK) {
        code = show(top);
    }
    barq_client_close(top->client);
    bq_arena_clear(&top->failed.arena);
    top_view_clear(&top->views[1]);
    top_view_clear(&top->views[0]);
    return code;
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    struct top top = {.delay_ms = DEFAULT_DELAY_MS, .failed_count = BARQ_OFF};
    const struct cli_option options[] = {
        {"d|delay", CLI_SECONDS, &top.delay_ms},
        {.name = NULL},
    };
    int code = CLI_OK;
    if (!cli_read(&cli_top, argc, argv, options, 0, 0, &args, &code)) {
        return code;
    }
    if (args.json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return cli_misused(&cli_top, "it is for a terminal ('barq stats' is for scripts)");
    }

    top.url = args.url;
    top.delay_ms = top.delay_ms < MIN_DELAY_MS ? MIN_DELAY_MS : top.delay_ms;
    return run_top(&top);
}

const struct cli_command cli_top = {
    .name = "top",
    .words = "[options]",
    .summary = "show queues, workers and jobs as they are",
    .help = "Shows queues, workers, running and failed jobs, and goes on until q. Keys pause\n"
            "a queue, abort and retry jobs; ? explains them.\n"
            "\n"
            "  -d, --delay SECONDS  look so often; each second unless said, 0.1 at least\n"
            "\n"
            "example:\n"
            "  barq top -d 0.5\n",
    .run = run,
};
