/*
 * playground.c - functions to try barq with: what behaves well, and what
 * doesn't.
 *
 *     barq worker playground.so &
 *     barq enqueue add 1 2 --wait
 *     barq enqueue crash --wait
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <barq/client.h>
#include <barq/worker.h>

enum { MIB = 1024 * 1024, HOG_MAX_MIB = 1024 * 1024, COUNT_MAX = 100 };

/* -- arguments: a wrong one fails the job for good, and is named -- */

static enum barq_status want(struct barq_context *ctx, struct barq_error *err, const char *name,
                             const char *kind)
{
    return barq_fail(ctx, err, "%s: argument %s is not %s", barq_job_function(ctx), name, kind);
}

/* An int or a double, as it may be written; not negative. */
static enum barq_status seconds_arg(struct barq_context *ctx, size_t index, const char *name,
                                    double *out, struct barq_error *err)
{
    double seconds = barq_arg_double(ctx, index, name, -1);

    if (!(seconds >= 0 && seconds <= 1e9)) {
        return want(ctx, err, name, "a number of seconds");
    }
    *out = seconds;
    return BARQ_OK;
}

static enum barq_status int_arg(struct barq_context *ctx, size_t index, const char *name,
                                int64_t max, int64_t *out, struct barq_error *err)
{
    const struct barq_value *value = barq_arg(ctx, index, name);
    int64_t number = barq_as_int(value, -1);

    if (barq_kind(value) != BARQ_INT || number < 0 || number > max) {
        return want(ctx, err, name, "a whole number in bounds");
    }
    *out = number;
    return BARQ_OK;
}

static enum barq_status text_arg(struct barq_context *ctx, size_t index, const char *name,
                                 const char **out, struct barq_error *err)
{
    const struct barq_value *value = barq_arg(ctx, index, name);

    if (barq_kind(value) != BARQ_STRING) {
        return want(ctx, err, name, "a string");
    }
    *out = barq_as_string(value, "");
    return BARQ_OK;
}

/* -- what behaves well -- */

/* noop(...): null, for `barq bench` */
static enum barq_status noop(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

/* echo(...): [positional, keyword] */
static enum barq_status echo(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_value *both = barq_list(arena);

    (void)err;
    barq_add(both, barq_copy(arena, barq_args(ctx)));
    barq_add(both, barq_copy(arena, barq_kwargs(ctx)));
    barq_return(ctx, both);
    return BARQ_OK;
}

static int is_number(const struct barq_value *value)
{
    return barq_kind(value) == BARQ_INT || barq_kind(value) == BARQ_DOUBLE;
}

static enum barq_status add_ints(struct barq_context *ctx, int64_t a, int64_t b,
                                 struct barq_error *err)
{
    if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b) {
        return barq_fail(ctx, err, "add: the sum of a and b does not fit 64 bits");
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), a + b));
    return BARQ_OK;
}

/* add(a, b): their sum; an int when both are */
static enum barq_status add(struct barq_context *ctx, struct barq_error *err)
{
    const struct barq_value *a = barq_arg(ctx, 0, "a");
    const struct barq_value *b = barq_arg(ctx, 1, "b");

    if (!is_number(a)) {
        return want(ctx, err, "a", "a number of 64 bits");
    }
    if (!is_number(b)) {
        return want(ctx, err, "b", "a number of 64 bits");
    }
    if (barq_kind(a) == BARQ_INT && barq_kind(b) == BARQ_INT) {
        return add_ints(ctx, barq_as_int(a, 0), barq_as_int(b, 0), err);
    }
    barq_return(ctx, barq_double(barq_arena_of(ctx), barq_as_double(a, 0) + barq_as_double(b, 0)));
    return BARQ_OK;
}

/* sleep(seconds): waits, as long as it may, and returns them */
static enum barq_status sleep_for(struct barq_context *ctx, struct barq_error *err)
{
    double seconds = 0;
    enum barq_status status = seconds_arg(ctx, 0, "seconds", &seconds, err);
    if (status == BARQ_OK) {
        status = barq_sleep(ctx, (int64_t)(seconds * 1000), err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    barq_return(ctx, barq_copy(barq_arena_of(ctx), barq_arg(ctx, 0, "seconds")));
    return BARQ_OK;
}

/* -- what fails -- */

/* fail(message): for good */
static enum barq_status fail(struct barq_context *ctx, struct barq_error *err)
{
    const char *message = "";
    enum barq_status status = text_arg(ctx, 0, "message", &message, err);

    return status == BARQ_OK ? barq_fail(ctx, err, "%s", message) : status;
}

/* retry(times, defer_s): asks for another try until it had more than `times`; returns its try */
static enum barq_status retry(struct barq_context *ctx, struct barq_error *err)
{
    int64_t times = 0;
    double defer_s = 0;
    enum barq_status status = int_arg(ctx, 0, "times", INT32_MAX, &times, err);
    if (status == BARQ_OK && barq_arg(ctx, 1, "defer_s")) {
        status = seconds_arg(ctx, 1, "defer_s", &defer_s, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    int job_try = barq_job_try(ctx);
    if (job_try <= times) {
        return barq_retry(ctx, err, (int64_t)(defer_s * 1000), "retry: try %d of %d", job_try,
                          (int)times + 1);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), job_try));
    return BARQ_OK;
}

/* Always NULL, which compilers cannot know. */
static int *volatile nowhere;

/* crash(): dereferences NULL */
static enum barq_status crash(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    *nowhere = 1;
    return BARQ_OK;
}

/* hang(): never ends, whoever asks it to */
static enum barq_status hang(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    for (;;) {
        pause();
    }
    return BARQ_OK;
}

/* hog(mib): takes so much memory, uses it, and returns the number */
static enum barq_status hog(struct barq_context *ctx, struct barq_error *err)
{
    int64_t mib = 0;
    enum barq_status status = int_arg(ctx, 0, "mib", HOG_MAX_MIB, &mib, err);
    if (status != BARQ_OK) {
        return status;
    }

    size_t bytes = (size_t)mib * MIB;
    char *memory = malloc(bytes > 0 ? bytes : 1);
    if (!memory) {
        return barq_fail(ctx, err, "hog: there are no %d MiB to be had", (int)mib);
    }
    for (size_t at = 0; at < bytes; at += 4096) {
        *(volatile char *)(memory + at) = 1;
    }
    free(memory);
    barq_return(ctx, barq_int(barq_arena_of(ctx), mib));
    return BARQ_OK;
}

/* -- what writes -- */

static enum barq_status create_table(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "CREATE TABLE IF NOT EXISTS playground_counts ("
                     " name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
                     BARQ_NO_PARAMS, err);
}

static enum barq_status read_count(struct barq_session *session, const char *name, int64_t *out,
                                   struct barq_error *err)
{
    struct barq_rows *rows = NULL;
    int64_t value = 0;
    bool more = false;
    enum barq_status status =
        barq_query(session, "SELECT value FROM playground_counts WHERE name = ?1",
                   BARQ_PARAMS(barq_sql_text(name)), &rows, err);
    if (status != BARQ_OK) {
        return status;
    }

    status = barq_rows_next(rows, &more, err);
    if (status == BARQ_OK) {
        value = barq_column_int(rows, 0);
    }
    barq_rows_close(rows);
    if (status != BARQ_OK) {
        return status;
    }
    *out = value;
    return BARQ_OK;
}

/* count(name): adds 1 to the row of that name, and returns the new value */
static enum barq_status count(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    const char *name = "";
    int64_t value = 0;
    enum barq_status status = text_arg(ctx, 0, "name", &name, err);
    if (status == BARQ_OK) {
        status = barq_session_write(ctx, &session, err);
    }
    if (status == BARQ_OK) {
        status = barq_exec(session,
                           "INSERT INTO playground_counts (name, value) VALUES (?1, 1)"
                           " ON CONFLICT (name) DO UPDATE SET value = playground_counts.value + 1",
                           BARQ_PARAMS(barq_sql_text(name)), err);
    }
    if (status == BARQ_OK) {
        status = read_count(session, name, &value, err);
    }
    if (status == BARQ_OK) {
        barq_return(ctx, barq_int(barq_arena_of(ctx), value));
    }
    return status;
}

/* count_then(name, what): counts, and then "fail"s, "crash"es, "hang"s, or asks to "retry" once */
static enum barq_status count_then(struct barq_context *ctx, struct barq_error *err)
{
    const char *what = "";
    enum barq_status status = text_arg(ctx, 1, "what", &what, err);
    if (status == BARQ_OK) {
        status = count(ctx, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    if (strcmp(what, "fail") == 0) {
        return barq_fail(ctx, err, "count_then: failed as asked");
    }
    if (strcmp(what, "crash") == 0) {
        return crash(ctx, err);
    }
    if (strcmp(what, "hang") == 0) {
        return hang(ctx, err);
    }
    if (strcmp(what, "retry") == 0) {
        return barq_job_try(ctx) == 1 ? barq_retry(ctx, err, 0, "count_then: once more") : BARQ_OK;
    }
    return want(ctx, err, "what", "fail, crash, hang or retry");
}

static enum barq_status enqueue_count(struct barq_context *ctx, const struct barq_value *name,
                                      const struct barq_enqueue_options *options, char *id_out,
                                      struct barq_error *err)
{
    struct barq_session *session = NULL;
    struct barq_value *args = barq_tuple(barq_arena_of(ctx));

    barq_add(args, barq_copy(barq_arena_of(ctx), name));
    enum barq_status status = barq_session_write(ctx, &session, err);
    return status == BARQ_OK
               ? barq_session_enqueue(session, "count", args, NULL, options, id_out, err)
               : status;
}

/* count_all(name...): counts each in a job of its own, and "all" in one more, when they are done */
static enum barq_status count_all(struct barq_context *ctx, struct barq_error *err)
{
    char ids[COUNT_MAX][BARQ_JOB_ID_MAX_BYTES + 1];
    const char *after[COUNT_MAX];
    const struct barq_value *names = barq_args(ctx);
    enum barq_status status = BARQ_OK;

    if (barq_count(names) > COUNT_MAX) {
        return barq_fail(ctx, err, "count_all: more than %d names", COUNT_MAX);
    }
    for (size_t i = 0; status == BARQ_OK && i < barq_count(names); i++) {
        status = enqueue_count(ctx, barq_at(names, i), NULL, ids[i], err);
        after[i] = ids[i];
    }
    struct barq_enqueue_options last = {.after = after, .n_after = barq_count(names)};
    return status == BARQ_OK
               ? enqueue_count(ctx, barq_string(barq_arena_of(ctx), "all"), &last, NULL, err)
               : status;
}

/* trace(): [traceparent, tracestate], null where there is none */
static enum barq_status trace(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_value *both = barq_list(arena);

    (void)err;
    barq_add(both, barq_string(arena, barq_job_traceparent(ctx)));
    barq_add(both, barq_string(arena, barq_job_tracestate(ctx)));
    barq_return(ctx, both);
    return BARQ_OK;
}

static const struct barq_function functions[] = {
    {.name = "noop", .run = noop},
    {.name = "echo", .run = echo},
    {.name = "add", .run = add},
    {.name = "sleep", .run = sleep_for},
    {.name = "fail", .run = fail},
    {.name = "retry", .run = retry},
    {.name = "crash", .run = crash},
    {.name = "hang", .run = hang},
    {.name = "hog", .run = hog},
    {.name = "count", .run = count},
    {.name = "count_then", .run = count_then},
    {.name = "count_all", .run = count_all},
    {.name = "trace", .run = trace},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions, .on_startup = create_table};
