/*
 * faulty.c - functions that do what a fault test needs: they write down what
 * they did, so that it can be counted, and then behave badly as they are told.
 *
 * The tests make the tables: effects(job, function, try, pid), failures(job,
 * error), and the ledger's accounts(name, money), closed(x), and moves(job,
 * chain, step, what, payer, payee, amount, goes_on); with HOOKS also hooks(job,
 * hook) and afters(job, attempt, error).
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <barq/client.h>
#include <barq/worker.h>

enum {
    ID_BYTES = BARQ_JOB_ID_MAX_BYTES + 1,
    LARGE_BYTES = 2 * 1024 * 1024,
    NAME_BYTES = 64,
    QUERY_BYTES = 200
};

/* -- what all of them use -- */

static int64_t number_of(const struct barq_context *ctx, const char *name, int64_t otherwise)
{
    return barq_as_int(barq_get(barq_kwargs(ctx), name), otherwise);
}

static const char *word_of(const struct barq_context *ctx, const char *name)
{
    return barq_as_string(barq_get(barq_kwargs(ctx), name), "");
}

static enum barq_status write_effect(struct barq_context *ctx, struct barq_session *session,
                                     struct barq_error *err)
{
    return barq_exec(
        session, "INSERT INTO effects (job, function, try, pid) VALUES (?1, ?2, ?3, ?4)",
        BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(barq_job_function(ctx)),
                    barq_sql_int(barq_job_try(ctx)), barq_sql_int(getpid())),
        err);
}

/* Enqueues jobs without arguments; their ids, when `ids`, are "PARENT/1", "PARENT/2", ... */
static enum barq_status enqueue(struct barq_context *ctx, struct barq_session *session,
                                const char *function, int64_t count, bool ids,
                                struct barq_error *err)
{
    const char *queue = word_of(ctx, "queue");
    enum barq_status status = BARQ_OK;

    for (int64_t i = 1; status == BARQ_OK && i <= count; i++) {
        char id[ID_BYTES];
        struct barq_enqueue_options options = {
            .id = ids ? id : NULL,
            .queue = *queue ? queue : NULL,
        };
        (void)snprintf(id, sizeof(id), "%s/%lld", barq_job_id(ctx), (long long)i);
        status = barq_session_enqueue(session, function, NULL, NULL, &options, NULL, err);
    }
    return status;
}

static _Noreturn void hang(void)
{
    for (;;) {
        pause();
    }
}

/* Always NULL, which compilers cannot know. */
static int *volatile nowhere;

static enum barq_status return_too_much(struct barq_context *ctx)
{
    char *text = calloc(1, LARGE_BYTES);

    if (text) {
        memset(text, 'x', LARGE_BYTES - 1);
        barq_return(ctx, barq_string(barq_arena_of(ctx), text));
        free(text);
    }
    return BARQ_OK;
}

/* The end that was asked for. */
static enum barq_status end_as(struct barq_context *ctx, const char *how, struct barq_error *err)
{
    if (strcmp(how, "error") == 0) {
        return barq_error_set(err, BARQ_ERR_IO, "failed as asked");
    }
    if (strcmp(how, "fail") == 0) {
        return barq_fail(ctx, err, "failed for good as asked");
    }
    if (strcmp(how, "retry") == 0) {
        return barq_retry(ctx, err, 0, "once more as asked");
    }
    if (strcmp(how, "crash") == 0) {
        *nowhere = 1;
    }
    if (strcmp(how, "abort") == 0) {
        abort();
    }
    if (strcmp(how, "exit") == 0) {
        exit(3);
    }
    if (strcmp(how, "hang") == 0) {
        hang();
    }
    if (strcmp(how, "linger") == 0) {
        return barq_sleep(ctx, BARQ_WRITE_MAX_MS + 200, err);
    }
    if (strcmp(how, "large") == 0) {
        return return_too_much(ctx);
    }
    return *how ? barq_fail(ctx, err, "nobody knows how to %s", how) : BARQ_OK;
}

/* -- what writes -- */

/*
 * effect(children=, child=, named=, queue=, after_ms=, then=, until_try=): waits, writes its effect,
 * enqueues children, and ends as `then` says while its try is not past `until_try`.
 */
static enum barq_status effect(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    bool named = barq_as_bool(barq_get(barq_kwargs(ctx), "named"), false);

    enum barq_status status = barq_sleep(ctx, number_of(ctx, "after_ms", 0), err);
    if (status == BARQ_OK) {
        status = barq_session_write(ctx, &session, err);
    }
    if (status == BARQ_OK) {
        status = write_effect(ctx, session, err);
    }
    if (status == BARQ_OK) {
        const char *child = word_of(ctx, "child");
        status = enqueue(ctx, session, *child ? child : "effect", number_of(ctx, "children", 0),
                         named, err);
    }
    if (status != BARQ_OK || barq_job_try(ctx) > number_of(ctx, "until_try", INT32_MAX)) {
        return status;
    }
    return end_as(ctx, word_of(ctx, "then"), err);
}

enum { BATCH_MAX = 100 };

/* "PARENT/0", "PARENT/1", ...; the last of them ends as `then` says. */
static enum barq_status enqueue_members(struct barq_context *ctx, struct barq_session *session,
                                        char (*ids)[ID_BYTES], int64_t count,
                                        struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    enum barq_status status = BARQ_OK;

    for (int64_t i = 0; status == BARQ_OK && i < count; i++) {
        struct barq_value *kwargs = barq_map(arena);
        struct barq_enqueue_options options = {.id = ids[i]};

        (void)snprintf(ids[i], ID_BYTES, "%s/%lld", barq_job_id(ctx), (long long)i);
        barq_set_key(kwargs, "after_ms", barq_int(arena, i % 20));
        if (i == count - 1) {
            barq_set_key(kwargs, "then", barq_string(arena, word_of(ctx, "then")));
        }
        status = barq_session_enqueue(session, "effect", NULL, kwargs, &options, NULL, err);
    }
    return status;
}

/* batch(children=, then=, after_failed=): enqueues members, and a job that is called back after them. */
static enum barq_status batch(struct barq_context *ctx, struct barq_error *err)
{
    char ids[BATCH_MAX][ID_BYTES];
    const char *after[BATCH_MAX];
    char last[ID_BYTES];
    int64_t count = number_of(ctx, "children", 0) % BATCH_MAX;
    struct barq_enqueue_options options = {
        .id = last,
        .after = after,
        .n_after = (size_t)count,
        .after_failed = barq_as_bool(barq_get(barq_kwargs(ctx), "after_failed"), false)};
    struct barq_session *session;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = enqueue_members(ctx, session, ids, count, err);
    }
    for (int64_t i = 0; i < count; i++) {
        after[i] = ids[i];
    }
    (void)snprintf(last, sizeof(last), "%s/last", barq_job_id(ctx));
    return status == BARQ_OK
               ? barq_session_enqueue(session, "called_back", NULL, NULL, &options, NULL, err)
               : status;
}

/* called_back(): writes how many of its batch have ended. */
static enum barq_status called_back(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status =
            barq_exec(session,
                      "INSERT INTO callbacks SELECT ?1,"
                      " (SELECT count(*) FROM effects WHERE job LIKE rtrim(?1, 'last') || '%')"
                      " + (SELECT count(*) FROM failures WHERE job LIKE rtrim(?1, 'last') || '%')",
                      BARQ_PARAMS(barq_sql_text(barq_job_id(ctx))), err);
    }
    return status;
}

/* crowd(children=): enqueues many that wait for itself. */
static enum barq_status crowd(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_enqueue_options options = {barq_after(barq_job_id(ctx))};
    struct barq_session *session;

    enum barq_status status = barq_session_write(ctx, &session, err);
    for (int64_t i = 0; status == BARQ_OK && i < number_of(ctx, "children", 0); i++) {
        status = barq_session_enqueue(session, "effect", NULL, NULL, &options, NULL, err);
    }
    return status;
}

/* fan_out(children=, queue=): enqueues jobs that do nothing, in one transaction */
static enum barq_status fan_out(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? enqueue(ctx, session, "nothing", number_of(ctx, "children", 0), false, err)
               : status;
}

static enum barq_status nothing(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

/* after(path): tells that it has begun by the file PATH.begun, and waits for PATH; then an effect */
static enum barq_status after(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = barq_arg_string(ctx, 0, "path", "");
    char begun[4096];

    (void)snprintf(begun, sizeof(begun), "%s.begun", path);
    FILE *file = fopen(begun, "ae");
    if (file) {
        (void)fprintf(file, "%d\n", (int)getpid());
        (void)fclose(file);
    }
    while (access(path, F_OK) != 0) {
        enum barq_status status = barq_sleep(ctx, 5, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return effect(ctx, err);
}

/* fickle(path): fails for good the first time that anybody runs it, which makes PATH; then an effect */
static enum barq_status fickle(struct barq_context *ctx, struct barq_error *err)
{
    FILE *file = fopen(barq_arg_string(ctx, 0, "path", ""), "wxe");

    if (file) {
        (void)fclose(file);
        return barq_fail(ctx, err, "the first time");
    }
    return effect(ctx, err);
}

/* late(path): writes nothing the first time that anybody runs it, which makes PATH; then an effect */
static enum barq_status late(struct barq_context *ctx, struct barq_error *err)
{
    FILE *file = fopen(barq_arg_string(ctx, 0, "path", ""), "wxe");

    if (file) {
        (void)fclose(file);
        return BARQ_OK;
    }
    return effect(ctx, err);
}

/* read_then_write(): what was read must be ended before writing; returns "conflict" if that is refused */
static enum barq_status read_then_write(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    struct barq_error refusal;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_session_write(ctx, &session, &refusal);
    barq_return(ctx, barq_string(barq_arena_of(ctx), barq_status_name(status)));
    status = barq_session_end(session, err);
    return status == BARQ_OK ? effect(ctx, err) : status;
}

/* -- what a handler must not be able to do -- */

/* says(sql...): writes, says each statement as a handler might, hears its status, and fails for good */
static enum barq_status says(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    struct barq_value *heard = barq_list(barq_arena_of(ctx));
    size_t count = barq_count(barq_args(ctx));

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = write_effect(ctx, session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        struct barq_error refusal;
        const char *sql = barq_arg_string(ctx, i, NULL, "");
        status = barq_exec_script(session, sql, &refusal);
        barq_add(heard, barq_string(barq_arena_of(ctx), barq_status_name(status)));
    }
    barq_return(ctx, heard);
    return end_as(ctx, word_of(ctx, "then"), err);
}

/* calls(name): writes, and ends its transaction itself by the application's calls */
static enum barq_status calls(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    struct barq_error refusal;
    const char *name = barq_arg_string(ctx, 0, "name", "");

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = write_effect(ctx, session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (strcmp(name, "commit") == 0) {
        (void)(barq_session_commit(session, &refusal) == BARQ_OK);
    } else if (strcmp(name, "rollback") == 0) {
        barq_session_rollback(session);
    } else if (strcmp(name, "close") == 0) {
        barq_session_close(session);
    }
    return end_as(ctx, word_of(ctx, "then"), err);
}

/*
 * writes_on(how): is told to stop while it writes, ignores it, writes on, and claims success. "wait":
 * between two statements; "busy": within one, which SQLite answers by ending the transaction.
 */
static enum barq_status writes_on(struct barq_context *ctx, struct barq_error *err)
{
    static const char *const long_one =
        "INSERT INTO effects (job, function, try, pid) WITH RECURSIVE n (i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
        " SELECT 'busy', 'busy', 0, i FROM n WHERE i % 1000000 = 0";
    struct barq_session *session;
    struct barq_error ignored;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = write_effect(ctx, session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (strcmp(barq_arg_string(ctx, 0, "how", ""), "busy") == 0) {
        (void)(barq_exec(session, long_one, BARQ_NO_PARAMS, &ignored) == BARQ_OK);
    }
    while (!barq_canceled(ctx)) {
        (void)(barq_sleep(ctx, 1000, &ignored) == BARQ_OK);
    }
    for (int i = 0; i < 3; i++) {
        (void)(barq_exec(session, "INSERT INTO asked VALUES ('behind it')", BARQ_NO_PARAMS,
                         &ignored) == BARQ_OK);
        (void)(barq_session_write(ctx, &session, &ignored) == BARQ_OK);
    }
    return BARQ_OK;
}

/* dirties(schema): leaves behind in its connection what it can: open rows, temporary tables */
static enum barq_status dirties(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    struct barq_rows *rows;
    char query[QUERY_BYTES];
    bool more;

    (void)snprintf(query, sizeof(query), "SELECT job FROM %s.effects UNION ALL SELECT 'more'",
                   word_of(ctx, "schema"));
    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = write_effect(ctx, session, err);
    }
    if (status == BARQ_OK) {
        struct barq_error refusal;
        (void)(barq_exec_script(session,
                                "CREATE TEMP TABLE effects (job TEXT, function TEXT, try INTEGER,"
                                " pid INTEGER); CREATE TEMP TABLE left_behind (x INTEGER);",
                                &refusal) == BARQ_OK);
        status = barq_query(session, query, BARQ_NO_PARAMS, &rows, err);
    }
    return status == BARQ_OK ? barq_rows_next(rows, &more, err) : status;
}

/* -- what a process does -- */

/* prints(text): on stdout, as if there were nothing but a terminal */
static enum barq_status prints(struct barq_context *ctx, struct barq_error *err)
{
    for (int i = 0; i < 2000; i++) {
        (void)printf("%s", barq_arg_string(ctx, 0, "text", ""));
    }
    (void)fflush(stdout);
    (void)!write(STDOUT_FILENO, "\0\0\0\1\42", 5);
    return effect(ctx, err);
}

/* -- what is told while a job runs -- */

/* tells(lines, then): each line by barq_log(), with progress; then a last word on stderr, without a newline */
static enum barq_status tells(struct barq_context *ctx, struct barq_error *err)
{
    const struct barq_value *lines = barq_arg(ctx, 0, "lines");

    for (size_t i = 0; i < barq_count(lines); i++) {
        const char *line = barq_as_string(barq_at(lines, i), "");
        barq_progress(ctx, (int64_t)i + 1, (int64_t)barq_count(lines), line);
        barq_log(ctx, BARQ_LOG_WARN, "%s", line);
    }
    (void)!write(STDERR_FILENO, "last words", 10);
    return effect(ctx, err);
}

/* mutters(): its id, three times, and a line that it does not end */
static enum barq_status mutters(struct barq_context *ctx, struct barq_error *err)
{
    const char *id = barq_job_id(ctx);

    (void)err;
    (void)printf("%s\n%s\n%s\n...", id, id, id);
    return BARQ_OK;
}

/* any_bytes(): all that there are, on stdout and as a line of the log */
static enum barq_status any_bytes(struct barq_context *ctx, struct barq_error *err)
{
    char bytes[256];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i + 1);
    }
    (void)!write(STDOUT_FILENO, bytes, sizeof(bytes));
    barq_progress(ctx, 1, 2, bytes + 0x7f);
    barq_log(ctx, BARQ_LOG_INFO, "%s", bytes);
    return effect(ctx, err);
}

/* floods(bytes, how): prints so many ("log": logs them), in lines of 100 ("line": in one) */
static enum barq_status floods(struct barq_context *ctx, struct barq_error *err)
{
    const char *how = barq_arg_string(ctx, 1, "how", "");
    char line[101];

    memset(line, '.', 99);
    line[99] = strcmp(how, "line") == 0 ? '.' : '\n';
    line[100] = '\0';
    for (int64_t left = barq_arg_int(ctx, 0, "bytes", 0); left > 0; left -= 100) {
        if (strcmp(how, "log") == 0) {
            barq_log(ctx, BARQ_LOG_INFO, "%.99s", line);
        } else {
            (void)fwrite(line, 1, 100, stdout);
        }
    }
    return effect(ctx, err);
}

/* counts_up(path): tells how far it is, each time that the file at `path` has grown, until it has "end" in it */
static enum barq_status counts_up(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = barq_arg_string(ctx, 0, "path", "");
    char text[64] = "";
    int64_t seen = -1;

    while (!strstr(text, "end")) {
        FILE *file = fopen(path, "re");
        size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

        text[len] = '\0';
        if (file) {
            (void)fclose(file);
        }
        if ((int64_t)len != seen) {
            seen = (int64_t)len;
            barq_progress(ctx, seen, 10, "counting");
            barq_log(ctx, BARQ_LOG_INFO, "at %d", (int)seen);
        }
        if (barq_sleep(ctx, 5, err) != BARQ_OK) {
            return err->status;
        }
    }
    return effect(ctx, err);
}

/* chatty_child(): leaves one behind in a group of its own, which prints on for ever */
static enum barq_status chatty_child(struct barq_context *ctx, struct barq_error *err)
{
    pid_t child = fork();

    if (child == 0) {
        (void)setsid();
        for (;;) {
            (void)!write(STDOUT_FILENO, "chat\n", 5);
            usleep(1000);
        }
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), child));
    return effect(ctx, err);
}

/* grandchild(how): leaves a process behind that keeps stdout and stderr open; "away": in a group of its own */
static enum barq_status grandchild(struct barq_context *ctx, struct barq_error *err)
{
    bool away = strcmp(barq_arg_string(ctx, 0, "how", ""), "away") == 0;
    pid_t child = fork();

    if (child == 0) {
        if (away) {
            (void)setsid();
        }
        hang();
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), child));
    return effect(ctx, err);
}

/* orphan(): a child that leaves a child of its own, outside our group, which ends later than it */
static enum barq_status orphan(struct barq_context *ctx, struct barq_error *err)
{
    pid_t child = fork();

    if (child == 0) {
        (void)setsid();
        if (fork() == 0) {
            (void)poll(NULL, 0, 50);
        }
        _exit(0);
    }
    return waitpid(child, NULL, 0) == child ? effect(ctx, err)
                                            : barq_fail(ctx, err, "no such child");
}

/* hog(mib): takes and touches that much, and keeps it */
static enum barq_status hog(struct barq_context *ctx, struct barq_error *err)
{
    size_t bytes = (size_t)barq_arg_int(ctx, 0, "mib", 0) * 1024 * 1024;
    char *memory = malloc(bytes);

    if (!memory) {
        return barq_fail(ctx, err, "no such memory");
    }
    for (size_t at = 0; at < bytes; at += 4096) {
        *(volatile char *)(memory + at) = 1;
    }
    return effect(ctx, err);
}

/* -- when a job has failed for good -- */

static enum barq_status write_failure(struct barq_context *ctx, struct barq_session *session,
                                      struct barq_error *err)
{
    return barq_exec(
        session, "INSERT INTO failures (job, error) VALUES (?1, ?2)",
        BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(barq_job_error(ctx))), err);
}

/* One move of money, or none. */
struct move {
    const char *what;
    int64_t payer, payee, amount;
};
static enum barq_status write_move(struct barq_context *ctx, struct barq_session *session,
                                   const struct move *move, struct barq_error *err);

/* Writes the failure, enqueues `hook_children`, and ends as `hook` says. */
static enum barq_status on_job_failure(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    bool move = strcmp(barq_job_function(ctx), "transfer") == 0;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status = write_failure(ctx, session, err);
    }
    if (status == BARQ_OK && move) {
        status = write_move(ctx, session, &(struct move){.what = "failed"}, err);
    }
    if (status == BARQ_OK) {
        status = enqueue(ctx, session, "effect", number_of(ctx, "hook_children", 0), false, err);
    }
    return status == BARQ_OK ? end_as(ctx, word_of(ctx, "hook"), err) : status;
}

/* -- the ledger -- */

/* A number from 0 to `below` - 1 that depends on chain, step and `salt` only: a second attempt does the same. */
static int64_t dice(const struct barq_context *ctx, uint64_t salt, int64_t below)
{
    uint64_t x = (uint64_t)number_of(ctx, "seed", 0) * 0x9E3779B97F4A7C15U +
                 (uint64_t)number_of(ctx, "chain", 0) * 0xBF58476D1CE4E5B9U +
                 (uint64_t)number_of(ctx, "step", 0) * 0x94D049BB133111EBU + salt;

    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return (int64_t)((x ^ (x >> 31)) % (uint64_t)below);
}

static enum barq_status change(struct barq_session *session, int64_t account, int64_t amount,
                               struct barq_error *err)
{
    return barq_exec(session, "UPDATE accounts SET money = money + ?2 WHERE name = ?1",
                     BARQ_PARAMS(barq_sql_int(account), barq_sql_int(amount)), err);
}

static enum barq_status ask(struct barq_session *session, const char *sql, int64_t *out,
                            struct barq_error *err)
{
    struct barq_rows *rows;
    bool more = false;

    enum barq_status status = barq_query(session, sql, BARQ_NO_PARAMS, &rows, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = barq_rows_next(rows, &more, err);
    if (status == BARQ_OK) {
        *out = more ? barq_column_int(rows, 0) : 0;
    }
    barq_rows_close(rows);
    return status;
}

static enum barq_status enqueue_next(struct barq_context *ctx, struct barq_session *session,
                                     struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_value *kwargs = barq_map(arena);

    barq_set_key(kwargs, "seed", barq_int(arena, number_of(ctx, "seed", 0)));
    barq_set_key(kwargs, "chain", barq_int(arena, number_of(ctx, "chain", 0)));
    barq_set_key(kwargs, "step", barq_int(arena, number_of(ctx, "step", 0) + 1));
    barq_set_key(kwargs, "nap_ms", barq_int(arena, number_of(ctx, "nap_ms", 10)));
    return barq_session_enqueue(session, "transfer", NULL, kwargs, NULL, NULL, err);
}

/* Writes it down; and the chain goes on, until the ledger is closed. */
static enum barq_status write_move(struct barq_context *ctx, struct barq_session *session,
                                   const struct move *move, struct barq_error *err)
{
    int64_t closed = 0;

    enum barq_status status = ask(session, "SELECT count(*) FROM closed", &closed, err);
    if (status == BARQ_OK) {
        status = barq_exec(
            session,
            "INSERT INTO moves (job, chain, step, what, payer, payee, amount, goes_on)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_int(number_of(ctx, "chain", 0)),
                        barq_sql_int(number_of(ctx, "step", 0)), barq_sql_text(move->what),
                        barq_sql_int(move->payer), barq_sql_int(move->payee),
                        barq_sql_int(move->amount), barq_sql_int(!closed)),
            err);
    }
    return status == BARQ_OK && !closed ? enqueue_next(ctx, session, err) : status;
}

/* While a handler runs there is a file of its process's and its thread's number: so the ledger knows whom its kills hit. */
static void mark_running(bool on)
{
    const char *folder = getenv("LEDGER_RUNNING");
    char path[4096];

    if (!folder) {
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/%d.%d", folder, (int)getpid(), (int)gettid());
    if (!on) {
        (void)unlink(path);
        return;
    }
    FILE *file = fopen(path, "we");
    if (file) {
        (void)fclose(file);
    }
}

static enum barq_status transfer_money(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    int64_t accounts = 0;

    enum barq_status status = barq_sleep(ctx, dice(ctx, 1, number_of(ctx, "nap_ms", 10)), err);
    if (status == BARQ_OK) {
        status = barq_session_write(ctx, &session, err);
    }
    if (status == BARQ_OK) {
        status = ask(session, "SELECT count(*) FROM accounts", &accounts, err);
    }
    if (status != BARQ_OK || accounts == 0) {
        return status;
    }
    struct move move = {
        .what = "moved",
        .payer = dice(ctx, 3, accounts),
        .payee = dice(ctx, 4, accounts),
        .amount = 1 + dice(ctx, 2, 50),
    };
    status = change(session, move.payer, -move.amount, err);
    if (status == BARQ_OK) {
        status = change(session, move.payee, move.amount, err);
    }
    return status == BARQ_OK ? write_move(ctx, session, &move, err) : status;
}

/* transfer(seed, chain, step): moves money and enqueues the next; a few fail at first, crash at first, or fail */
static enum barq_status transfer(struct barq_context *ctx, struct barq_error *err)
{
    int64_t fate = dice(ctx, 5, 100);
    bool first = barq_job_try(ctx) == 1;

    mark_running(true);
    enum barq_status status = transfer_money(ctx, err);
    if (status == BARQ_OK && fate < 3) {
        status = barq_fail(ctx, err, "refused");
    } else if (status == BARQ_OK && fate < 8 && first) {
        status = barq_error_set(err, BARQ_ERR_IO, "not now");
    } else if (status == BARQ_OK && fate < 10 && first) {
        mark_running(false);
        *nowhere = 1;
    }
    mark_running(false);
    return status;
}

#ifdef HOOKS
/*
 * The hooks of the ledger's jobs: what the first two write counts with their job, once; after_job_end runs once for an
 * attempt at most, and a few take their executor down at the first try.
 */
static _Thread_local char attempt_name[NAME_BYTES];

static bool crashes_at_first(const struct barq_context *ctx, uint64_t salt)
{
    return barq_job_try(ctx) == 1 && dice(ctx, salt, 100) == 0;
}

static enum barq_status write_hook(struct barq_context *ctx, const char *hook,
                                   struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? barq_exec(session, "INSERT INTO hooks VALUES (?1, ?2)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(hook)), err)
               : status;
}

static enum barq_status on_job_start(struct barq_context *ctx, struct barq_error *err)
{
    static atomic_int attempts;

    (void)snprintf(attempt_name, sizeof(attempt_name), "%d/%d", (int)getpid(),
                   atomic_fetch_add(&attempts, 1));
    return write_hook(ctx, "on_job_start", err);
}

static enum barq_status on_job_end(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = write_hook(ctx, "on_job_end", err);

    if (crashes_at_first(ctx, 6)) {
        *nowhere = 1;
    }
    return status;
}

static enum barq_status after_job_end(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status == BARQ_OK) {
        status = barq_exec(session, "INSERT INTO afters VALUES (?1, ?2, ?3)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(attempt_name),
                                       barq_sql_text(barq_job_error(ctx))),
                           err);
    }
    if (crashes_at_first(ctx, 7)) {
        *nowhere = 1;
    }
    return status;
}
#endif

static const struct barq_function functions[] = {
    {.name = "batch", .run = batch},
    {.name = "called_back", .run = called_back},
    {.name = "crowd", .run = crowd},
    {.name = "effect", .run = effect},
    {.name = "once", .run = effect, .max_tries = 1},
    {.name = "twice", .run = effect, .max_tries = 2},
    {.name = "brief", .run = effect, .keep_result_ms = BARQ_OFF},
    {.name = "hasty", .run = effect, .job_timeout_ms = 100, .max_tries = 1},
    {.name = "fan_out", .run = fan_out},
    {.name = "nothing", .run = nothing, .keep_result_ms = BARQ_OFF},
    {.name = "after", .run = after},
    {.name = "fickle", .run = fickle},
    {.name = "late", .run = late},
    {.name = "read_then_write", .run = read_then_write},
    {.name = "says", .run = says},
    {.name = "says_once", .run = says, .max_tries = 1},
    {.name = "calls", .run = calls},
    {.name = "writes_on", .run = writes_on, .job_timeout_ms = 200, .max_tries = 1},
    {.name = "dirties", .run = dirties},
    {.name = "prints", .run = prints},
    {.name = "tells", .run = tells},
    {.name = "tells_once", .run = tells, .max_tries = 1},
    {.name = "mutters", .run = mutters},
    {.name = "any_bytes", .run = any_bytes},
    {.name = "floods", .run = floods},
    {.name = "floods_little", .run = floods, .output_max_bytes = 1000},
    {.name = "counts_up", .run = counts_up},
    {.name = "chatty_child", .run = chatty_child},
    {.name = "grandchild", .run = grandchild},
    {.name = "grandchild_once", .run = grandchild, .max_tries = 1},
    {.name = "orphan", .run = orphan},
    {.name = "hog", .run = hog},
    {.name = "transfer", .run = transfer, .max_tries = 10},
    {.name = NULL},
};

BARQ_MODULE = {
    .abi = BARQ_ABI,
    .functions = functions,
    .retry_min_ms = 1,
    .retry_max_ms = 20,
    .on_job_failure = on_job_failure,
#ifdef HOOKS
    .on_job_start = on_job_start,
    .on_job_end = on_job_end,
    .after_job_end = after_job_end,
#endif
};
