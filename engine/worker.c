/*
 * worker.c - a process's start: it becomes a worker, or one of its executors.
 */
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <barq/admin.h>
#include <barq/worker.h>

#include "attempt/attempt.h"
#include "base/dsn.h"
#include "base/log.h"
#include "base/text.h"
#include "dispatcher/dispatcher.h"
#include "os/signals.h"

enum { EXIT_USAGE = 2, MIN_LEASE_S = 1, MAX_LEASE_S = 366 * 24 * 3600, MAX_CMDLINE_BYTES = 262144 };

struct plan {
    const struct barq_settings *settings; /* NULL: of the module */
    const char *module;
    const char *url;
    const char *database_url;
    struct barq_arena *arena;
    struct barq_worker_queue queues[BQ_MAX_QUEUES];
    size_t n_queues;
    int executors;
    int threads;
    int64_t lease_ms;           /* 0: the usual one */
    int64_t completion_wait_ms; /* BARQ_OFF: the module's */
    const char *health;
    bool watch;
    bool shared_with_arq;
    bool leave_unknown;
    bool burst;
    bool verbose;
    enum bq_log_format log_format;
    bool help;
};

static const struct option options[] = {
    {"queue", required_argument, NULL, 'q'},
    {"executors", required_argument, NULL, 'e'},
    {"threads", required_argument, NULL, 't'},
    {"burst", no_argument, NULL, 'b'},
    {"lease", required_argument, NULL, 'l'},
    {"job-completion-wait", required_argument, NULL, 'w'},
    {"health", required_argument, NULL, 'H'},
    {"watch", no_argument, NULL, 'W'},
    {"shared-with-arq", no_argument, NULL, 's'},
    {"leave-unknown", no_argument, NULL, 'k'},
    {"url", required_argument, NULL, 'u'},
    {"database", required_argument, NULL, 'd'},
    {"verbose", no_argument, NULL, 'v'},
    {"log-format", required_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void print_help(const struct plan *plan, const char *name)
{
    (void)printf(
        "usage: %s [options]%s\n"
        "\n"
        "Runs jobs until it is stopped (SIGINT or SIGTERM).\n"
        "\n"
        "  --queue NAME[:WEIGHT],...\n"
        "                    the queues to work on, each with its share of the attention\n"
        "                    (the module's, or the broker's own, \"barq\")\n"
        "  --executors N     how many processes run jobs (the module's max_jobs / threads; %d)\n"
        "  --threads N       how many jobs one of them runs at a time (the module's, or 1); more "
        "is\n"
        "                    for jobs that mostly wait: one that crashes, hangs or hogs memory "
        "ends\n"
        "                    its process and the others in it, which are then run again\n"
        "  --burst           end when the queues are empty\n"
        "  --lease SECONDS   how long jobs stay ours when we are not heard of (%d)\n"
        "  --job-completion-wait SECONDS\n"
        "                    when told to stop, wait so long for what runs (the module's, or 0)\n"
        "  --health ADDRESS:PORT\n"
        "                    answer /livez and /readyz over HTTP there; else BARQ_HEALTH, else "
        "nowhere\n"
        "  --watch           load the module anew when it changes, as at SIGHUP\n"
        "  --shared-with-arq workers of Python's arq work on the same queue: the lease is the\n"
        "                    longest job_timeout and 10 s, nothing commits within 5 s of its end,\n"
        "                    errors are not tried again unless set, at most %d jobs\n"
        "  --leave-unknown   leave jobs of functions that are not known here to other workers\n"
        "  --url URL         the queue's address; else BARQ_URL, else a file of the user's\n"
        "  --database URL    the sessions' database; else DATABASE_URL, else a file of the user's\n"
        "  -v, --verbose     log more\n"
        "  --log-format F    log as \"text\" or \"json\"; else BARQ_LOG_FORMAT, else text\n"
        "  --help            this\n"
        "\n"
        "exit codes: 0 stopped, or the burst is done; 1 it could not start or go on; 2 wrong "
        "usage.\n",
        plan->settings ? name : "barq worker", plan->settings ? "" : " MODULE.so",
        BARQ_DEFAULT_MAX_JOBS, BARQ_DEFAULT_LEASE_MS / 1000, BARQ_SHARED_MAX_JOBS);
}

static enum barq_status set_log_format(struct plan *plan, const char *by, const char *word,
                                       struct barq_error *err)
{
    return bq_log_format_of(word, &plan->log_format)
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_ARG, "%s: '%s' is neither text nor json", by, word);
}

static enum barq_status set_queues(struct plan *plan, const char *text, struct barq_error *err)
{
    enum barq_status status =
        bq_queues_parse(plan->arena, text, plan->queues, &plan->n_queues, err);

    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "--queue");
    }
    return status;
}

/* What getopt_long() was not content with. */
static enum barq_status misused(int said, char **argv, struct barq_error *err)
{
    const char *word = argv[optind - 1];

    if (said == ':') {
        return bq_fail(err, BARQ_ERR_ARG, "%.80s wants a value; see --help", word);
    }
    if (strncmp(word, "--", 2) == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "there is no option %.80s; see --help", word);
    }
    return bq_fail(err, BARQ_ERR_ARG, "there is no option -%c; see --help", optopt);
}

/*
 * An address is taken from the arguments, which everybody can read in the list of processes, and what can be a password
 * is taken out of them: executors, started with the same ones, are told it by their environment.
 */
static enum barq_status take_url(struct plan *plan, const char *variable, char *text,
                                 const char **out, struct barq_error *err)
{
    const char *told = getenv("BARQ_EXECUTOR") ? getenv(variable) : NULL;
    const char *copy = bq_arena_strdup(plan->arena, told && told[0] != '\0' ? told : text);

    if (!copy || setenv(variable, copy, 1) != 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    bq_dsn_hide(text);
    *out = copy;
    return BARQ_OK;
}

static enum barq_status set_option(struct plan *plan, int option, char **argv,
                                   struct barq_error *err)
{
    int64_t number;

    switch (option) {
    case 'q':
        return set_queues(plan, optarg, err);
    case 'e':
        if (!bq_parse_int(optarg, &number) || number < 1 || number > BQ_MAX_EXECUTORS) {
            return bq_fail(err, BARQ_ERR_ARG, "--executors: '%s' is not a number from 1 to %d",
                           optarg, BQ_MAX_EXECUTORS);
        }
        plan->executors = (int)number;
        return BARQ_OK;
    case 't':
        if (!bq_parse_int(optarg, &number) || number < 1 || number > BARQ_MAX_THREADS) {
            return bq_fail(err, BARQ_ERR_ARG, "--threads: '%s' is not a number from 1 to %d",
                           optarg, BARQ_MAX_THREADS);
        }
        plan->threads = (int)number;
        return BARQ_OK;
    case 'l':
        if (!bq_parse_seconds_ms(optarg, &plan->lease_ms) ||
            plan->lease_ms < (int64_t)MIN_LEASE_S * 1000 ||
            plan->lease_ms > (int64_t)MAX_LEASE_S * 1000) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "--lease: '%s' is not a number of seconds from %d to %d (a year)",
                           optarg, MIN_LEASE_S, MAX_LEASE_S);
        }
        return BARQ_OK;
    case 'w':
        return bq_parse_seconds_ms(optarg, &plan->completion_wait_ms)
                   ? BARQ_OK
                   : bq_fail(err, BARQ_ERR_ARG,
                             "--job-completion-wait: '%s' is not a number of seconds", optarg);
    case 's':
        plan->shared_with_arq = true;
        return BARQ_OK;
    case 'k':
        plan->leave_unknown = true;
        return BARQ_OK;
    case 'W':
        plan->watch = true;
        return BARQ_OK;
    case 'H':
        plan->health = optarg;
        return BARQ_OK;
    case 'b':
        plan->burst = true;
        return BARQ_OK;
    case 'u':
        return take_url(plan, "BARQ_URL", optarg, &plan->url, err);
    case 'd':
        return take_url(plan, "DATABASE_URL", optarg, &plan->database_url, err);
    case 'v':
        plan->verbose = true;
        return BARQ_OK;
    case 'f':
        return set_log_format(plan, "--log-format", optarg, err);
    case 'h':
        plan->help = true;
        return BARQ_OK;
    default:
        return misused(option, argv, err);
    }
}

static enum barq_status take_module(struct plan *plan, int argc, char **argv,
                                    struct barq_error *err)
{
    int left = argc - optind;

    if (plan->settings) {
        return left == 0
                   ? BARQ_OK
                   : bq_fail(err, BARQ_ERR_ARG, "'%s' is one argument too many", argv[optind]);
    }
    if (left != 1) {
        return bq_fail(err, BARQ_ERR_ARG,
                       left == 0 ? "which module? give the path of a .so" : "one module at a time");
    }
    plan->module = argv[optind];
    return BARQ_OK;
}

static enum barq_status parse(struct plan *plan, int argc, char **argv, struct barq_error *err)
{
    const char *format = getenv("BARQ_LOG_FORMAT");
    int option;

    if (format && format[0] != '\0') {
        enum barq_status status = set_log_format(plan, "BARQ_LOG_FORMAT", format, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
        enum barq_status status = set_option(plan, option, argv, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return plan->help ? BARQ_OK : take_module(plan, argc, argv, err);
}

/* Flags, else environment, else the default files. The strings live in `arena`. */
static enum barq_status fill_urls(struct plan *plan, struct barq_arena *arena,
                                  struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    if (!plan->url) {
        status = barq_default_url(arena, &plan->url, err);
    }
    if (status == BARQ_OK && !plan->database_url) {
        status = barq_default_database_url(arena, &plan->database_url, err);
    }
    return status;
}

static void bq_file_drop(FILE **file)
{
    if (*file) {
        (void)fclose(*file);
    }
}

/* The last word: for whoever reads it, or for whatever does. */
static int complain(const struct plan *plan, const struct barq_error *err)
{
    if (plan->log_format == BQ_LOG_JSON) {
        bq_error(err->text);
    } else {
        (void)fprintf(stderr, "barq: %s\n", err->text);
    }
    return EXIT_FAILURE;
}

static int run_executor(const struct plan *plan, const char *role)
{
    /* The dispatcher reads it, and has a name for us. */
    bq_log_set_format(BQ_LOG_RELAYED);
    bq_signals_leave_to_parent();
    /* What a handler starts is no executor. */
    (void)unsetenv("BARQ_EXECUTOR");
    struct bq_executor_plan executor = {
        .settings = plan->settings,
        .module = plan->module,
        .database_url = plan->database_url,
        .threads = plan->threads,
        .shared_with_arq = plan->shared_with_arq,
        .leave_unknown = plan->leave_unknown,
        .house = strcmp(role, "house") == 0,
    };
    return bq_executor_main(&executor);
}

/* What the functions come from; NULL: nobody wants to know when it changes. */
static const char *watched(const struct plan *plan, const char *program)
{
    if (!plan->watch) {
        return NULL;
    }
    return plan->module ? plan->module : program;
}

static int run_dispatcher(const struct plan *plan, char **argv)
{
    char path[PATH_MAX];
    struct barq_error err;

    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (len < 0 || !argv) {
        (void)fprintf(
            stderr,
            "barq: worker: cannot find out how this process was started (is /proc there?)\n");
        return EXIT_FAILURE;
    }
    path[len] = '\0';
    /* barq-otlp writes the same log. */
    (void)setenv("BARQ_LOG_FORMAT", plan->log_format == BQ_LOG_JSON ? "json" : "text", 1);
    struct bq_dispatcher_options dispatcher = {
        .broker_url = plan->url,
        .queues = plan->queues,
        .n_queues = plan->n_queues,
        .executors = plan->executors,
        .lease_ms = plan->lease_ms,
        .completion_wait_ms = plan->completion_wait_ms,
        .health = plan->health ? plan->health : getenv("BARQ_HEALTH"),
        .burst = plan->burst,
        .watch_path = watched(plan, path),
        .path = path,
        .argv = argv,
    };
    return bq_dispatcher_run(&dispatcher, &err) == BARQ_OK ? EXIT_SUCCESS : complain(plan, &err);
}

/* Whoever was started without them would open a queue, or a socket, in their place, and write its log there. */
static bool fill_standard_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR); /* not close-on-exec: what is started has them, too */
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

/*
 * The arguments that this process was started with, subcommand and all: executors are started with the same.
 * NULL: they cannot be had.
 */
static char **process_argv(struct barq_arena *arena)
{
    bq_auto(file) FILE *file = fopen("/proc/self/cmdline", "re");
    char *text = bq_arena_alloc(arena, MAX_CMDLINE_BYTES);
    if (!file || !text) {
        return NULL;
    }
    size_t len = fread(text, 1, MAX_CMDLINE_BYTES - 1, file);
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        count += text[i] == '\0';
    }

    char **argv = bq_arena_array(arena, count + 1, sizeof(char *));
    for (size_t i = 0; argv && i < count; i++) {
        argv[i] = text;
        text += strlen(text) + 1;
    }
    return argv;
}

int barq_worker_main(const struct barq_settings *settings, int argc, char **argv)
{
    struct plan plan = {.settings = settings, .completion_wait_ms = BARQ_OFF};
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;

    if (!fill_standard_descriptors()) {
        return EXIT_FAILURE;
    }
    bq_signals_ignore();
    bq_arena_init(&arena, (size_t)4 * MAX_CMDLINE_BYTES);
    plan.arena = &arena;
    if (parse(&plan, argc, argv, &err) != BARQ_OK) {
        (void)fprintf(stderr, "barq: worker: %s\n", err.text);
        return EXIT_USAGE;
    }
    if (plan.help) {
        print_help(&plan, argv[0]);
        return EXIT_SUCCESS;
    }
    bq_log_set_level(plan.verbose ? BQ_LOG_DEBUG : BQ_LOG_INFO);
    bq_log_set_format(plan.log_format);
    if (fill_urls(&plan, &arena, &err) != BARQ_OK) {
        return complain(&plan, &err);
    }
    const char *role = getenv("BARQ_EXECUTOR");
    return role ? run_executor(&plan, role) : run_dispatcher(&plan, process_argv(&arena));
}
