/*
 * bench.c - barq bench: makes jobs for a queue, and measures what becomes of them.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "cli.h"
#include "os/signals.h"

enum {
    DEFAULT_JOBS = 10000,
    DEFAULT_BATCH = 100,
    MAX_JOBS = 10000000,
    MAX_CLIENTS = 100,
    MAX_BATCH = 10000,
};

/* -- the clients -- */

/* Zeroed; NULL: there is none. */
static void *share(size_t count, size_t bytes)
{
    void *memory =
        mmap(NULL, count * bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static bool share_out(struct bench *bench)
{
    size_t jobs = (size_t)bench->plan.jobs;
    size_t clients = (size_t)bench->plan.clients;

    bench->jobs = share(jobs, sizeof(*bench->jobs));
    bench->clients = share(clients, sizeof(*bench->clients));
    if (!bench->jobs || !bench->clients) {
        return false;
    }
    for (size_t i = 0; i < clients; i++) {
        size_t first = jobs * i / clients;
        bench->clients[i].jobs = bench->jobs + first;
        bench->clients[i].count = jobs * (i + 1) / clients - first;
    }
    return true;
}

/* `stop` and `done` are pipes: at the end of the first the clients stop, at the end of the other all have ended. */
static bool start_clients(struct bench *bench, const int *stop, const int *done)
{
    for (int64_t i = 0; i < bench->plan.clients; i++) {
        pid_t pid = fork(); /* nothing is open yet that must not be shared */
        if (pid < 0) {
            return false;
        }
        if (pid == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(stop[1]);
            close(done[0]);
            bench_run_client(&bench->plan, &bench->clients[i], stop[0]);
            _exit(0);
        }
    }
    return true;
}

/* From now on a signal ends this process, and with it the clients. */
static void let_go(int signals)
{
    sigset_t all;

    while (bq_signals_next(signals) != 0) {
    }
    sigfillset(&all);
    (void)sigprocmask(SIG_UNBLOCK, &all, NULL);
}

/* Until all have ended; a signal stops them before. */
static void wait_for_clients(struct bench *bench, int signals, int *stop_fd, int done_fd)
{
    struct pollfd polls[] = {{.fd = done_fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

    while (poll(polls, 2, -1) < 0 || polls[0].revents == 0) {
        if (polls[1].revents != 0) {
            bench->stopped = true;
            close(*stop_fd);
            *stop_fd = -1;
            polls[1].fd = -1;
            let_go(signals);
        }
    }
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

static int no_clients(void)
{
    cli_complain("bench: the clients could not be started");
    return CLI_BROKEN;
}

static int run_clients(struct bench *bench)
{
    int stop[2];
    int done[2];
    int signals = -1;
    struct barq_error err;

    enum barq_status status = bq_signals_open(&signals, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }
    if (!share_out(bench) || pipe2(stop, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0) {
        return no_clients();
    }
    bool started = start_clients(bench, stop, done);
    close(stop[0]);
    close(done[1]);
    if (!started) {
        close(stop[1]);
        stop[1] = -1;
    }
    wait_for_clients(bench, signals, &stop[1], done[0]);
    close(done[0]);
    close(stop[1]);
    close(signals);
    return started ? CLI_OK : no_clients();
}

static int see_that_all_began(const struct bench *bench)
{
    for (int64_t i = 0; i < bench->plan.clients; i++) {
        const struct bench_client *client = &bench->clients[i];
        if (client->status != BARQ_OK && client->begun_us == 0) {
            return cli_not_opened(client->status, &client->err);
        }
    }
    return CLI_OK;
}

/* The worst of what the clients say. */
static int judge(const struct bench *bench, const struct bench_figures *figures)
{
    int code = CLI_OK;

    for (int64_t i = 0; i < bench->plan.clients; i++) {
        const struct bench_client *client = &bench->clients[i];
        if (client->status != BARQ_OK && code == CLI_OK) {
            code = cli_failed(client->status, &client->err);
        }
    }
    if (figures->left > 0) {
        cli_complain("bench: some of its jobs run still, and are left");
    }
    if (code != CLI_OK || bench->plan.wait_ms == BENCH_NO_WAIT) {
        return code;
    }
    if (figures->complete + figures->failed < bench->plan.jobs) {
        cli_complain(bench->stopped ? "bench: stopped" : "bench: not all jobs have finished");
        return CLI_UNFINISHED;
    }
    return figures->failed > 0 ? CLI_REFUSED : CLI_OK;
}

/* -- the command -- */

static int run_bench(struct bench *bench, struct barq_arena *arena, bool json)
{
    int code = run_clients(bench);
    if (code == CLI_OK) {
        code = see_that_all_began(bench);
    }
    if (code != CLI_OK) {
        return code;
    }

    struct bench_figures figures = bench_measure(bench);
    if (json) {
        bench_print_json(arena, bench, &figures);
    } else {
        bench_print(bench, &figures);
    }
    return judge(bench, &figures);
}

static int check(const struct bench_plan *plan)
{
    if (plan->jobs > MAX_JOBS || plan->clients > MAX_CLIENTS || plan->batch > MAX_BATCH) {
        return cli_misused(&cli_bench, "at most %d jobs, %d clients, and batches of %d", MAX_JOBS,
                           MAX_CLIENTS, MAX_BATCH);
    }
    if (plan->clients > plan->jobs) {
        return cli_misused(&cli_bench, "there are more clients than jobs");
    }
    return CLI_OK;
}

static int read_job_args(struct barq_arena *arena, const char *text, const struct barq_value **out)
{
    struct barq_value *args = NULL;
    struct barq_error err;

    if (!text) {
        return CLI_OK;
    }
    if (barq_from_json(arena, text, strlen(text), &args, &err) != BARQ_OK) {
        return cli_misused(&cli_bench, "--args: %s", err.text);
    }
    if (barq_kind(args) != BARQ_LIST) {
        return cli_misused(&cli_bench, "--args takes a JSON array");
    }
    *out = args;
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    const char *job_args = NULL;
    struct bench bench = {.plan = {.function = "noop",
                                   .jobs = DEFAULT_JOBS,
                                   .clients = 1,
                                   .batch = DEFAULT_BATCH,
                                   .wait_ms = BENCH_NO_WAIT}};
    const struct cli_option options[] = {
        {"function", CLI_TEXT, &bench.plan.function},
        {"args", CLI_TEXT, &job_args},
        {"queue", CLI_TEXT, &bench.plan.queue},
        {"jobs", CLI_COUNT, &bench.plan.jobs},
        {"clients", CLI_COUNT, &bench.plan.clients},
        {"batch", CLI_COUNT, &bench.plan.batch},
        {"wait", CLI_MAYBE_SECONDS, &bench.plan.wait_ms},
        {"keep", CLI_FLAG, &bench.plan.keep},
        {.name = NULL},
    };
    int code = CLI_OK;
    if (!cli_read(&cli_bench, argc, argv, options, 0, 0, &args, &code)) {
        return code;
    }

    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    bench.plan.url = args.url;
    code = read_job_args(&arena, job_args, &bench.plan.args);
    if (code == CLI_OK) {
        code = check(&bench.plan);
    }
    return code == CLI_OK ? run_bench(&bench, &arena, args.json) : code;
}

const struct cli_command cli_bench = {
    .name = "bench",
    .words = "[options]",
    .summary = "make jobs, and measure how fast they are taken",
    .help = "Enqueues jobs, and with --wait measures how fast workers run them: how many a\n"
            "second, and how long each took from its enqueueing to its result. Then it deletes\n"
            "them; without --wait they stay in the queue. Other jobs are left alone.\n"
            "\n"
            "  --jobs N             so many; 10000 unless said\n"
            "  --function NAME      of this function, which a worker must have; 'noop'\n"
            "  --args ARRAY         with these arguments, a JSON array\n"
            "  --queue NAME         in this queue; else 'barq', and in Redis 'arq:queue'\n"
            "  --clients N          from so many processes at once; 1\n"
            "  --batch N            so many in one transaction; 100\n"
            "  --wait[=SECONDS]     wait for them\n"
            "  --keep               delete none of them\n"
            "\n"
            "example:\n"
            "  barq worker playground.so &\n"
            "  barq bench --jobs 50000 --clients 2 --wait\n",
    .run = run,
};
