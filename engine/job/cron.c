#include "job/cron.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "codec/codec.h"
#include "job/record.h"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* -- what the settings say -- */

static bool is_some_field(const struct barq_cron *cron)
{
    return cron->month || cron->day || cron->weekday || cron->hour || cron->minute || cron->second;
}

static enum barq_status read_schedule(const struct barq_cron *cron, struct bq_cron *out,
                                      struct barq_error *err)
{
    if (cron->expression && is_some_field(cron)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "it has an expression and single fields; give one of them");
    }
    if (cron->expression) {
        return bq_cron_parse(cron->expression, out, err);
    }
    if (!is_some_field(cron)) {
        return bq_fail(err, BARQ_ERR_ARG, "it has neither an expression nor single fields");
    }
    const struct bq_cron_fields fields = {
        .month = cron->month,
        .day = cron->day,
        .weekday = cron->weekday,
        .hour = cron->hour,
        .minute = cron->minute,
        .second = cron->second,
    };
    return bq_cron_parse_fields(&fields, out, err);
}

static enum barq_status check_names(const struct barq_cron *cron, const char *name,
                                    struct barq_error *err)
{
    if (!bq_name_valid(name) || strlen(name) > BQ_CRON_NAME_MAX_BYTES || strchr(name, ':')) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "its name must be 1 to %d bytes of UTF-8 without colons and control "
                       "characters",
                       BQ_CRON_NAME_MAX_BYTES);
    }
    if (cron->queue && !bq_name_valid(cron->queue)) {
        return bq_fail(err, BARQ_ERR_ARG, "its queue is no name of 1 to 255 bytes");
    }
    if (cron->missed < BARQ_MISSED_SKIP || cron->missed > BARQ_MISSED_ALL) {
        return bq_fail(err, BARQ_ERR_ARG, "there is no such enum barq_missed");
    }
    return BARQ_OK;
}

static enum barq_status copy(struct barq_arena *arena, const struct barq_cron *cron,
                             const char *name, struct bq_cron_job *out, struct barq_error *err)
{
    char text[BQ_CRON_TEXT_BYTES];
    struct bq_cron schedule;

    enum barq_status status = check_names(cron, name, err);
    if (status == BARQ_OK) {
        status = read_schedule(cron, &schedule, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    bq_cron_text(&schedule, text);
    struct bq_cron_job job = {
        .name = name,
        .function = cron->function,
        .schedule = bq_arena_strdup(arena, text),
        .time_zone = or_empty(cron->time_zone),
        .queue = or_empty(cron->queue),
        .arguments = or_empty(cron->arguments),
        .run_at_startup = cron->run_at_startup,
        .missed = cron->missed,
    };
    if (!job.schedule) {
        return bq_fail(err, BARQ_ERR_NOMEM, "arena is full");
    }
    struct bq_cron_meaning meaning;
    struct bq_job run;
    status = bq_cron_job_read(arena, &job, &meaning, err);
    if (status == BARQ_OK) {
        status = bq_cron_job_make(arena, &bq_codec_json, &job, &meaning, "q", 0, &run, err);
    }
    if (status == BARQ_OK) {
        *out = job;
    }
    return status;
}

enum barq_status bq_cron_job_of(struct barq_arena *arena, const struct barq_cron *cron,
                                struct bq_cron_job *out, struct barq_error *err)
{
    const char *name = cron->name ? cron->name : cron->function;
    struct barq_error why;

    enum barq_status status = copy(arena, cron, name, out, &why);
    return status == BARQ_OK ? status
                             : bq_fail(err, status, "cron job '%.80s': %s", name, why.text);
}

/* -- what its texts mean -- */

static enum barq_status read_arguments(struct barq_arena *arena, const char *text,
                                       struct bq_cron_meaning *out, struct barq_error *err)
{
    struct barq_value *value = NULL;

    if (text[0] == '\0') {
        return BARQ_OK;
    }
    if (strlen(text) > BQ_CRON_ARGUMENTS_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "its arguments have more than %d bytes",
                       BQ_CRON_ARGUMENTS_MAX_BYTES);
    }
    enum barq_status status = bq_codec_json.decode(arena, text, strlen(text), &value, err);
    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "its arguments");
        return status;
    }
    if (barq_kind(value) != BARQ_LIST && barq_kind(value) != BARQ_MAP) {
        return bq_fail(err, BARQ_ERR_TYPE,
                       "its arguments are neither an array nor an object of JSON");
    }
    *(barq_kind(value) == BARQ_LIST ? &out->args : &out->kwargs) = value;
    return BARQ_OK;
}

enum barq_status bq_cron_job_read(struct barq_arena *arena, const struct bq_cron_job *job,
                                  struct bq_cron_meaning *out, struct barq_error *err)
{
    struct bq_cron_meaning meaning = {.zone = NULL};

    enum barq_status status = bq_cron_parse(job->schedule, &meaning.schedule, err);
    if (status == BARQ_OK) {
        status = bq_zone_open(arena, job->time_zone, &meaning.zone, err);
    }
    if (status == BARQ_OK) {
        status = read_arguments(arena, job->arguments, &meaning, err);
    }
    if (status == BARQ_OK) {
        *out = meaning;
    }
    return status;
}

enum barq_status bq_cron_job_make(struct barq_arena *arena, const struct bq_codec *codec,
                                  const struct bq_cron_job *job,
                                  const struct bq_cron_meaning *meaning, const char *queue,
                                  int64_t at_ms, struct bq_job *out, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf bytes;
    const struct bq_job_record record = {
        .function = job->function,
        .args = meaning->args,
        .kwargs = meaning->kwargs,
        .enqueued_at_ms = at_ms,
        .nonce = "",
    };

    bq_buf_init(&bytes, BARQ_DEFAULT_PAYLOAD_MAX_BYTES);
    enum barq_status status = bq_job_encode(codec, &record, &bytes, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bq_job made = {
        .id = bq_arena_format(arena, "cron:%s:%s:%lld", queue, job->name, (long long)at_ms),
        .queue = bq_arena_strdup(arena, queue),
        .payload = bq_arena_memdup(arena, bytes.data, bytes.len),
        .payload_bytes = bytes.len,
        .enqueued_at_ms = at_ms,
        .due_at_ms = at_ms,
        .function = bq_arena_strdup(arena, job->function),
    };
    if (!made.id || !made.queue || !made.payload || !made.function) {
        return bq_fail(err, BARQ_ERR_NOMEM, "cron: arena is full");
    }
    *out = made;
    return BARQ_OK;
}

int64_t bq_cron_due(const struct bq_cron_meaning *meaning, enum barq_missed missed,
                    int64_t first_ms, int64_t now_ms, int *catch_up)
{
    int64_t late_from_ms = now_ms - BQ_CRON_LATE_MS;

    if (first_ms >= late_from_ms) {
        return first_ms;
    }
    if (missed == BARQ_MISSED_ALL && *catch_up > 0) {
        *catch_up -= 1;
        return first_ms;
    }
    if (missed == BARQ_MISSED_ONCE) {
        return bq_cron_last(&meaning->schedule, meaning->zone, first_ms, late_from_ms);
    }
    return bq_cron_next(&meaning->schedule, meaning->zone, late_from_ms - 1);
}
