#include "job/record.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "codec/value.h"
#include "job/trace.h"

enum {
    /* The map around arguments and result: names, ids and an error of limited length. */
    FRAME_MAX_BYTES = 16 * 1024,
    NONCE_MAX_BYTES = 64,
};

static const char unknown[] = "<unknown>";

static void set_string(struct barq_value *map, const char *key, const char *text)
{
    barq_set_key(map, key, barq_string(map->as.members.arena, text));
}

static void set_int(struct barq_value *map, const char *key, int64_t number)
{
    barq_set_key(map, key, barq_int(map->as.members.arena, number));
}

/* Arguments as a tuple, which arq expects; the list's members are lent. */
static const struct barq_value *as_tuple(struct barq_arena *arena, const struct barq_value *args)
{
    if (barq_kind(args) != BARQ_LIST) {
        return args ? args : &bq_empty_tuple;
    }
    struct barq_value *tuple = bq_arena_memdup(arena, args, sizeof(*args));
    if (tuple) {
        tuple->kind = BARQ_TUPLE;
    }
    return tuple;
}

/* The keys that a job and its result share, in arq's order. */
static void set_job(struct barq_value *map, const struct bq_job_record *job, int job_try)
{
    if (job_try > 0) {
        set_int(map, "t", job_try);
    } else {
        set_string(map, "t", NULL);
    }
    set_string(map, "f", job->function);
    bq_lend_key(map, "a", as_tuple(map->as.members.arena, job->args));
    bq_lend_key(map, "k", job->kwargs ? job->kwargs : &bq_empty_map);
    set_int(map, "et", job->enqueued_at_ms);
}

static void set_nonce(struct barq_value *map, const char *nonce)
{
    if (nonce && nonce[0] != '\0') {
        set_string(map, "n", nonce);
    }
}

/* Its own keys, so that whoever keeps jobs keeps them: no broker knows of traces. */
static void set_trace(struct barq_value *map, const struct bq_job_record *record)
{
    if (record->traceparent) {
        set_string(map, "tp", record->traceparent);
    }
    if (record->traceparent && record->tracestate) {
        set_string(map, "ts", record->tracestate);
    }
}

/* The text of an error, which may come from anywhere: cut, and made UTF-8 if it is not. */
static struct barq_value *error_text(struct barq_arena *arena, const char *text)
{
    char copy[BQ_ERROR_TEXT_MAX_BYTES + 1];

    (void)bq_utf8_clean(text, strlen(text), BQ_ERROR_TEXT_MAX_BYTES, copy);
    return barq_string(arena, copy);
}

static const char *const exceptions[] = {
    [BQ_FAILURE_ERROR] = "builtins.RuntimeError",
    [BQ_FAILURE_REFUSED] = "arq.worker.JobExecutionFailed",
    [BQ_FAILURE_ABORTED] = "asyncio.exceptions.CancelledError",
    [BQ_FAILURE_TIMEOUT] = "builtins.TimeoutError",
};

static void set_error(struct barq_value *map, const struct bq_codec *codec,
                      const struct bq_result_record *record)
{
    struct barq_arena *arena = map->as.members.arena;
    struct barq_value *error = error_text(arena, record->error ? record->error : "");

    if (codec->has_names) {
        error = barq_named(arena, exceptions[record->failure], error);
    }
    barq_set_key(map, "r", error);
}

enum barq_status bq_job_encode(const struct bq_codec *codec, const struct bq_job_record *record,
                               struct bq_buf *out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, FRAME_MAX_BYTES);
    struct barq_value *map = barq_map(&arena);
    if (!map) {
        return bq_fail(err, BARQ_ERR_NOMEM, "job: out of memory");
    }

    set_job(map, record, record->first_try);
    set_nonce(map, record->nonce);
    set_trace(map, record);
    return codec->encode(map, out, err);
}

enum barq_status bq_result_encode(const struct bq_codec *codec,
                                  const struct bq_result_record *record, struct bq_buf *out,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, FRAME_MAX_BYTES);
    struct barq_value *map = barq_map(&arena);
    if (!map) {
        return bq_fail(err, BARQ_ERR_NOMEM, "job: out of memory");
    }

    set_job(map, &record->job, record->job_try);
    barq_set_key(map, "s", barq_bool(&arena, record->success));
    if (record->success) {
        bq_lend_key(map, "r", record->result ? record->result : &bq_null);
    } else {
        set_error(map, codec, record);
    }
    set_int(map, "st", record->started_at_ms);
    set_int(map, "ft", record->finished_at_ms);
    set_string(map, "q", record->queue);
    set_string(map, "id", record->id);
    set_nonce(map, record->job.nonce);
    if (!record->success && !codec->has_names && record->failure != BQ_FAILURE_ERROR) {
        set_string(map, "c", exceptions[record->failure]);
    }
    return codec->encode(map, out, err);
}

static enum barq_status decode_map(struct barq_arena *arena, const void *bytes, size_t len,
                                   struct barq_value **out, struct barq_error *err)
{
    const struct bq_codec *codec = bq_codec_of(bytes, len);
    struct barq_value *value;
    if (!codec) {
        return bq_fail(err, BARQ_ERR_FORMAT, "job: its bytes are in no format that barq knows");
    }

    enum barq_status status = codec->decode(arena, bytes, len, &value, err);
    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "job: its bytes cannot be read");
        return status;
    }
    if (barq_kind(value) != BARQ_MAP) {
        return bq_fail(err, BARQ_ERR_FORMAT, "job: its bytes are of kind %s, not a map",
                       barq_kind_name(barq_kind(value)));
    }
    *out = value;
    return BARQ_OK;
}

/* The text of a string without NUL bytes in it, else NULL. */
static const char *plain_text(const struct barq_value *value)
{
    size_t len;
    const char *text = barq_as_bytes(value, &len);

    return barq_kind(value) == BARQ_STRING && strlen(text) == len ? text : NULL;
}

static enum barq_status bad_key(struct barq_error *err, const char *key,
                                const struct barq_value *value, const char *wanted)
{
    return bq_fail(err, BARQ_ERR_FORMAT, "job: its key %s is %s, not %s", key,
                   value ? barq_kind_name(barq_kind(value)) : "missing", wanted);
}

/* An instant, in ms. */
static enum barq_status read_time(const struct barq_value *map, const char *key, int64_t *out,
                                  struct barq_error *err)
{
    const struct barq_value *value = barq_get(map, key);
    int64_t at_ms = barq_as_int(value, -1);
    if (at_ms < 0) {
        return bad_key(err, key, value, "an instant in milliseconds");
    }
    *out = at_ms;
    return BARQ_OK;
}

static enum barq_status read_identity(const struct barq_value *map, struct bq_job_record *out,
                                      struct barq_error *err)
{
    const struct barq_value *nonce = barq_get(map, "n");
    const char *text = nonce ? plain_text(nonce) : "";
    if (!text || strlen(text) > NONCE_MAX_BYTES) {
        return bad_key(err, "n", nonce, "a short text");
    }
    enum barq_status status = read_time(map, "et", &out->enqueued_at_ms, err);
    if (status == BARQ_OK) {
        out->nonce = text;
    }
    return status;
}

static enum barq_status read_try(const struct barq_value *map, int *out, struct barq_error *err)
{
    const struct barq_value *value = barq_get(map, "t");
    int64_t number = barq_as_int(value, barq_is_null(value) ? 0 : -1);
    if (number < 0 || number > INT_MAX) {
        return bad_key(err, "t", value, "a number of tries");
    }
    *out = (int)number;
    return BARQ_OK;
}

static enum barq_status read_function(const struct barq_value *map, const char **out,
                                      struct barq_error *err)
{
    const struct barq_value *value = barq_get(map, "f");
    const char *name = plain_text(value);
    if (!bq_name_valid(name)) {
        return bad_key(err, "f", value, "the name of a function");
    }
    *out = name;
    return BARQ_OK;
}

static enum barq_status read_args(const struct barq_value *map, const struct barq_value **out,
                                  struct barq_error *err)
{
    const struct barq_value *args = barq_get(map, "a");
    enum barq_kind kind = barq_kind(args);
    if (kind != BARQ_LIST && kind != BARQ_TUPLE) {
        return bad_key(err, "a", args, "a list of arguments");
    }
    *out = args;
    return BARQ_OK;
}

static enum barq_status read_kwargs(const struct barq_value *map, const struct barq_value **out,
                                    struct barq_error *err)
{
    const struct barq_value *kwargs = barq_get(map, "k");
    if (barq_kind(kwargs) != BARQ_MAP) {
        return bad_key(err, "k", kwargs, "a map of arguments");
    }
    for (size_t i = 0; i < barq_count(kwargs); i++) {
        if (barq_kind(barq_key_at(kwargs, i)) != BARQ_STRING) {
            return bad_key(err, "k", kwargs, "a map whose keys are names");
        }
    }
    *out = kwargs;
    return BARQ_OK;
}

/* What is no trace counts as none, as the specification has it: no job fails for it. */
static void read_trace(const struct barq_value *map, struct bq_job_record *out)
{
    const char *traceparent = plain_text(barq_get(map, "tp"));
    const char *tracestate = plain_text(barq_get(map, "ts"));

    out->traceparent = barq_traceparent_valid(traceparent) ? traceparent : NULL;
    out->tracestate = out->traceparent && barq_tracestate_valid(tracestate) ? tracestate : NULL;
}

/* Reads on after a failure, so that all that is readable is read; the first one is told. */
static enum barq_status read_call(const struct barq_value *map, struct bq_job_record *out,
                                  struct barq_error *err)
{
    enum barq_status statuses[4];
    struct barq_error errors[4];

    statuses[0] = read_function(map, &out->function, &errors[0]);
    statuses[1] = read_args(map, &out->args, &errors[1]);
    statuses[2] = read_kwargs(map, &out->kwargs, &errors[2]);
    statuses[3] = read_try(map, &out->first_try, &errors[3]);
    for (int i = 0; i < 4; i++) {
        if (statuses[i] != BARQ_OK) {
            return bq_fail(err, statuses[i], "%s", errors[i].text);
        }
    }
    return BARQ_OK;
}

static struct bq_job_record empty_record(void)
{
    return (struct bq_job_record){
        .function = unknown,
        .args = &bq_empty_tuple,
        .kwargs = &bq_empty_map,
        .nonce = "",
    };
}

enum bq_readable bq_job_decode(struct barq_arena *arena, const void *bytes, size_t len,
                               struct bq_job_record *out, struct barq_error *err)
{
    struct barq_value *map = NULL;

    *out = empty_record();
    if (decode_map(arena, bytes, len, &map, err) != BARQ_OK ||
        read_identity(map, out, err) != BARQ_OK) {
        return BQ_READ_NOTHING;
    }
    read_trace(map, out);
    return read_call(map, out, err) == BARQ_OK ? BQ_READ_ALL : BQ_READ_IDENTITY;
}

/*
 * What a Python exception says: "ValueError: bad", and only "bad" where it is one of those that
 * barq writes. NULL: the arena is full.
 */
static const char *exception_text(struct barq_arena *arena, const struct barq_value *exception,
                                  enum bq_failure *failure)
{
    const char *name = barq_name_of(exception);
    const char *last = strchr(name, ':') ? strrchr(name, ':') : strrchr(name, '.');
    const char *text = plain_text(barq_content_of(exception));
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (strcmp(name, exceptions[i]) == 0) {
            *failure = (enum bq_failure)i;
            if (text) {
                return text;
            }
        }
    }

    last = last ? last + 1 : name;
    return text ? bq_arena_format(arena, "%s: %s", last, text) : bq_arena_strdup(arena, last);
}

/* The one of this name, if it is one of ours; else the function's own. */
static enum bq_failure failure_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (strcmp(name, exceptions[i]) == 0) {
            return (enum bq_failure)i;
        }
    }
    return BQ_FAILURE_ERROR;
}

static enum barq_status read_error(struct barq_arena *arena, const struct barq_value *map,
                                   const struct barq_value *result, struct bq_result_record *out,
                                   struct barq_error *err)
{
    if (barq_kind(result) != BARQ_NAMED) {
        out->failure = failure_named(plain_text(barq_get(map, "c")));
        out->error = plain_text(result);
        return out->error ? BARQ_OK : bad_key(err, "r", result, "an error");
    }
    out->error = exception_text(arena, result, &out->failure);
    return out->error ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "job: out of memory");
}

/* What became of the job; its result, or its error's text. */
static enum barq_status read_outcome(struct barq_arena *arena, const struct barq_value *map,
                                     struct bq_result_record *out, struct barq_error *err)
{
    const struct barq_value *success = barq_get(map, "s");
    const struct barq_value *result = barq_get(map, "r");
    if (barq_kind(success) != BARQ_BOOL) {
        return bad_key(err, "s", success, "true or false");
    }
    out->success = barq_as_bool(success, false);
    if (out->success) {
        out->result = result;
        return result ? BARQ_OK : bad_key(err, "r", result, "a result");
    }
    return read_error(arena, map, result, out, err);
}

static const char *text_or_unknown(const struct barq_value *value)
{
    const char *text = plain_text(value);

    return text ? text : unknown;
}

enum barq_status bq_result_decode(struct barq_arena *arena, const void *bytes, size_t len,
                                  struct bq_result_record *out, struct barq_error *err)
{
    struct bq_result_record record = {.job = empty_record()};
    struct barq_value *map = NULL;
    enum barq_status status = decode_map(arena, bytes, len, &map, err);
    if (status != BARQ_OK || (status = read_identity(map, &record.job, err)) != BARQ_OK ||
        (status = read_outcome(arena, map, &record, err)) != BARQ_OK ||
        (status = read_time(map, "st", &record.started_at_ms, err)) != BARQ_OK ||
        (status = read_time(map, "ft", &record.finished_at_ms, err)) != BARQ_OK ||
        (status = read_try(map, &record.job_try, err)) != BARQ_OK) {
        return status;
    }

    /* The result of a job whose call could not be read is a result all the same. */
    (void)read_call(map, &record.job, NULL);
    record.job.first_try = 0;
    record.queue = text_or_unknown(barq_get(map, "q"));
    record.id = text_or_unknown(barq_get(map, "id"));
    *out = record;
    return BARQ_OK;
}
