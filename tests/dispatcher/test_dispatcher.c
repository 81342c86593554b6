/*
 * test_dispatcher.c - a worker whose queue is in memory: the dispatcher runs
 * in this process, its executors are this binary, started afresh.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <barq/worker.h>

#include "base/log.h"
#include "base/time.h"
#include "broker/memory/memory.h"
#include "client/client.h"
#include "dispatcher/dispatcher.h"
#include "job/record.h"
#include "job/tally.h"
#include "support/folder.h"

/* A crash has its own end there: the sanitizer's report, and an exit code. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CRASH_IS_A_SIGNAL = false };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { CRASH_IS_A_SIGNAL = false };
#else
enum { CRASH_IS_A_SIGNAL = true };
#endif
#else
enum { CRASH_IS_A_SIGNAL = true };
#endif

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    QUICK_JOBS = 500,
    SWEPT_JOBS = 2500,
    SHORT_MS = 200,
    GRACE_MS = 200,
    MIB = 1024 * 1024,
    HOG_MIB = 256,
};

/* -- the executors' side -- */

static enum barq_status echo(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    barq_return(ctx, barq_int(barq_arena_of(ctx), barq_arg_int(ctx, 0, NULL, -1)));
    return BARQ_OK;
}

/* Fails as often as it is told, then returns its try. */
static enum barq_status flaky(struct barq_context *ctx, struct barq_error *err)
{
    if (barq_job_try(ctx) <= barq_arg_int(ctx, 0, NULL, 0)) {
        return barq_error_set(err, BARQ_ERR_JOB, "not yet");
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), barq_job_try(ctx)));
    return BARQ_OK;
}

static enum barq_status refuse(struct barq_context *ctx, struct barq_error *err)
{
    return barq_fail(ctx, err, "no: %s", barq_arg_string(ctx, 0, NULL, ""));
}

static enum barq_status crash(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    raise(SIGSEGV);
    return BARQ_OK;
}

/* As the kernel does when memory is out. */
static enum barq_status be_killed(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    kill(getpid(), SIGKILL);
    return BARQ_OK;
}

/* Makes a file, so that the test knows that it runs; then waits until it is told to stop. */
static enum barq_status nap(struct barq_context *ctx, struct barq_error *err)
{
    int fd = open(barq_arg_string(ctx, 0, NULL, "/dev/null"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    close(fd);
    return barq_sleep(ctx, barq_arg_int(ctx, 1, NULL, 60000), err);
}

static enum barq_status hang(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    for (;;) {
        pause();
    }
    return BARQ_OK;
}

/* Takes memory as fast as it can, for ever; how many MiB it has is in the file that its argument names. */
static enum barq_status hog(struct barq_context *ctx, struct barq_error *err)
{
    int fd = open(barq_arg_string(ctx, 0, NULL, "/dev/null"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *map = ftruncate(fd, sizeof(int64_t)) == 0
                    ? mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                    : MAP_FAILED;

    close(fd);
    if (map == MAP_FAILED) {
        return barq_error_set(err, BARQ_ERR_IO, "cannot count");
    }
    volatile int64_t *mib = map;
    for (*mib = 0;; ++*mib) {
        char *more = malloc(MIB);
        if (!more) {
            return barq_error_set(err, BARQ_ERR_NOMEM, "there is no more");
        }
        memset(more, 1, MIB);
    }
}

/* Keeps more than a limited job may have, and is not limited itself. */
static enum barq_status litter(struct barq_context *ctx, struct barq_error *err)
{
    size_t bytes = (size_t)(HOG_MIB + 50) * MIB;
    char *kept = malloc(bytes);

    (void)ctx;
    if (!kept) {
        return barq_error_set(err, BARQ_ERR_NOMEM, "nothing to litter with");
    }
    memset(kept, 1, bytes);
    return BARQ_OK;
}

static enum barq_status burn(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    for (volatile int64_t turns = 0; !barq_canceled(ctx); turns++) {
    }
    return BARQ_OK;
}

/* Waits until as many of its kind run in this process as it is told. */
static enum barq_status meet(struct barq_context *ctx, struct barq_error *err)
{
    static atomic_int there;
    enum barq_status status = BARQ_OK;

    atomic_fetch_add(&there, 1);
    while (status == BARQ_OK && atomic_load(&there) < barq_arg_int(ctx, 0, NULL, 0)) {
        status = barq_sleep(ctx, 1, err);
    }
    return status;
}

/* Once the file of a nap is there, its process has an end. */
static enum barq_status wake_rudely(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    while (status == BARQ_OK && access(barq_arg_string(ctx, 0, NULL, ""), F_OK) != 0) {
        status = barq_sleep(ctx, 1, err);
    }
    return status == BARQ_OK ? crash(ctx, err) : status;
}

/* Runs until the file is there. */
static enum barq_status linger(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    while (status == BARQ_OK && access(barq_arg_string(ctx, 0, NULL, ""), F_OK) != 0) {
        status = barq_sleep(ctx, 1, err);
    }
    return status;
}

static enum barq_status have_children(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    int64_t count = barq_arg_int(ctx, 0, NULL, 0);

    enum barq_status status = barq_session_write(ctx, &session, err);
    for (int64_t i = 0; status == BARQ_OK && i < count; i++) {
        char id[32];
        struct barq_value *args = barq_tuple(barq_arena_of(ctx));
        struct barq_enqueue_options options = {.id = id};

        (void)snprintf(id, sizeof(id), "child %d", (int)i);
        barq_add(args, barq_int(barq_arena_of(ctx), i));
        status = barq_session_enqueue(session, "echo", args, NULL, &options, NULL, err);
    }
    return status;
}

/* Children, and a job for when they are done, whose row of the outbox is as large as can be. */
static enum barq_status have_a_batch(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *memory = barq_arena_of(ctx);
    const char **ids = bq_arena_array(memory, BARQ_AFTER_MAX, sizeof(char *));
    struct barq_enqueue_options last = {.id = "last", .after = ids, .n_after = BARQ_AFTER_MAX};
    struct barq_session *session;
    int64_t children = barq_arg_int(ctx, 0, NULL, 0);

    enum barq_status status = have_children(ctx, err);
    for (int64_t i = 0; i < BARQ_AFTER_MAX; i++) {
        ids[i] = i < children
                     ? bq_arena_format(memory, "child %d", (int)i)
                     : bq_arena_format(memory, "a job that nobody knows, number %d", (int)i);
    }
    if (status == BARQ_OK) {
        status = barq_session_write(ctx, &session, err);
    }
    return status == BARQ_OK ? barq_session_enqueue(session, "echo", NULL, NULL, &last, NULL, err)
                             : status;
}

static enum barq_status startup_fails(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    return barq_error_set(err, BARQ_ERR_JOB, "startup: there is no moon");
}

static enum barq_status startup_exits(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    _exit(3);
}

/* Whoever makes the file starts; all others fail. */
static enum barq_status startup_works_once(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = getenv("TEST_ONCE");
    int fd = open(path ? path : "", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    (void)ctx;
    if (fd < 0) {
        return barq_error_set(err, BARQ_ERR_JOB, "startup: there was only one moon");
    }
    close(fd);
    return BARQ_OK;
}

/* Leaves a line for each time that it is called. */
static enum barq_status note(const char *text, struct barq_error *err)
{
    const char *notes = getenv("TEST_NOTES");
    bq_auto(fd) int fd = notes ? open(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    return fd >= 0 && write(fd, text, strlen(text)) > 0
               ? BARQ_OK
               : barq_error_set(err, BARQ_ERR_IO, "no notes");
}

static enum barq_status startup_notes(struct barq_context *ctx, struct barq_error *err)
{
    static char kept[] = "kept";

    barq_set_state(ctx, kept);
    return note("+", err);
}

static enum barq_status shutdown_notes(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    return note("-", err);
}

static enum barq_status show_state(struct barq_context *ctx, struct barq_error *err)
{
    const char *state = barq_state(ctx);

    return state && strcmp(state, "kept") == 0 ? BARQ_OK : barq_fail(ctx, err, "no state");
}

static enum barq_status hook_crashes(struct barq_context *ctx, struct barq_error *err)
{
    return crash(ctx, err);
}

static const struct barq_function functions[] = {
    {.name = "echo", .run = echo},
    {.name = "flaky", .run = flaky},
    {.name = "refuse", .run = refuse},
    {.name = "crash", .run = crash},
    {.name = "be_killed", .run = be_killed, .max_tries = 1},
    {.name = "nap", .run = nap},
    {.name = "nap_briefly", .run = nap, .job_timeout_ms = SHORT_MS, .max_tries = 1},
    {.name = "hang_briefly", .run = hang, .job_timeout_ms = SHORT_MS, .max_tries = 1},
    {.name = "hang_often", .run = hang, .job_timeout_ms = SHORT_MS, .max_tries = 4},
    {.name = "hang_once", .run = hang, .job_timeout_ms = SHORT_MS, .retry_on_timeout = BARQ_OFF},
    {.name = "hog", .run = hog, .memory_max_bytes = (int64_t)HOG_MIB * MIB},
    {.name = "litter", .run = litter},
    {.name = "nap_within_limits",
     .run = nap,
     .memory_max_bytes = (int64_t)HOG_MIB * MIB,
     .max_tries = 1},
    {.name = "burn", .run = burn, .cpu_max_ms = 150, .max_tries = 1},
    {.name = "echo_within_limits",
     .run = echo,
     .memory_max_bytes = (int64_t)HOG_MIB * MIB,
     .cpu_max_ms = 10000},
    {.name = "linger", .run = linger},
    {.name = "have_children", .run = have_children},
    {.name = "have_a_batch", .run = have_a_batch},
    {.name = NULL},
};

static const struct barq_function threaded_functions[] = {
    {.name = "echo", .run = echo},
    {.name = "flaky", .run = flaky},
    {.name = "nap", .run = nap},
    {.name = "meet", .run = meet},
    {.name = "wake_rudely", .run = wake_rudely},
    {.name = "hang_briefly", .run = hang, .job_timeout_ms = SHORT_MS, .max_tries = 1},
    {.name = "hog", .run = hog, .memory_max_bytes = (int64_t)HOG_MIB * MIB},
    {.name = "nap_within_limits",
     .run = nap,
     .memory_max_bytes = (int64_t)HOG_MIB * MIB,
     .max_tries = 1},
    {.name = "show_state", .run = show_state},
    {.name = NULL},
};

static struct barq_settings settings = {
    .abi = BARQ_ABI,
    .functions = functions,
    .retry_min_ms = 1,
    .retry_max_ms = 5,
};

/* What differs from test to test comes through the environment. */
static void choose_settings(void)
{
    const char *startup = getenv("TEST_STARTUP");
    const char *hook = getenv("TEST_HOOK");
    const char *threads = getenv("TEST_THREADS");

    if (threads) {
        settings.threads = (int)strtol(threads, NULL, 10);
        settings.functions = threaded_functions; /* without what needs a process of its own */
    }
    if (getenv("TEST_SHARED")) {
        settings.shared_with_arq = true;
    }
    if (getenv("TEST_NOTES")) {
        settings.on_startup = startup_notes;
        settings.on_shutdown = shutdown_notes;
    }
    if (startup) {
        settings.on_startup = strcmp(startup, "fails") == 0   ? startup_fails
                              : strcmp(startup, "exits") == 0 ? startup_exits
                                                              : startup_works_once;
    }
    if (hook) {
        settings.on_job_failure = hook_crashes;
    }
}

/* -- the dispatcher's side -- */

static struct barq_client client; /* its broker is the queue; the dispatcher gets another handle */
static struct barq_arena *arena;
static struct barq_error err;

/* The dispatcher's handle, which does something of its own before an exchange. */
struct spy {
    struct bq_broker base;
    struct bq_broker *inner;
    const char *file;       /* when this file is there, */
    const char *id;         /* this job is aborted; */
    bool stop;              /* or the worker is stopped */
    int64_t lease_ms;       /* that was taken */
    const char *tally_file; /* is made when a tally says that */
    int64_t tally_ends;     /* so many jobs have ended; NULL: not */
    struct bq_tally tally;  /* which is this one */
};

static struct spy spy;

static enum barq_status spy_join(struct bq_broker *broker, const struct bq_worker_lease *lease,
                                 int64_t timeout_ms, struct barq_error *why)
{
    (void)broker;
    spy.lease_ms = lease->lease_ms;
    return spy.inner->ops->join(spy.inner, lease, timeout_ms, why);
}

static int spy_fd(struct bq_broker *broker)
{
    (void)broker;
    return spy.inner->ops->fd(spy.inner);
}

static void spy_tally(const char *text)
{
    int64_t ends = 0;

    assert_true(bq_tally_get(arena, text, &spy.tally));
    for (size_t i = 0; i < spy.tally.n_functions; i++) {
        ends += spy.tally.functions[i].complete + spy.tally.functions[i].failed;
    }
    if (ends == spy.tally_ends) {
        close(open(spy.tally_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        spy.tally_file = NULL;
    }
}

static void spy_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    (void)broker;
    if (spy.tally_file && exchange->state && exchange->state->tally) {
        spy_tally(exchange->state->tally);
    }
    if (spy.file && access(spy.file, F_OK) == 0) {
        spy.file = NULL;
        if (spy.id) {
            assert_int_equal(client.broker->ops->abort(client.broker, spy.id, 0, &err), BARQ_OK);
        }
        if (spy.stop) {
            kill(getpid(), SIGTERM);
        }
    }
    spy.inner->ops->begin(spy.inner, exchange);
}

static struct bq_exchange *spy_end(struct bq_broker *broker)
{
    (void)broker;
    return spy.inner->ops->end(spy.inner);
}

static bool spy_woken(struct bq_broker *broker)
{
    (void)broker;
    return spy.inner->ops->woken(spy.inner);
}

static void spy_close(struct bq_broker *broker)
{
    (void)broker;
    spy.inner->ops->close(spy.inner);
}

static const struct bq_broker_ops spy_ops = {
    .name = "spy",
    .default_queue = "barq",
    .codec = &bq_codec_json,
    .poll_ms = 1000,
    .join = spy_join,
    .fd = spy_fd,
    .begin = spy_begin,
    .end = spy_end,
    .woken = spy_woken,
    .close = spy_close,
};

static int set_up(void **state)
{
    static char queue[] = "barq";

    unsetenv("DATABASE_URL"); /* executors would heed it */
    unsetenv("TEST_STARTUP");
    unsetenv("TEST_HOOK");
    unsetenv("TEST_THREADS");
    unsetenv("TEST_NOTES");
    unsetenv("TEST_SHARED");
    spy = (struct spy){.base = {.ops = &spy_ops}};
    arena = barq_arena_new(ARENA_BYTES);
    client = (struct barq_client){
        .queue = queue, .timeout_ms = 1000, .payload_max_bytes = 1024 * (size_t)1024};
    return arena && folder_make(state) == 0 &&
                   bq_broker_open("memory:", &client.broker, &err) == BARQ_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    bq_broker_close(client.broker);
    barq_arena_free(arena);
    return folder_remove(state);
}

static enum barq_status work(int executors)
{
    char path[4096];
    char name[] = "worker";
    char url_option[] = "--url=memory:";
    char *database = folder_text("--database=sqlite:%s/data.db", folder_path());
    char *argv[] = {name, url_option, database, NULL};
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    struct bq_dispatcher_options options = {
        .broker = &spy.base,
        .executors = executors,
        .lease_ms = 1000,
        .hard_grace_ms = GRACE_MS,
        .burst = true,
        .path = path,
        .argv = argv,
    };

    assert_true(len > 0);
    path[len] = '\0';
    assert_int_equal(bq_memory_share(client.broker, &spy.inner, &err), BARQ_OK);
    return bq_dispatcher_run(&options, &err);
}

static void work_well(int executors)
{
    if (work(executors) != BARQ_OK) {
        fail_msg("the worker failed: %s", err.text);
    }
}

static struct barq_value *int_args(int64_t number)
{
    struct barq_value *args = barq_tuple(arena);

    barq_add(args, barq_int(arena, number));
    return args;
}

static struct barq_value *text_args(const char *text)
{
    struct barq_value *args = barq_tuple(arena);

    barq_add(args, barq_string(arena, text));
    return args;
}

static void enqueue(const char *id, const char *function, struct barq_value *args)
{
    struct barq_enqueue_options options = {.id = id};

    assert_int_equal(barq_enqueue(&client, function, args, NULL, &options, NULL, &err), BARQ_OK);
}

static void enqueue_bytes(const char *id, const void *bytes, size_t len)
{
    struct bq_enqueue one = {
        .job = {.id = id, .queue = "barq", .payload = bytes, .payload_bytes = len}};

    assert_int_equal(client.broker->ops->enqueue(client.broker, &one, 1, 0, &err), BARQ_OK);
    assert_false(one.exists);
}

static struct barq_job_info info_of(const char *id)
{
    struct barq_job_info info;

    if (barq_info(&client, id, arena, &info, &err) != BARQ_OK) {
        fail_msg("%s: %s", id, err.text);
    }
    return info;
}

static void assert_complete(const char *id, int64_t result)
{
    struct barq_job_info info = info_of(id);

    assert_int_equal(info.status, BARQ_JOB_COMPLETE);
    assert_int_equal(barq_as_int(info.result, -1), result);
}

static void assert_failed(const char *id, const char *why)
{
    struct barq_job_info info = info_of(id);

    assert_int_equal(info.status, BARQ_JOB_FAILED);
    if (!strstr(info.error, why)) {
        fail_msg("%s failed with: %s", id, info.error);
    }
}

/* -- the tests -- */

static void a_job_is_run_and_its_result_kept(void **state)
{
    (void)state;
    enqueue("a", "echo", int_args(7));
    work_well(2);
    assert_complete("a", 7);
}

static void an_empty_queue_ends_a_burst(void **state)
{
    (void)state;
    work_well(2);
}

static void many_quick_jobs_are_all_run(void **state)
{
    (void)state;
    char id[32];

    for (int i = 0; i < QUICK_JOBS; i++) {
        (void)snprintf(id, sizeof(id), "quick %d", i);
        enqueue(id, "echo", int_args(i));
    }
    work_well(4);
    for (int i = 0; i < QUICK_JOBS; i++) {
        (void)snprintf(id, sizeof(id), "quick %d", i);
        assert_complete(id, i);
    }
}

static void a_job_that_fails_is_tried_again(void **state)
{
    (void)state;
    enqueue("a", "flaky", int_args(2));
    work_well(2);
    assert_complete("a", 3);
    assert_int_equal(info_of("a").job_try, 3);
    assert_int_equal(barq_count(info_of("a").history), 2);
}

static void tries_have_an_end(void **state)
{
    (void)state;
    enqueue("a", "flaky", int_args(100));
    work_well(2);
    assert_failed("a", "not yet");
    assert_int_equal(info_of("a").job_try, BARQ_DEFAULT_MAX_TRIES);
}

static void enqueue_as_try(const char *id, const char *function, const struct barq_value *args,
                           int job_try)
{
    struct barq_enqueue_options options = {.id = id, .job_try = job_try};

    assert_int_equal(barq_enqueue(&client, function, args, NULL, &options, NULL, &err), BARQ_OK);
}

static void a_job_may_begin_with_a_later_try(void **state)
{
    (void)state;
    enqueue_as_try("a", "flaky", int_args(3), 3); /* fails as 3, succeeds as 4 */
    enqueue_as_try("b", "flaky", int_args(100), 4);
    enqueue_as_try("c", "echo", int_args(1), BARQ_DEFAULT_MAX_TRIES);
    enqueue_as_try("d", "echo", int_args(1), BARQ_DEFAULT_MAX_TRIES + 1);
    work_well(2);
    assert_complete("a", 4);
    assert_int_equal(info_of("a").job_try, 4);
    assert_int_equal(barq_as_int(barq_get(barq_at(info_of("a").history, 0), "try"), 0), 3);
    assert_failed("b", "not yet");
    assert_int_equal(info_of("b").job_try, BARQ_DEFAULT_MAX_TRIES);
    assert_complete("c", 1);
    assert_failed("d", "max 5 tries exceeded");
}

/* It has told its try before it could crash. */
static void a_crash_uses_up_the_try_that_a_job_began_with(void **state)
{
    (void)state;
    enqueue_as_try("a", "crash", NULL, BARQ_DEFAULT_MAX_TRIES);
    work_well(1);
    assert_int_equal(info_of("a").status, BARQ_JOB_FAILED);
    assert_null(strstr(info_of("a").error, "poison"));
    assert_int_equal(info_of("a").job_try, BARQ_DEFAULT_MAX_TRIES);
}

static void beside_arq_the_lease_is_as_long_as_its_lock(void **state)
{
    (void)state;
    setenv("TEST_SHARED", "1", 1);
    enqueue("a", "echo", int_args(7));
    enqueue("b", "flaky", int_args(2));
    work_well(2);
    assert_int_equal(spy.lease_ms, BARQ_DEFAULT_JOB_TIMEOUT_MS + 10000);
    assert_complete("a", 7);
    assert_failed("b", "not yet");
    assert_int_equal(info_of("b").job_try, 1);
}

static void beside_arq_a_worker_of_more_than_ninety_jobs_does_not_start(void **state)
{
    (void)state;
    setenv("TEST_SHARED", "1", 1);
    assert_int_not_equal(work(BARQ_SHARED_MAX_JOBS + 1), BARQ_OK);
    assert_non_null(strstr(err.text, "runs 90 jobs at most; 91 executors with 1 threads are more"));
}

static void a_failure_for_good_is_final(void **state)
{
    (void)state;
    enqueue("a", "refuse", text_args("never"));
    work_well(2);
    assert_failed("a", "no: never");
    assert_int_equal(info_of("a").job_try, 1);
}

static void a_job_that_crashes_costs_nobody_else_and_is_poison_in_the_end(void **state)
{
    (void)state;
    enqueue("bad", "crash", NULL);
    for (int i = 0; i < 10; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "good %d", i);
        enqueue(id, "echo", int_args(i));
    }
    work_well(2);
    assert_failed("bad", "poison: took its executor down 3 times");
    if (CRASH_IS_A_SIGNAL) {
        assert_failed("bad", "killed by SIGSEGV");
    }
    assert_complete("good 0", 0);
    assert_complete("good 9", 9);
}

static void a_hook_that_crashes_is_left_out_the_next_time(void **state)
{
    (void)state;
    setenv("TEST_HOOK", "crashes", 1);
    enqueue("a", "refuse", text_args("hooked"));
    work_well(2);
    assert_failed("a", "no: hooked");
}

static void a_poisonous_job_with_a_poisonous_hook_is_settled(void **state)
{
    (void)state;
    setenv("TEST_HOOK", "crashes", 1);
    enqueue("a", "crash", NULL);
    work_well(1);
    assert_failed("a", "poison");
}

static void a_job_whose_executor_is_killed_says_so(void **state)
{
    (void)state;
    enqueue("a", "be_killed", NULL);
    work_well(2);
    assert_failed("a", "killed by SIGKILL");
}

static void a_job_past_its_time_is_told(void **state)
{
    (void)state;
    enqueue("a", "nap_briefly", NULL);
    work_well(2);
    assert_failed("a", "ran past its 0.2 s");
}

static void a_job_that_does_not_listen_is_killed(void **state)
{
    (void)state;
    enqueue("a", "hang_briefly", NULL);
    enqueue("b", "echo", int_args(1));
    work_well(1);
    assert_failed("a", "ran past its 0.2 s");
    assert_complete("b", 1);
}

static void a_job_that_is_killed_for_its_timeout_has_its_tries_and_is_no_poison(void **state)
{
    (void)state;
    enqueue("a", "hang_often", NULL);
    work_well(1);
    assert_failed("a", "ran past its 0.2 s");
    assert_int_equal(info_of("a").job_try, 4);
    assert_null(strstr(info_of("a").error, "poison"));
}

static void a_job_that_is_killed_for_its_timeout_may_be_final_at_once(void **state)
{
    (void)state;
    enqueue("a", "hang_once", NULL);
    work_well(1);
    assert_failed("a", "ran past its 0.2 s");
    assert_int_equal(info_of("a").job_try, 1);
}

static int64_t number_in(const char *path)
{
    int64_t number = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_int_equal(read(fd, &number, sizeof(number)), sizeof(number));
    close(fd);
    return number;
}

static void a_job_that_takes_too_much_memory_is_stopped_before_it_has_it(void **state)
{
    (void)state;
    const char *count = folder_text("%s/hog", folder_path());

    enqueue("a", "hog", text_args(count));
    enqueue("b", "echo", int_args(1));
    work_well(1);
    assert_failed("a",
                  "poison: took its executor down 3 times: used more than its 256 MiB of memory");
    assert_in_range(number_in(count), 10, HOG_MIB + 500);
    assert_complete("b", 1);
}

static void a_job_that_uses_too_much_cpu_time_is_stopped(void **state)
{
    (void)state;
    enqueue("a", "burn", NULL);
    work_well(1);
    assert_failed("a", "used more than its 0.15 s of CPU time");
}

static void what_an_earlier_job_has_kept_costs_the_next_one_nothing(void **state)
{
    (void)state;
    struct barq_value *args = text_args("/dev/null");

    barq_add(args, barq_int(arena, 300));
    enqueue("a", "litter", NULL);
    enqueue("b", "nap_within_limits", args);
    work_well(1);
    assert_int_equal(info_of("a").status, BARQ_JOB_COMPLETE);
    assert_int_equal(info_of("b").status, BARQ_JOB_COMPLETE);
}

static void what_one_of_several_takes_costs_the_others_nothing(void **state)
{
    (void)state;
    struct barq_value *args = text_args("/dev/null");

    setenv("TEST_THREADS", "2", 1);
    barq_add(args, barq_int(arena, 300));
    enqueue("a", "hog", text_args(folder_text("%s/hog", folder_path())));
    enqueue("b", "nap_within_limits", args);
    work_well(1);
    assert_failed("a", "poison: took its executor down 3 times: used more than its 256 MiB");
    assert_int_equal(info_of("b").status, BARQ_JOB_COMPLETE);
}

static void jobs_within_their_limits_are_left_alone(void **state)
{
    (void)state;
    enqueue("a", "echo_within_limits", int_args(1));
    work_well(1);
    assert_complete("a", 1);
}

static void a_running_job_is_aborted(void **state)
{
    (void)state;
    spy.file = folder_text("%s/started", folder_path());
    spy.id = "a";
    enqueue("a", "nap", text_args(spy.file));
    work_well(2);
    assert_failed("a", "aborted");
}

static void a_job_is_aborted_before_it_starts(void **state)
{
    (void)state;
    enqueue("a", "echo", int_args(1));
    assert_int_equal(barq_abort(&client, "a", &err), BARQ_OK);
    work_well(2);
    assert_failed("a", "aborted before start");
}

static void a_stopped_worker_gives_its_jobs_back(void **state)
{
    (void)state;
    spy.file = folder_text("%s/started", folder_path());
    spy.stop = true;
    enqueue("a", "nap", text_args(spy.file));
    enqueue("b", "nap", NULL);
    work_well(1);
    assert_int_equal(info_of("a").status, BARQ_JOB_QUEUED);
    assert_int_equal(info_of("b").status, BARQ_JOB_QUEUED);

    /* No try and no loss was used up. */
    struct bq_found found;
    assert_int_equal(client.broker->ops->find(client.broker, "a", arena, &found, 0, &err), BARQ_OK);
    assert_int_equal(found.tries, 0);
    assert_int_equal(found.losses, 0);
}

static void children_are_enqueued_and_run(void **state)
{
    (void)state;
    enqueue("parent", "have_children", int_args(2 * BQ_OUTBOX_CHUNK_ROWS + 1));
    work_well(2);
    assert_int_equal(info_of("parent").status, BARQ_JOB_COMPLETE);
    assert_complete("child 0", 0);
    assert_complete("child 400", 400);
}

static void a_batch_of_children_has_its_callback_after_them(void **state)
{
    (void)state;
    char id[32];

    enqueue("parent", "have_a_batch", int_args(2L * BQ_OUTBOX_CHUNK_ROWS));
    work_well(2);
    struct barq_job_info last = info_of("last");
    assert_int_equal(last.status, BARQ_JOB_COMPLETE);
    for (int i = 0; i < 2 * BQ_OUTBOX_CHUNK_ROWS; i++) {
        (void)snprintf(id, sizeof(id), "child %d", i);
        assert_complete(id, i);
        assert_true(info_of(id).finished_at_ms <= last.started_at_ms);
    }
}

static void enqueue_after(const char *id, const char *other, bool after_failed)
{
    struct barq_enqueue_options options = {
        .id = id, barq_after(other), .after_failed = after_failed};

    assert_int_equal(barq_enqueue(&client, "echo", int_args(7), NULL, &options, NULL, &err),
                     BARQ_OK);
}

static void a_job_fails_with_those_that_it_was_to_wait_for(void **state)
{
    (void)state;
    enqueue("bad", "refuse", text_args("never"));
    enqueue_after("then", "bad", false);
    enqueue_after("last", "then", false);
    enqueue_after("anyway", "last", true);
    work_well(2);
    assert_failed("then", "a job that it was to wait for has failed: bad");
    assert_failed("last", "a job that it was to wait for has failed: then");
    assert_complete("anyway", 7);
}

/* More rows than one sweep takes, and one in front of them that is no job. */
static void jobs_of_an_application_are_swept_and_run(void **state)
{
    (void)state;
    struct barq_session *session;
    char id[32];

    assert_int_equal(
        barq_session_open(folder_text("sqlite:%s/data.db", folder_path()), &session, &err),
        BARQ_OK);
    assert_int_equal(barq_session_begin(session, true, &err), BARQ_OK);
    assert_int_equal(barq_exec(session,
                               "INSERT INTO barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms,"
                               " payload) VALUES (char(10), 'barq', 1, 1, x'7b7d')",
                               BARQ_NO_PARAMS, &err),
                     BARQ_OK);
    for (int i = 0; i < SWEPT_JOBS; i++) {
        struct barq_enqueue_options options = {.id = id};
        (void)snprintf(id, sizeof(id), "row %d", i);
        assert_int_equal(
            barq_session_enqueue(session, "echo", int_args(i), NULL, &options, NULL, &err),
            BARQ_OK);
    }
    assert_int_equal(barq_session_commit(session, &err), BARQ_OK);
    barq_session_close(session);
    work_well(4);
    assert_complete("row 0", 0);
    assert_string_equal(info_of("row 0").queue, "barq"); /* the row had left it open */
    (void)snprintf(id, sizeof(id), "row %d", SWEPT_JOBS - 1);
    assert_complete(id, SWEPT_JOBS - 1);
}

static void unreadable_bytes_fail_their_job(void **state)
{
    (void)state;
    static const char no_function[] = "{\"et\":1,\"n\":\"n\",\"a\":[],\"k\":{}}";

    enqueue_bytes("a", "\x80\x04garbage", 9);
    enqueue_bytes("b", "", 0);
    enqueue_bytes("c", no_function, strlen(no_function));
    enqueue("d", "echo", int_args(1));
    work_well(2);
    assert_int_equal(info_of("a").status, BARQ_JOB_FAILED);
    assert_int_equal(info_of("b").status, BARQ_JOB_FAILED);
    assert_failed("c", "unable to read the job");
    assert_complete("d", 1);
}

static void a_job_too_large_for_a_message_fails_alone(void **state)
{
    (void)state;
    size_t len = BQ_FRAME_MAX_BYTES;
    char *bytes = malloc(len);

    assert_non_null(bytes);
    memset(bytes, ' ', len);
    bytes[0] = '{';
    enqueue_bytes("a", bytes, len);
    enqueue("b", "echo", int_args(1));
    work_well(2);
    assert_failed("a", "larger than");
    assert_complete("b", 1);
    free(bytes);
}

static void an_unknown_function_fails_the_job(void **state)
{
    (void)state;
    enqueue("a", "gone", NULL);
    work_well(2);
    assert_failed("a", "function 'gone' not found");
}

static void a_worker_that_cannot_start_says_why(void **state)
{
    (void)state;
    setenv("TEST_STARTUP", "fails", 1);
    int64_t begun_ms = bq_mono_ms();
    assert_int_equal(work(2), BARQ_ERR_JOB);
    assert_string_equal(err.text, "startup: there is no moon");
    assert_true(bq_mono_ms() - begun_ms < 30000);
}

static void five_ends_before_ready_end_the_worker(void **state)
{
    (void)state;
    setenv("TEST_STARTUP", "exits", 1);
    assert_int_equal(work(2), BARQ_ERR_JOB);
    assert_non_null(strstr(err.text, "five executors"));
    assert_non_null(strstr(err.text, "exited with 3"));
}

static void a_later_executor_that_cannot_start_ends_the_worker_in_peace(void **state)
{
    (void)state;
    setenv("TEST_STARTUP", "once", 1);
    setenv("TEST_ONCE", folder_text("%s/once", folder_path()), 1);
    enqueue("a", "nap", text_args(folder_text("%s/started", folder_path())));
    assert_int_equal(work(2), BARQ_ERR_JOB);
    assert_non_null(strstr(err.text, "there was only one moon"));
    assert_int_equal(info_of("a").status, BARQ_JOB_QUEUED);
}

/* -- several threads -- */

static void many_quick_jobs_are_run_by_a_few_threads(void **state)
{
    (void)state;
    char id[32];

    setenv("TEST_THREADS", "5", 1);
    for (int i = 0; i < QUICK_JOBS; i++) {
        (void)snprintf(id, sizeof(id), "quick %d", i);
        enqueue(id, i % 50 == 0 ? "flaky" : "echo", int_args(i % 50 == 0 ? 1 : i));
    }
    work_well(2);
    for (int i = 0; i < QUICK_JOBS; i++) {
        (void)snprintf(id, sizeof(id), "quick %d", i);
        assert_complete(id, i % 50 == 0 ? 2 : i);
    }
}

static void the_jobs_of_one_executor_run_beside_each_other(void **state)
{
    (void)state;
    char id[32];

    setenv("TEST_THREADS", "5", 1);
    for (int i = 0; i < 10; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        enqueue(id, "meet", int_args(i < 5 ? 5 : 10));
    }
    work_well(1);
    for (int i = 0; i < 10; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_int_equal(info_of(id).status, BARQ_JOB_COMPLETE);
    }
}

static struct bq_found found_of(const char *id)
{
    struct bq_found found;

    assert_int_equal(client.broker->ops->find(client.broker, id, arena, &found, 0, &err), BARQ_OK);
    return found;
}

/* Beside one that brings its executor down: it is run again, and has used up nothing. */
static void assert_nap_unharmed(const char *id)
{
    assert_int_equal(info_of(id).status, BARQ_JOB_COMPLETE);
    assert_int_equal(info_of(id).job_try, 1);
    assert_int_equal(found_of(id).losses + found_of(id).crashes, 0);
    assert_int_equal(barq_count(info_of(id).history), 0);
}

static struct barq_value *nap_args(const char *path)
{
    struct barq_value *args = text_args(path);

    barq_add(args, barq_int(arena, SHORT_MS));
    return args;
}

static void a_crash_uses_up_nothing_of_its_neighbours(void **state)
{
    (void)state;
    const char *path = folder_text("%s/napping", folder_path());

    setenv("TEST_THREADS", "3", 1);
    enqueue("nap", "nap", nap_args(path));
    enqueue("bad", "wake_rudely", text_args(path));
    enqueue("other nap", "nap", nap_args("/dev/null"));
    work_well(1);
    assert_nap_unharmed("nap");
    assert_nap_unharmed("other nap");
    assert_failed("bad", "poison: took its executor down 3 times");
    assert_int_equal(barq_count(info_of("bad").history), 3); /* the first time was nobody's */
}

static void a_hang_is_paid_for_by_itself(void **state)
{
    (void)state;
    struct barq_value *args = text_args("/dev/null");

    setenv("TEST_THREADS", "3", 1);
    barq_add(args, barq_int(arena, 5L * SHORT_MS));
    enqueue("nap", "nap", args);
    enqueue("bad", "hang_briefly", NULL);
    work_well(1);
    assert_nap_unharmed("nap");
    assert_failed("bad", "ran past its 0.2 s");
}

static void an_executor_starts_and_ends_once_and_shares_its_state(void **state)
{
    (void)state;
    char id[32];
    char text[16] = "";
    const char *path = folder_text("%s/notes", folder_path());

    setenv("TEST_THREADS", "4", 1);
    setenv("TEST_NOTES", path, 1);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        enqueue(id, "show_state", NULL);
    }
    work_well(1);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_int_equal(info_of(id).status, BARQ_JOB_COMPLETE);
    }
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof(text) - 1), 4);
    assert_string_equal(text, "++--"); /* the executor's, and the house's */
}

static const struct barq_function_stats *counted(const char *function)
{
    static const struct barq_function_stats none;

    for (size_t i = 0; i < spy.tally.n_functions; i++) {
        if (strcmp(spy.tally.functions[i].function, function) == 0) {
            return &spy.tally.functions[i];
        }
    }
    return &none;
}

static void expect_counts(const char *function, int64_t complete, int64_t failed, int64_t retried)
{
    const struct barq_function_stats *stats = counted(function);

    assert_int_equal(stats->complete, complete);
    assert_int_equal(stats->failed, failed);
    assert_int_equal(stats->retried, retried);
}

/* While one job lingers, all others have ended: what is told then is what they have come to. */
static void what_attempts_have_come_to_is_told_by_function(void **state)
{
    (void)state;
    spy.tally_file = folder_text("%s/told", folder_path());
    spy.tally_ends = 10;
    enqueue("lingers", "linger", text_args(spy.tally_file));
    enqueue("echo 1", "echo", int_args(1));
    enqueue("echo 2", "echo", int_args(2));
    enqueue("aborted", "echo", int_args(3));
    assert_int_equal(barq_abort(&client, "aborted", &err), BARQ_OK);
    enqueue("flaky", "flaky", int_args(2));
    enqueue("refused", "refuse", text_args("never"));
    enqueue("killed", "be_killed", NULL);
    enqueue("told to end", "nap_briefly", NULL);
    enqueue("hangs", "hang_briefly", NULL);
    enqueue("poison", "crash", NULL);
    enqueue("unknown", "nobody knows this one", NULL);
    work_well(2);
    assert_null(spy.tally_file);

    expect_counts("echo", 2, 1, 0);
    assert_int_equal(counted("echo")->aborted, 1);
    assert_int_equal(counted("echo")->ran.count, 2);
    assert_int_equal(counted("echo")->waited.count, 2);
    expect_counts("flaky", 1, 0, 2);
    assert_int_equal(counted("flaky")->ran.count, 3);
    expect_counts("refuse", 0, 1, 0);
    expect_counts("be_killed", 0, 1, 0);
    assert_int_equal(counted("be_killed")->crashed, 1);
    assert_int_equal(counted("be_killed")->ran.count, 1);
    expect_counts("crash", 0, 1, BARQ_MAX_CRASHES - 1);
    assert_int_equal(counted("crash")->crashed, BARQ_MAX_CRASHES);
    expect_counts("nap_briefly", 0, 1, 0);
    assert_int_equal(counted("nap_briefly")->timed_out, 1);
    assert_int_equal(counted("nap_briefly")->crashed, 0);
    expect_counts("hang_briefly", 0, 1, 0);
    assert_int_equal(counted("hang_briefly")->timed_out, 1);
    assert_int_equal(counted("hang_briefly")->crashed, 1);
    assert_true(counted("hang_briefly")->ran.sum_us >= (int64_t)(SHORT_MS + GRACE_MS) * 1000);
    expect_counts("", 0, 1, 0);
    assert_int_equal(counted("")->ran.count, 0);
    expect_counts("linger", 0, 0, 0);
    assert_int_equal(counted("linger")->waited.count, 1);
}

/* The house is place 0. */
static void what_executors_do_is_told(void **state)
{
    (void)state;
    spy.tally_file = folder_text("%s/told", folder_path());
    spy.tally_ends = 2;
    enqueue("lingers", "linger", text_args(spy.tally_file));
    enqueue("crashes", "be_killed", NULL);
    enqueue("echo", "echo", int_args(1));
    work_well(2);
    assert_null(spy.tally_file);

    int64_t crashes = 0;
    int64_t restarts = 0;
    int64_t jobs = 0;
    bool lingers = false;
    assert_int_equal(spy.tally.n_executors, 3);
    assert_true(spy.tally.memory_bytes > MIB);
    for (size_t i = 0; i < 3; i++) {
        const struct barq_executor_info *executor = &spy.tally.executors[i];

        assert_int_equal(executor->number, i);
        if (executor->state == BARQ_EXECUTOR_OFF) {
            assert_int_equal(executor->pid, 0);
        } else {
            assert_true(executor->pid > 0);
            assert_true(executor->memory_bytes > 0);
            assert_true(executor->started_at_ms <= bq_wall_ms());
        }
        if (executor->n_running > 0) {
            lingers = true;
            assert_int_equal(executor->state, BARQ_EXECUTOR_BUSY);
            assert_int_equal(executor->n_running, 1);
            assert_string_equal(executor->running[0], "lingers");
        }
        crashes += executor->crashes;
        restarts += executor->restarts;
        jobs += executor->jobs;
    }
    assert_true(lingers);
    assert_int_equal(crashes, 1);
    assert_int_equal(restarts, 1);
    assert_int_equal(jobs, 2); /* the echo, and the one that the house has settled */
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void a_worker_that_waits_does_not_spin(void **state)
{
    (void)state;
    struct barq_value *args = text_args(folder_text("%s/started", folder_path()));

    barq_add(args, barq_int(arena, 2500));
    enqueue("a", "nap", args);
    double before_s = cpu_seconds();
    work_well(1);
    assert_true(cpu_seconds() - before_s < 0.5);
    assert_int_equal(info_of("a").status, BARQ_JOB_COMPLETE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    struct rlimit no_core = {0};

    setrlimit(RLIMIT_CORE, &no_core);
    if (getenv("BARQ_EXECUTOR")) {
        choose_settings();
        return barq_worker_main(&settings, argc, argv);
    }

    const struct CMUnitTest tests[] = {
        TEST(a_job_is_run_and_its_result_kept),
        TEST(an_empty_queue_ends_a_burst),
        TEST(many_quick_jobs_are_all_run),
        TEST(a_job_that_fails_is_tried_again),
        TEST(tries_have_an_end),
        TEST(a_job_may_begin_with_a_later_try),
        TEST(a_crash_uses_up_the_try_that_a_job_began_with),
        TEST(beside_arq_the_lease_is_as_long_as_its_lock),
        TEST(beside_arq_a_worker_of_more_than_ninety_jobs_does_not_start),
        TEST(a_failure_for_good_is_final),
        TEST(a_job_that_crashes_costs_nobody_else_and_is_poison_in_the_end),
        TEST(a_hook_that_crashes_is_left_out_the_next_time),
        TEST(a_poisonous_job_with_a_poisonous_hook_is_settled),
        TEST(a_job_whose_executor_is_killed_says_so),
        TEST(a_job_past_its_time_is_told),
        TEST(a_job_that_does_not_listen_is_killed),
        TEST(a_job_that_is_killed_for_its_timeout_has_its_tries_and_is_no_poison),
        TEST(a_job_that_is_killed_for_its_timeout_may_be_final_at_once),
        TEST(a_job_that_takes_too_much_memory_is_stopped_before_it_has_it),
        TEST(a_job_that_uses_too_much_cpu_time_is_stopped),
        TEST(what_an_earlier_job_has_kept_costs_the_next_one_nothing),
        TEST(what_one_of_several_takes_costs_the_others_nothing),
        TEST(jobs_within_their_limits_are_left_alone),
        TEST(a_running_job_is_aborted),
        TEST(a_job_is_aborted_before_it_starts),
        TEST(a_stopped_worker_gives_its_jobs_back),
        TEST(children_are_enqueued_and_run),
        TEST(a_batch_of_children_has_its_callback_after_them),
        TEST(a_job_fails_with_those_that_it_was_to_wait_for),
        TEST(jobs_of_an_application_are_swept_and_run),
        TEST(unreadable_bytes_fail_their_job),
        TEST(a_job_too_large_for_a_message_fails_alone),
        TEST(an_unknown_function_fails_the_job),
        TEST(a_worker_that_cannot_start_says_why),
        TEST(five_ends_before_ready_end_the_worker),
        TEST(a_later_executor_that_cannot_start_ends_the_worker_in_peace),
        TEST(a_worker_that_waits_does_not_spin),
        TEST(what_attempts_have_come_to_is_told_by_function),
        TEST(what_executors_do_is_told),
        TEST(many_quick_jobs_are_run_by_a_few_threads),
        TEST(the_jobs_of_one_executor_run_beside_each_other),
        TEST(a_crash_uses_up_nothing_of_its_neighbours),
        TEST(a_hang_is_paid_for_by_itself),
        TEST(an_executor_starts_and_ends_once_and_shares_its_state),
    };

    bq_log_set_level(BQ_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
