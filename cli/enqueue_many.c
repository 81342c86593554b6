/*
 * enqueue_many.c - barq enqueue --many: jobs from a file, a line of JSON each.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "cli.h"

enum { BATCH_JOBS = 500, BATCH_BYTES = 4 * 1024 * 1024, LINE_MAX_BYTES = 16 * 1024 * 1024 };

struct batch {
    struct barq_client *client;
    const struct barq_enqueue_options *base; /* of lines that do not say */
    bool json;
    struct barq_arena arena; /* what the jobs are made of */
    struct barq_new_job jobs[BATCH_JOBS];
    size_t count;
    size_t bytes; /* of their lines */
    size_t line;  /* the number of the last one */
    int code;     /* of those before */
};

static int bad_line(const struct batch *batch, const char *why)
{
    return cli_misused(&cli_enqueue, "line %zu: %.150s", batch->line, why);
}

/* -- one line -- */

static bool take_text(const struct barq_value *value, const char **out)
{
    *out = barq_kind(value) == BARQ_STRING ? barq_as_string(value, NULL) : NULL;
    return *out;
}

static bool take_int(const struct barq_value *value, int *out)
{
    int64_t number = barq_as_int(value, INT64_MAX);

    *out = (int)number;
    return barq_kind(value) == BARQ_INT && number >= INT_MIN && number <= INT_MAX;
}

/* Seconds, with a fraction or not, as a flag has them. */
static bool take_seconds(const struct barq_value *value, int64_t *out)
{
    double seconds = barq_as_double(value, -1);
    bool number = barq_kind(value) == BARQ_INT || barq_kind(value) == BARQ_DOUBLE;

    if (!number || !(seconds >= 0 && seconds < 1e12)) {
        return false;
    }
    *out = (int64_t)(seconds * 1000 + 0.5);
    return true;
}

static bool take_ids(struct barq_arena *arena, const struct barq_value *value,
                     struct barq_enqueue_options *options)
{
    size_t count = barq_count(value);
    const char **ids = bq_arena_array(arena, count + 1, sizeof(char *));

    for (size_t i = 0; ids && i < count; i++) {
        if (!take_text(barq_at(value, i), &ids[i])) {
            return false;
        }
    }
    options->after = ids;
    options->n_after = count;
    return ids && barq_kind(value) == BARQ_LIST;
}

static bool take_bool(const struct barq_value *value, bool *out)
{
    *out = barq_as_bool(value, false);
    return barq_kind(value) == BARQ_BOOL;
}

static bool take_value(const struct barq_value *value, enum barq_kind kind,
                       const struct barq_value **out)
{
    *out = value;
    return barq_kind(value) == kind;
}

/* False: there is no such key, or this is no value for it. */
static bool take_key(struct barq_arena *arena, const char *key, const struct barq_value *value,
                     struct barq_new_job *job)
{
    struct barq_enqueue_options *options = &job->options;

    if (strcmp(key, "function") == 0) {
        return take_text(value, &job->function);
    }
    if (strcmp(key, "args") == 0) {
        return take_value(value, BARQ_LIST, &job->args);
    }
    if (strcmp(key, "kwargs") == 0) {
        return take_value(value, BARQ_MAP, &job->kwargs);
    }
    if (strcmp(key, "id") == 0) {
        return take_text(value, &options->id);
    }
    if (strcmp(key, "queue") == 0) {
        return take_text(value, &options->queue);
    }
    if (strcmp(key, "key") == 0) {
        return take_text(value, &options->key);
    }
    if (strcmp(key, "defer_by") == 0) {
        return take_seconds(value, &options->defer_ms);
    }
    if (strcmp(key, "expires") == 0) {
        return take_seconds(value, &options->expires_ms);
    }
    if (strcmp(key, "priority") == 0) {
        return take_int(value, &options->priority);
    }
    if (strcmp(key, "job_try") == 0) {
        return take_int(value, &options->job_try);
    }
    if (strcmp(key, "traceparent") == 0) {
        options->tracestate = NULL; /* of another trace */
        return take_text(value, &options->traceparent);
    }
    if (strcmp(key, "after") == 0) {
        return take_ids(arena, value, options);
    }
    return strcmp(key, "after_failed") == 0 && take_bool(value, &options->after_failed);
}

static int take_line(struct batch *batch, const char *text, size_t len)
{
    struct barq_new_job *job = &batch->jobs[batch->count];
    struct barq_value *object = NULL;
    struct barq_error err;
    enum barq_status status = barq_from_json(&batch->arena, text, len, &object, &err);
    if (status != BARQ_OK) {
        return status == BARQ_ERR_NOMEM ? cli_failed(status, &err) : bad_line(batch, err.text);
    }
    if (barq_kind(object) != BARQ_MAP) {
        return bad_line(batch, "it is no JSON object");
    }

    *job = (struct barq_new_job){.options = *batch->base};
    for (size_t i = 0; i < barq_count(object); i++) {
        const char *key = barq_as_string(barq_key_at(object, i), "");
        if (!take_key(&batch->arena, key, barq_at(object, i), job)) {
            const char *why =
                bq_arena_format(&batch->arena, "'%.40s' is no key of a job, or its value is none",
                                cli_clean(&batch->arena, key));
            return bad_line(batch, why ? why : "a key of it makes no sense");
        }
    }
    if (!job->function) {
        return bad_line(batch, "it has no function");
    }
    batch->count++;
    batch->bytes += len;
    return CLI_OK;
}

/* -- many -- */

static int tell(const struct batch *batch, const struct barq_new_job *job)
{
    if (job->status == BARQ_ERR_EXISTS) {
        struct barq_error err;
        snprintf(err.text, sizeof(err.text), "a job of this id is there: %s", job->id);
        cli_complain(err.text);
        return CLI_REFUSED;
    }
    if (batch->json) {
        return cli_print_job_now(batch->client, job->id);
    }
    puts(job->id); /* ids have no control characters */
    return CLI_OK;
}

/* All of the batch in one transaction. */
static int send(struct batch *batch)
{
    struct barq_error err;
    enum barq_status status = barq_enqueue_many(batch->client, batch->jobs, batch->count, &err);
    if (status != BARQ_OK) {
        const char *sentence = bq_arena_format(&batch->arena,
                                               "lines up to %zu, of which none is "
                                               "enqueued: %s",
                                               batch->line, err.text);
        snprintf(err.text, sizeof(err.text), "%s", sentence ? sentence : "out of memory");
        return cli_failed(status, &err);
    }

    for (size_t i = 0; i < batch->count; i++) {
        int code = tell(batch, &batch->jobs[i]);
        if (code == CLI_BROKEN) {
            return code;
        }
        batch->code = batch->code == CLI_OK ? code : batch->code;
    }
    batch->count = 0;
    batch->bytes = 0;
    bq_arena_reset(&batch->arena);
    return CLI_OK;
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\r\n")] == '\0';
}

static int read_lines(struct batch *batch, FILE *file)
{
    bq_auto(memory) char *line = NULL;
    size_t room = 0;
    ssize_t len;
    int code = CLI_OK;

    while (code == CLI_OK && (len = getline(&line, &room, file)) >= 0) {
        batch->line++;
        if (len > LINE_MAX_BYTES) {
            return bad_line(batch, "it is longer than 16 MiB");
        }
        code = is_blank(line) ? CLI_OK : take_line(batch, line, (size_t)len);
        if (code == CLI_OK && (batch->count == BATCH_JOBS || batch->bytes >= BATCH_BYTES)) {
            code = send(batch);
        }
    }
    if (code == CLI_OK && ferror(file)) {
        cli_complain("enqueue: the jobs cannot be read");
        return CLI_BROKEN;
    }
    return code == CLI_OK ? send(batch) : code;
}

int cli_enqueue_many(struct barq_client *client, const char *path,
                     const struct barq_enqueue_options *base, bool json)
{
    bq_auto(memory) struct batch *batch = calloc(1, sizeof(*batch));
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!batch || !file) {
        return cli_misused(&cli_enqueue, "--many: %.80s: %s", path, strerror(errno));
    }

    batch->client = client;
    batch->base = base;
    batch->json = json;
    bq_arena_init(&batch->arena, CLI_ARENA_BYTES);
    int code = read_lines(batch, file);
    bq_arena_clear(&batch->arena);
    if (!standard) {
        (void)fclose(file);
    }
    return code == CLI_OK ? batch->code : code;
}
