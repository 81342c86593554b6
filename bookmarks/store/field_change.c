/*
 * field_change.c - what becomes of the values when their field changes.
 *
 * A value that the field still allows stays. Else its text is read anew, so
 * that "5" becomes 5 and a number a text. What fits neither way is put aside,
 * or is the reason why the field does not change; and what was put aside before
 * comes back when it fits now.
 */
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "fields/value_text.h"
#include "store/fields.h"
#include "store/rows.h"
#include "store/values.h"

/* All values of a field are read before the first is written. */
enum { VALUES_MAX_BYTES = 256 * 1024 * 1024, ONE_MAX_BYTES = 1024 * 1024, SHOWN_BYTES = 80 };

/* What is to be done to one row; only those are kept that something is to be done to. */
struct step {
    struct step *next;
    const char *video_id;
    const char *json; /* as it is to be; NULL: it does not fit */
    bool same;        /* nothing changes but how it is sorted */
};

struct change {
    struct barq_session *session;
    const struct bm_field *field;
    const struct bm_field_change *how;
    bool returning;          /* these are the values that were put aside */
    bool retyped;            /* so that what is stored the same is sorted otherwise */
    struct barq_arena arena; /* of the steps */
    struct step *first;
    struct step **last;
    int64_t misfits;
    char shown[SHOWN_BYTES]; /* the first misfit */
    struct bm_field_changed done;
};

/* -- what a value becomes -- */

static const struct barq_value *renamed(const struct change *change,
                                        const struct barq_value *option)
{
    const struct barq_value *to = barq_get(change->how->renamed, barq_as_string(option, ""));

    return to ? to : option;
}

/* The value with its options renamed. */
static struct barq_value *rename_in(const struct change *change, const struct barq_value *value,
                                    struct barq_arena *arena)
{
    if (barq_kind(value) != BARQ_LIST) {
        return barq_copy(arena, renamed(change, value));
    }
    struct barq_value *list = barq_list(arena);
    for (size_t i = 0; i < barq_count(value); i++) {
        barq_add(list, barq_copy(arena, renamed(change, barq_at(value, i))));
    }
    return list;
}

/* `*out` is NULL when it fits neither as it is nor by its text. */
static enum barq_status fit(const struct change *change, const struct barq_value *value,
                            struct barq_arena *arena, struct barq_value **out,
                            struct barq_error *err)
{
    struct barq_value *now = rename_in(change, value, arena);
    const char *text = bm_value_text(now, "|", arena);
    struct barq_value *read = NULL;

    if (!now || !text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: a value is too large");
    }
    if (bm_field_check(change->field, now, NULL) == BARQ_OK) {
        *out = now;
        return BARQ_OK;
    }
    enum barq_status status = bm_value_parse(change->field, text, arena, &read, err);
    *out = status == BARQ_OK ? read : NULL;
    return status == BARQ_ERR_TYPE ? BARQ_OK : status;
}

/* -- the steps -- */

static void show(struct change *change, const char *json)
{
    size_t len = bq_utf8_cut(json, strlen(json), SHOWN_BYTES - 1);

    if (change->misfits++ == 0) {
        memcpy(change->shown, json, len);
        change->shown[len] = '\0';
    }
}

static enum barq_status add_step(struct change *change, const char *video_id, const char *json,
                                 bool same, struct barq_error *err)
{
    struct step *step = bq_arena_alloc(&change->arena, sizeof(*step));
    if (!step) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: too many values to change at once");
    }
    step->video_id = bq_arena_strdup(&change->arena, video_id);
    step->json = json ? bq_arena_strdup(&change->arena, json) : NULL;
    step->same = same;
    if (!step->video_id || (json && !step->json)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "fields: too many values to change at once");
    }
    *change->last = step;
    change->last = &step->next;
    return BARQ_OK;
}

/* One row: its video and its JSON. */
static enum barq_status plan_row(struct change *change, const char *video_id, const char *json,
                                 struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *was = NULL;
    struct barq_value *now = NULL;
    const char *becomes = NULL;

    enum barq_status status = barq_from_json(arena, json, strlen(json), &was, err);
    if (status == BARQ_OK) {
        status = fit(change, was, arena, &now, err);
    }
    if (status == BARQ_OK && now) {
        status = barq_to_json(arena, now, &becomes, NULL, err);
    }
    if (status == BARQ_OK && !now) {
        show(change, json);
    }
    bool same = becomes && strcmp(becomes, json) == 0;
    if (status != BARQ_OK || (same && !change->retyped && !change->returning)) {
        return status;
    }
    return add_step(change, video_id, becomes, same, err);
}

/* `sql` has the rows of the field ?1: a video and a value. */
static enum barq_status plan(struct change *change, const char *sql, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bq_auto(arena) struct barq_arena one;
    bq_arena_init(&one, ONE_MAX_BYTES);

    change->first = NULL;
    change->last = &change->first;
    enum barq_status status =
        barq_query(change->session, sql, BARQ_PARAMS(barq_sql_text(change->field->id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        bq_arena_reset(&one);
        status = plan_row(change, barq_column_text(rows, 0), barq_column_text(rows, 1), &one, err);
    }
    return status;
}

/* -- doing them -- */

/* What stands there, the value, and where it was. */
#define MOVE(from, to)                                                                             \
    {                                                                                              \
        "DELETE FROM " to " WHERE video_id = ?1 AND field_id = ?2",                                \
            "INSERT INTO " to " (video_id, field_id, value, source, model, model_version,"         \
            " evidence_at_seconds, evidence_quote, updated_at_ms) SELECT video_id, field_id, "     \
            "value,"                                                                               \
            " source, model, model_version, evidence_at_seconds, evidence_quote, updated_at_ms "   \
            "FROM " from " WHERE video_id = ?1 AND field_id = ?2",                                 \
            "DELETE FROM " from " WHERE video_id = ?1 AND field_id = ?2"                           \
    }

enum { MOVE_STEPS = 3 };
static const char *const put_aside[MOVE_STEPS] = MOVE("field_values", "values_aside");
static const char *const take_back[MOVE_STEPS] = MOVE("values_aside", "field_values");

static enum barq_status move(struct change *change, const char *video_id,
                             const char *const sql[MOVE_STEPS], struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (int i = 0; status == BARQ_OK && i < MOVE_STEPS; i++) {
        status =
            barq_exec(change->session, sql[i],
                      BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(change->field->id)), err);
    }
    return status;
}

static enum barq_status write_value(struct change *change, const struct step *step,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_value *value = NULL;
    struct barq_scalar number;
    struct barq_scalar text;
    bq_arena_init(&arena, ONE_MAX_BYTES);

    enum barq_status status = barq_from_json(&arena, step->json, strlen(step->json), &value, err);
    if (status == BARQ_OK) {
        status = bm_value_keys(change->field, value, &arena, &number, &text, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(change->session,
                     "UPDATE field_values SET value = ?3, value_number = ?4, value_text = ?5"
                     " WHERE video_id = ?1 AND field_id = ?2",
                     BARQ_PARAMS(barq_sql_text(step->video_id), barq_sql_text(change->field->id),
                                 barq_sql_text(step->json), number, text),
                     err);
}

static enum barq_status change_values(struct change *change, struct barq_error *err)
{
    enum barq_status status =
        plan(change, "SELECT video_id, value FROM field_values WHERE field_id = ?1", err);

    if (status == BARQ_OK && change->misfits > 0 && !change->how->set_aside) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "fields: %lld values of %s do not fit any more, the first is %s",
                       (long long)change->misfits, change->field->name, change->shown);
    }
    for (const struct step *step = change->first; status == BARQ_OK && step; step = step->next) {
        status = step->json ? write_value(change, step, err)
                            : move(change, step->video_id, put_aside, err);
        change->done.converted += step->json && !step->same;
        change->done.aside += !step->json;
    }
    return status;
}

/* Those that have been put aside before, where nothing has come in their place. */
static enum barq_status bring_back(struct change *change, struct barq_error *err)
{
    change->returning = true;
    enum barq_status status =
        plan(change,
             "SELECT a.video_id, a.value FROM values_aside a LEFT JOIN field_values v ON"
             " v.video_id = a.video_id AND v.field_id = a.field_id WHERE a.field_id = ?1"
             " AND v.video_id IS NULL",
             err);

    for (const struct step *step = change->first; status == BARQ_OK && step; step = step->next) {
        if (!step->json) {
            continue;
        }
        status = move(change, step->video_id, take_back, err);
        if (status == BARQ_OK) {
            status = write_value(change, step, err);
        }
        change->done.restored++;
    }
    return status;
}

/* What the values depend on. */
static bool is_same(const struct bm_field *a, const struct bm_field *b)
{
    return a->type == b->type && a->has_min == b->has_min && a->has_max == b->has_max &&
           !(a->min < b->min || a->min > b->min) && !(a->max < b->max || a->max > b->max) &&
           a->max_length == b->max_length && barq_count(a->options) == barq_count(b->options) &&
           (barq_count(a->options) == 0 || barq_equal(a->options, b->options));
}

static enum barq_status revalue(struct change *change, struct barq_error *err)
{
    bq_arena_init(&change->arena, VALUES_MAX_BYTES);
    enum barq_status status = change_values(change, err);
    if (status == BARQ_OK) {
        bq_arena_reset(&change->arena);
        status = bring_back(change, err);
    }
    bq_arena_clear(&change->arena);
    return status;
}

enum barq_status bm_field_update(struct barq_session *session, const char *list_id,
                                 const struct bm_field *field, const struct bm_field_change *how,
                                 int64_t now_ms, struct bm_field_changed *out,
                                 struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct change change = {.session = session, .field = field, .how = how};
    struct bm_field before;
    bq_arena_init(&arena, ONE_MAX_BYTES);

    enum barq_status status = bm_field_find(session, list_id, field->id, &arena, &before, err);
    if (status == BARQ_OK) {
        status = bm_field_write(session, list_id, field, now_ms, err);
    }
    change.retyped = before.type != field->type;
    if (status == BARQ_OK && (!is_same(&before, field) || how->renamed)) {
        status = revalue(&change, err);
    }
    if (status == BARQ_OK) {
        *out = change.done;
    }
    return status;
}
