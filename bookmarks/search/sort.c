#include "search/sort.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "fields/field.h"

/* The same words as in the indexes of the tables. */
static const struct bm_sort sorts[] = {
    {.name = "position", .key = "v.position", .is_never_null = true},
    {.name = "title",
     .key = "lower(substr(coalesce(v.own_title, v.title), 1, 200))",
     .known = "coalesce(v.own_title, v.title) IS NOT NULL"},
    {.name = "channel",
     .key = "lower(substr(v.channel, 1, 200))",
     .known = "v.channel IS NOT NULL"},
    {.name = "duration", .key = "v.duration_seconds"},
    {.name = "published", .key = "v.published_at_ms"},
    {.name = "added", .key = "coalesce(v.added_at_ms, v.created_at_ms)", .is_never_null = true},
    {.name = "views", .key = "v.view_count"},
    {.name = "likes", .key = "v.like_count"},
    {.name = "comments", .key = "v.comment_count"},
    {.name = "status", .key = "v.status", .is_never_null = true},
    {.name = "watched", .key = "v.watched_at_ms"},
    {.name = "availability", .key = "v.availability", .is_never_null = true},
    {.name = "language", .key = "v.language"},
    {.name = "category", .key = "v.category"},
    {.name = "created_at", .key = "v.created_at_ms", .is_never_null = true},
    {.name = "updated_at", .key = "v.updated_at_ms", .is_never_null = true},
    {.name = "rank", .key = "found.key", .is_never_null = true, .is_rank = true},
};
#define SORTS                                                                                      \
    "position, title, channel, duration, published, added, views, likes, comments, status,"        \
    " watched, availability, language, category, created_at, updated_at, rank or field:NAME"

/* Numbers go by number, everything else by text; where lists differ, most of them. */
static enum barq_status find_field(struct barq_session *session, struct barq_arena *arena,
                                   const struct bm_scope *scope, const char *name,
                                   struct bm_sort *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(
        session,
        "SELECT type, name FROM fields WHERE (name = ?1 OR id = ?1) AND (CAST(?2 AS TEXT) IS NULL"
        " OR list_id = ?2) GROUP BY type, name ORDER BY count(*) DESC, type, name LIMIT 1",
        BARQ_PARAMS(barq_sql_text(name), barq_sql_text(scope->list_id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    enum bm_field_type type = BM_TEXT;
    if (!more || !bm_field_type_parse(barq_column_text(rows, 0), &type)) {
        return bq_fail(err, BARQ_ERR_ARG, "search: there is no field %.64s to sort by", name);
    }
    bool is_number = bm_field_is_number(type) || type == BM_BOOLEAN;
    const char *field = bq_arena_strdup(arena, barq_column_text(rows, 1));
    *out = (struct bm_sort){.name = field ? bq_arena_format(arena, "field:%s", field) : NULL,
                            .key = is_number ? "kk.value_number" : "kk.value_text",
                            .field = field};
    return out->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full");
}

enum barq_status bm_sort_find(struct barq_session *session, struct barq_arena *arena,
                              const struct bm_scope *scope, const char *name, struct bm_sort *out,
                              bool *descending, struct barq_error *err)
{
    if (*name == '-') {
        *descending = true;
        name++;
    }
    if (bq_starts_with(name, "field:")) {
        return find_field(session, arena, scope, name + strlen("field:"), out, err);
    }
    for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
        if (strcmp(name, sorts[i].name) == 0) {
            *out = sorts[i];
            return BARQ_OK;
        }
    }
    return bq_fail(err, BARQ_ERR_ARG, "search: there is no order %.64s, but " SORTS, name);
}
