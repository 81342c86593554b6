/*
 * after.c - the ids that a job waits for, as the text of a column: a JSON
 * list of strings, which any program can write.
 */
#include <string.h>

#include "codec/codec.h"
#include "session/inside.h"

enum barq_status bq_after_write(const struct bq_job *job, struct bq_buf *out,
                                struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;

    bq_arena_init(&arena, BQ_AFTER_ARENA_BYTES);
    struct barq_value *ids = barq_list(&arena);
    for (size_t i = 0; i < job->n_after; i++) {
        barq_add(ids, barq_string(&arena, job->after[i]));
    }
    return bq_codec_json.encode(ids, out, err);
}

/* Can it be a list of as many strings at most? Whoever wrote it, it is to cost no more memory than that. */
static bool is_small(const char *text)
{
    size_t commas = 0;
    size_t brackets = 0;
    bool within = false; /* a string */

    for (const char *at = text; *at; at++) {
        if (*at == '"') {
            within = !within;
        } else if (within) {
            at += *at == '\\' && at[1] != '\0';
        } else {
            commas += *at == ',';
            brackets += *at == '[' || *at == '{';
        }
    }
    return commas < BARQ_AFTER_MAX && brackets <= 1;
}

static enum barq_status is_no_list(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_FORMAT, "outbox: what a job waits for is no list of ids");
}

enum barq_status bq_after_read(const char *text, struct barq_arena *arena, struct bq_job *job,
                               struct barq_error *err)
{
    struct barq_value *ids = NULL;

    if (strnlen(text, BQ_AFTER_TEXT_MAX_BYTES + 1) > BQ_AFTER_TEXT_MAX_BYTES || !is_small(text)) {
        return is_no_list(err);
    }
    enum barq_status status = bq_codec_json.decode(arena, text, strlen(text), &ids, err);
    if (status != BARQ_OK) {
        return status;
    }
    size_t count = barq_kind(ids) == BARQ_LIST ? barq_count(ids) : 0;
    const char **after = bq_arena_array(arena, count + 1, sizeof(char *));
    if (!after) {
        return bq_fail(err, BARQ_ERR_NOMEM, "outbox: arena is full");
    }
    for (size_t i = 0; i < count; i++) {
        const struct barq_value *id = barq_at(ids, i);
        size_t len;

        after[i] = barq_as_bytes(id, &len);
        if (barq_kind(id) != BARQ_STRING || strlen(after[i]) != len) {
            return is_no_list(err);
        }
    }
    job->after = after;
    job->n_after = count;
    return barq_kind(ids) == BARQ_LIST ? BARQ_OK : is_no_list(err);
}
