#include "search/parts.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "fields/label.h"
#include "search/fold.h"
#include "search/match.h"
#include "store/lists.h"

/*
 * To ask for each video whether it is a hit of full text search costs much more than to keep the
 * hits: so up to SOME of them are. PostgreSQL reads a text for each that it counts: so it counts less.
 */
enum { FEW = 2000, SOME = 30000, SOME_TEXTS = 5000, CHANNEL_ID_BYTES = 24 };

/* What a condition is put with. */
struct putting {
    struct barq_session *session;
    struct barq_arena *arena;
    const struct bm_scope *scope;
    struct bm_sql *sql;
};

/* -- sets -- */

/* How many rows there are, of which no more than `most` are counted. */
static enum barq_status count_up_to(struct barq_session *session, const struct bm_sql *from,
                                    int64_t most, int64_t *out, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql probe;
    bm_sql_init(&probe);

    bm_sql_put(&probe, "SELECT count(*) FROM (SELECT 1");
    bm_sql_append(&probe, from);
    bm_sql_put(&probe, " LIMIT ");
    bm_sql_int(&probe, most);
    bm_sql_put(&probe, ") some_rows");
    return bm_sql_query_int(session, &probe, out, err);
}

/* SQLite begins with those of the set: good, when there are few, or when all are wanted. */
static void put_few(struct bm_sql *sql, const struct bm_sql *from, bool is_not)
{
    bm_sql_put(sql,
               is_not ? " AND v.id NOT IN (SELECT k.video_id" : " AND v.id IN (SELECT k.video_id");
    bm_sql_append(sql, from);
    bm_sql_put(sql, ")");
}

/* It goes by the page's order, and looks among the hits, which are kept by number: their texts are not read. A video
 * that is not indexed yet has none, and is no hit. */
static void put_kept(struct bm_sql *sql, const struct bm_sql *hits, bool is_not)
{
    bm_sql_put(sql, " AND coalesce((SELECT number FROM video_texts WHERE video_id = v.id), 0)");
    bm_sql_put(sql, is_not ? " NOT IN (SELECT rowid" : " IN (SELECT rowid");
    bm_sql_append(sql, hits);
    bm_sql_put(sql, ")");
}

/* Each video is asked whether it is in the set; or PostgreSQL sees to it as it thinks best. */
static void put_many(struct bm_sql *sql, const struct bm_sql *from, bool is_not, const char *more)
{
    bm_sql_put(sql, is_not ? " AND NOT EXISTS (SELECT 1" : " AND EXISTS (SELECT 1");
    bm_sql_append(sql, from);
    bm_sql_put(sql, " AND k.video_id = v.id");
    bm_sql_put(sql, more);
    bm_sql_put(sql, ")");
}

/* With an offset PostgreSQL does not make a join of it, which begins with all that are in the set. */
#define ASK_EACH " OFFSET 0"

static enum barq_status put_set_postgresql(struct barq_session *session,
                                           const struct bm_scope *scope, struct bm_sql *sql,
                                           const struct bm_sql *from, bool is_not, int64_t most,
                                           struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    int64_t count = 0;

    if (!scope->is_whole) {
        status = count_up_to(session, from, most + 1, &count, err);
    }
    put_many(sql, from, is_not, count > most ? ASK_EACH : "");
    return status;
}

enum barq_status bm_parts_put_set(struct barq_session *session, const struct bm_scope *scope,
                                  struct bm_sql *sql, const struct bm_sql *from, bool is_not,
                                  struct barq_error *err)
{
    int64_t count = 0;
    if (!bm_is_sqlite(session)) {
        return put_set_postgresql(session, scope, sql, from, is_not, FEW, err);
    }

    enum barq_status status = count_up_to(session, from, FEW + 1, &count, err);
    if (count <= FEW) {
        put_few(sql, from, is_not);
    } else {
        put_many(sql, from, is_not, "");
    }
    return status;
}

/* -- columns -- */

/* What is unknown is not so, and not is "not so". */
static void begin(const struct putting *putting, const struct bm_part *part)
{
    bm_sql_put(putting->sql, part->is_not ? " AND 0 = CASE WHEN (" : " AND (");
}

static void end(const struct putting *putting, const struct bm_part *part)
{
    bm_sql_put(putting->sql, part->is_not ? ") THEN 1 ELSE 0 END" : ")");
}

static enum barq_status put_is(const struct putting *putting, const struct bm_part *part,
                               struct barq_error *err)
{
    static const char *const conditions[] = {
        [BM_IS_FAILED] = "v.status = 'failed'",
        [BM_IS_PENDING] = "v.status = 'pending'",
        [BM_IS_COMPLETED] = "v.status = 'completed'",
        [BM_IS_WATCHED] = "v.watched_at_ms IS NOT NULL",
        [BM_IS_UNWATCHED] = "v.watched_at_ms IS NULL",
        [BM_IS_GONE] = "v.availability = 'gone'",
        [BM_IS_PRIVATE] = "v.availability = 'private'",
        [BM_IS_LIVE] = "v.live = 'live'",
    };

    (void)err;
    begin(putting, part);
    bm_sql_put(putting->sql, conditions[part->is]);
    end(putting, part);
    return BARQ_OK;
}

static enum barq_status put_range(const struct putting *putting, const struct bm_part *part,
                                  struct barq_error *err)
{
    const char *column = part->kind == BM_PART_DURATION    ? "v.duration_seconds"
                         : part->kind == BM_PART_VIEWS     ? "v.view_count"
                         : part->kind == BM_PART_PUBLISHED ? "v.published_at_ms"
                                                           : "coalesce(v.added_at_ms,"
                                                             " v.created_at_ms)";

    (void)err;
    begin(putting, part);
    if (part->range.least != INT64_MIN) {
        bm_sql_put(putting->sql, column);
        bm_sql_put(putting->sql, " >= ");
        bm_sql_int(putting->sql, part->range.least);
    }
    if (part->range.below != INT64_MAX) {
        bm_sql_put(putting->sql, part->range.least != INT64_MIN ? " AND " : "");
        bm_sql_put(putting->sql, column);
        bm_sql_put(putting->sql, " < ");
        bm_sql_int(putting->sql, part->range.below);
    }
    end(putting, part);
    return BARQ_OK;
}

/* -- what has a name -- */

static enum barq_status put_list(const struct putting *putting, const struct bm_part *part,
                                 struct barq_error *err)
{
    const char *id = NULL;

    enum barq_status status = bm_list_id(putting->session, part->text, putting->arena, &id, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, BARQ_ERR_ARG, "search: there is no list %.64s", part->text);
    }
    if (status == BARQ_OK) {
        begin(putting, part);
        bm_sql_put(putting->sql, "v.list_id = ");
        bm_sql_text(putting->sql, id);
        end(putting, part);
    }
    return status;
}

static void put_tag_key(const struct putting *putting, struct bm_sql *from, const char *name)
{
    char *key = bq_arena_alloc(putting->arena, BM_LABEL_KEY_BYTES);

    from->is_full |= !key;
    if (key) {
        bm_label_key(name, key);
        bm_sql_text(from, key);
    }
}

/* A tag that there is not is one that no video has: a saved view outlives it. */
static enum barq_status put_tag(const struct putting *putting, const struct bm_part *part,
                                struct barq_error *err)
{
    bm_auto(sql) struct bm_sql from;
    bm_sql_init(&from);

    bm_sql_put(&from, " FROM video_tags k WHERE k.tag_id IN (SELECT id FROM tags WHERE name_key"
                      " IN (");
    put_tag_key(putting, &from, part->text);
    for (size_t i = 0; i < part->n_also; i++) {
        bm_sql_put(&from, ", ");
        put_tag_key(putting, &from, part->also[i]);
    }
    bm_sql_put(&from, "))");
    return bm_parts_put_set(putting->session, putting->scope, putting->sql, &from, part->is_not,
                            err);
}

static bool is_channel_id(const char *text)
{
    return strlen(text) == CHANNEL_ID_BYTES && text[0] == 'U' && text[1] == 'C';
}

static enum barq_status put_channel(const struct putting *putting, const struct bm_part *part,
                                    struct barq_error *err)
{
    bm_auto(sql) struct bm_sql from;
    struct bm_word word;
    bm_sql_init(&from);

    if (is_channel_id(part->text)) {
        begin(putting, part);
        bm_sql_put(putting->sql, "v.channel_id = ");
        bm_sql_text(putting->sql, part->text);
        end(putting, part);
        return BARQ_OK;
    }
    if (!bm_next_word(part->text, 0, &word)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "search: the channel %.64s has no letter or digit to look for", part->text);
    }
    bm_match_put_channel(&from, bm_is_sqlite(putting->session), putting->arena, part->text);
    return bm_parts_put_set(putting->session, putting->scope, putting->sql, &from, part->is_not,
                            err);
}

/* -- words -- */

/* Those that must be there, together (`only` NULL), or one that must not. */
static enum barq_status put_words_sqlite(const struct putting *putting, const struct bm_part *only,
                                         const struct bm_sql *from, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql hits; /* of the index alone: it can count them */
    bool is_not = only != NULL;
    int64_t count = 0;
    bm_sql_init(&hits);

    if (putting->scope->is_whole) {
        put_few(putting->sql, from, is_not);
        return BARQ_OK;
    }
    bm_match_put_hits(&hits, true, putting->arena, putting->scope->query, only);
    enum barq_status status = count_up_to(putting->session, &hits, SOME + 1, &count, err);
    if (count <= FEW) {
        put_few(putting->sql, from, is_not);
    } else if (count <= SOME) {
        put_kept(putting->sql, &hits, is_not);
    } else {
        put_many(putting->sql, from, is_not, "");
    }
    return status;
}

static enum barq_status put_words(const struct putting *putting, const struct bm_part *only,
                                  struct barq_error *err)
{
    bm_auto(sql) struct bm_sql from;
    bool is_sqlite = bm_is_sqlite(putting->session);
    bm_sql_init(&from);

    bm_match_put(&from, is_sqlite, putting->arena, putting->scope->query, only);
    return is_sqlite ? put_words_sqlite(putting, only, &from, err)
                     : put_set_postgresql(putting->session, putting->scope, putting->sql, &from,
                                          only != NULL, SOME_TEXTS, err);
}

/* -- all -- */

static enum barq_status put_part(const struct putting *putting, const struct bm_part *part,
                                 struct barq_error *err)
{
    switch (part->kind) {
    case BM_PART_TEXT:
        return part->is_not ? put_words(putting, part, err) : BARQ_OK;
    case BM_PART_TAG:
        return put_tag(putting, part, err);
    case BM_PART_CHANNEL:
        return put_channel(putting, part, err);
    case BM_PART_LIST:
        return put_list(putting, part, err);
    case BM_PART_IS:
        return put_is(putting, part, err);
    case BM_PART_FIELD:
        return bm_field_part_put(putting->session, putting->arena, putting->scope, part,
                                 putting->sql, err);
    case BM_PART_DURATION:
    case BM_PART_ADDED:
    case BM_PART_PUBLISHED:
    case BM_PART_VIEWS:
        return put_range(putting, part, err);
    }
    return BARQ_ERR_BUG;
}

enum barq_status bm_parts_put(struct barq_session *session, struct barq_arena *arena,
                              const struct bm_scope *scope, bool without_words, struct bm_sql *sql,
                              struct barq_error *err)
{
    struct putting putting = {session, arena, scope, sql};
    const struct bm_query *query = scope->query;
    enum barq_status status = BARQ_OK;

    if (scope->list_id) {
        bm_sql_put(sql, " AND v.list_id = ");
        bm_sql_text(sql, scope->list_id);
    }
    for (size_t i = 0; status == BARQ_OK && i < query->count; i++) {
        status = put_part(&putting, &query->parts[i], err);
    }
    if (status == BARQ_OK && !without_words && bm_match_has_words(query)) {
        status = put_words(&putting, NULL, err);
    }
    return status;
}
