#include "search/find.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "search/cursor.h"
#include "search/match.h"
#include "search/sort.h"
#include "store/rows.h"
#include "store/store.h"

enum { HASH_BYTES = 20 };

/* One page while it is read: first those that have a key, then those that have none. */
struct page {
    struct barq_session *session;
    struct barq_arena *arena;
    const struct bm_listing *listing;
    struct bm_sort sort;
    bool descending;
    bool has_cursor;
    struct bm_cursor cursor;
    char of[HASH_BYTES];
    const char **ids;
    double *ranks;
    size_t count;
    size_t wanted; /* one more than the page, to see whether there is one */
    struct barq_scalar last_key;
    bool last_is_null;
};

static enum barq_status starved(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full");
}

/* -- what is asked for -- */

/* Are there more than can be ranked in time? */
static enum barq_status is_common(const struct page *page, bool *out, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql sql;
    int64_t count = 0;
    bm_sql_init(&sql);

    bm_sql_put(&sql, "SELECT count(*) FROM (SELECT 1 AS one");
    bm_match_put_hits(&sql, bm_is_sqlite(page->session), page->arena, page->listing->scope.query,
                      NULL);
    bm_sql_put(&sql, " LIMIT ");
    bm_sql_int(&sql, BM_RANKED_MAX + 1);
    bm_sql_put(&sql, ") hits");
    enum barq_status status = bm_sql_query_int(page->session, &sql, &count, err);
    *out = count > BM_RANKED_MAX;
    return status;
}

static enum barq_status find_sort(struct page *page, const char *name, struct barq_error *err)
{
    return bm_sort_find(page->session, page->arena, &page->listing->scope, name, &page->sort,
                        &page->descending, err);
}

/* An order that was not asked for, when there is nothing to rank by. */
static enum barq_status newest_first(struct page *page, struct barq_error *err)
{
    return find_sort(page, "-added", err);
}

static enum barq_status choose_sort(struct page *page, struct barq_error *err)
{
    const struct bm_listing *listing = page->listing;
    bool has_words = bm_match_has_words(listing->scope.query);
    const char *name = listing->sort             ? listing->sort
                       : has_words               ? "rank"
                       : !listing->scope.list_id ? "-added"
                                                 : "position";
    bool common = false;

    page->descending = listing->descending;
    enum barq_status status = find_sort(page, name, err);
    if (status != BARQ_OK || !page->sort.is_rank) {
        return status;
    }
    if (!has_words) {
        return newest_first(page, err);
    }
    status = is_common(page, &common, err);
    return status == BARQ_OK && common ? newest_first(page, err) : status;
}

/* A cursor knows its order: what was common meanwhile, or is not any more, changes nothing. */
static enum barq_status go_on(struct page *page, struct barq_error *err)
{
    struct bm_cursor *cursor = &page->cursor;

    enum barq_status status = bm_cursor_parse(page->arena, page->listing->cursor, cursor, err);
    if (status == BARQ_OK && strcmp(cursor->of, page->of) != 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "search: this cursor belongs to another query or order: begin without one");
    }
    if (status == BARQ_OK) {
        status = find_sort(page, cursor->sort, err);
    }
    if (status == BARQ_OK && page->sort.is_rank &&
        !bm_match_has_words(page->listing->scope.query)) {
        return bq_fail(err, BARQ_ERR_ARG, "search: this cursor is none: begin without one");
    }
    page->descending = cursor->descending;
    page->has_cursor = true;
    return status;
}

static void note_question(struct page *page)
{
    const struct bm_listing *listing = page->listing;
    const char *const texts[] = {listing->scope.list_id ? listing->scope.list_id : "",
                                 listing->text, listing->sort ? listing->sort : "",
                                 listing->descending ? "-" : ""};
    uint64_t hash = 0;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        hash = hash * 31 + bq_hash(texts[i], strlen(texts[i]));
    }
    snprintf(page->of, sizeof(page->of), "%llx", (unsigned long long)hash);
}

/* -- statements -- */

/* Where a field's values are: of one list, or of all that have a field of this name. */
static void put_field(const struct page *page, struct bm_sql *sql)
{
    const char *list_id = page->listing->scope.list_id;

    bm_sql_put(sql, list_id ? "kk.field_id = (SELECT id FROM fields WHERE name = "
                            : "kk.field_id IN (SELECT id FROM fields WHERE name = ");
    bm_sql_text(sql, page->sort.field);
    if (list_id) {
        bm_sql_put(sql, " AND list_id = ");
        bm_sql_text(sql, list_id);
    }
    bm_sql_put(sql, ")");
}

static void put_from(const struct page *page, struct bm_sql *sql)
{
    bool is_sqlite = bm_is_sqlite(page->session);

    if (page->sort.is_rank) {
        bm_sql_put(sql, "WITH found(id, key) AS MATERIALIZED (SELECT k.video_id, ");
        bm_match_put_rank(sql, is_sqlite, page->listing->scope.query);
        bm_match_put(sql, is_sqlite, page->arena, page->listing->scope.query, NULL);
        bm_sql_put(sql, ") SELECT v.id, found.key FROM found CROSS JOIN videos v"
                        " WHERE v.id = found.id");
        return;
    }
    bm_sql_put(sql, "SELECT v.id, ");
    bm_sql_put(sql, page->sort.key);
    if (page->sort.field) {
        bm_sql_put(sql, " FROM field_values kk CROSS JOIN videos v WHERE v.id = kk.video_id AND ");
        put_field(page, sql);
    } else {
        bm_sql_put(sql, " FROM videos v WHERE 1 = 1");
    }
}

/* Behind the cursor: both columns are an index's, so that reading begins there. */
static void put_after(const struct page *page, struct bm_sql *sql, const char *key, const char *id)
{
    bm_sql_put(sql, " AND (");
    bm_sql_put(sql, key);
    bm_sql_put(sql, ", ");
    bm_sql_put(sql, id);
    bm_sql_put(sql, page->descending ? ") < (" : ") > (");
    bm_sql_param(sql, page->cursor.key);
    bm_sql_put(sql, ", ");
    bm_sql_text(sql, page->cursor.id);
    bm_sql_put(sql, ")");
}

static void put_order(const struct page *page, struct bm_sql *sql, const char *key, const char *id)
{
    const char *way = page->descending ? " DESC" : "";

    bm_sql_put(sql, " ORDER BY ");
    bm_sql_put(sql, key);
    bm_sql_put(sql, way);
    bm_sql_put(sql, ", ");
    bm_sql_put(sql, id);
    bm_sql_put(sql, way);
    bm_sql_put(sql, " LIMIT ");
    bm_sql_int(sql, (int64_t)(page->wanted - page->count));
}

static enum barq_status read_rows(struct page *page, const struct bm_sql *sql, bool is_null,
                                  struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool full = false;

    enum barq_status status = bm_sql_query(page->session, sql, &rows, err);
    for (bool more = true; status == BARQ_OK && page->count < page->wanted;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_scalar key = barq_column(rows, 1);
        page->ranks[page->count] = page->sort.is_rank ? barq_column_double(rows, 1) : 0;
        page->ids[page->count++] = bm_row_text(rows, 0, page->arena, &full);
        if (page->count < page->wanted) { /* the last one of the page, so far */
            if (key.kind == BARQ_STRING) {
                key = barq_sql_text(bm_row_text(rows, 1, page->arena, &full));
            }
            page->last_key = key;
            page->last_is_null = is_null;
        }
    }
    return status == BARQ_OK && full ? starved(err) : status;
}

static enum barq_status put_parts(const struct page *page, struct bm_sql *sql,
                                  struct barq_error *err)
{
    return bm_parts_put(page->session, page->arena, &page->listing->scope, page->sort.is_rank, sql,
                        err);
}

static void put_offset(struct bm_sql *sql, int64_t offset)
{
    if (offset > 0) {
        bm_sql_put(sql, " OFFSET ");
        bm_sql_int(sql, offset);
    }
}

/* All that have a key, in no order. */
static enum barq_status put_keyed(const struct page *page, struct bm_sql *sql,
                                  struct barq_error *err)
{
    put_from(page, sql);
    enum barq_status status = put_parts(page, sql, err);
    if (status == BARQ_OK && !page->sort.is_never_null) {
        bm_sql_put(sql, " AND ");
        bm_sql_put(sql, page->sort.known ? page->sort.known : page->sort.key);
        bm_sql_put(sql, page->sort.known ? "" : " IS NOT NULL");
    }
    return status;
}

static enum barq_status read_keyed(struct page *page, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql sql;
    const char *id = page->sort.field ? "kk.video_id" : "v.id"; /* as the key's index has it */
    bm_sql_init(&sql);

    enum barq_status status = put_keyed(page, &sql, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (page->has_cursor) {
        put_after(page, &sql, page->sort.key, id);
    }
    put_order(page, &sql, page->sort.key, id);
    put_offset(&sql, page->has_cursor ? 0 : (int64_t)page->listing->offset);
    return read_rows(page, &sql, false, err);
}

/* The same as put_keyed, to be counted: the values of a list's field are counted without their videos. */
static enum barq_status put_countable(const struct page *page, struct bm_sql *sql,
                                      struct barq_error *err)
{
    const struct bm_scope *scope = &page->listing->scope;

    if (!page->sort.field || !scope->list_id || scope->query->count > 0) {
        return put_keyed(page, sql, err);
    }
    bm_sql_put(sql, "SELECT 1 AS one FROM field_values kk WHERE ");
    put_field(page, sql);
    bm_sql_put(sql, " AND ");
    bm_sql_put(sql, page->sort.key);
    bm_sql_put(sql, " IS NOT NULL");
    return BARQ_OK;
}

/* How many of those without a key are passed over, when those with one were not enough for that. */
static enum barq_status find_keyless_offset(const struct page *page, int64_t *out,
                                            struct barq_error *err)
{
    bm_auto(sql) struct bm_sql sql;
    int64_t keyed = 0;
    bm_sql_init(&sql);

    *out = 0;
    if (page->has_cursor || page->count > 0 || page->listing->offset == 0) {
        return BARQ_OK;
    }
    bm_sql_put(&sql, "SELECT count(*) FROM (");
    enum barq_status status = put_countable(page, &sql, err);
    bm_sql_put(&sql, ") keyed");
    if (status == BARQ_OK) {
        status = bm_sql_query_int(page->session, &sql, &keyed, err);
    }
    *out = (int64_t)page->listing->offset - keyed;
    return status;
}

static void put_keyless(const struct page *page, struct bm_sql *sql)
{
    bm_sql_put(sql, "SELECT v.id, v.position FROM videos v WHERE ");
    if (page->sort.field) {
        bm_sql_put(sql, "NOT EXISTS (SELECT 1 FROM field_values kk WHERE kk.video_id = v.id AND ");
        put_field(page, sql);
        bm_sql_put(sql, " AND ");
        bm_sql_put(sql, page->sort.key);
        bm_sql_put(sql, " IS NOT NULL)");
    } else {
        bm_sql_put(sql, page->sort.key);
        bm_sql_put(sql, " IS NULL");
    }
}

/* Those that have no key go by their position. */
static enum barq_status read_keyless(struct page *page, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql sql;
    int64_t offset = 0;
    bm_sql_init(&sql);

    enum barq_status status = find_keyless_offset(page, &offset, err);
    if (status != BARQ_OK) {
        return status;
    }
    put_keyless(page, &sql);
    status = put_parts(page, &sql, err);
    if (status == BARQ_OK && page->has_cursor && page->cursor.is_null) {
        put_after(page, &sql, "v.position", "v.id");
    }
    put_order(page, &sql, "v.position", "v.id");
    put_offset(&sql, offset);
    return status == BARQ_OK ? read_rows(page, &sql, true, err) : status;
}

/* -- how many there are -- */

/* Nothing but words, anywhere: the index alone can count. */
static bool is_words_only(const struct bm_scope *scope)
{
    for (size_t i = 0; i < scope->query->count; i++) {
        const struct bm_part *part = &scope->query->parts[i];
        if (part->kind != BM_PART_TEXT || part->is_not) {
            return false;
        }
    }
    return !scope->list_id && scope->query->count > 0;
}

static enum barq_status count_all(const struct page *page, int64_t *out, struct barq_error *err)
{
    bm_auto(sql) struct bm_sql sql;
    struct bm_scope whole = page->listing->scope;
    whole.is_whole = true;
    bm_sql_init(&sql);

    if (is_words_only(&whole)) {
        bm_sql_put(&sql, "SELECT count(*)");
        bm_match_put_hits(&sql, bm_is_sqlite(page->session), page->arena, whole.query, NULL);
        return bm_sql_query_int(page->session, &sql, out, err);
    }
    bm_sql_put(&sql, "SELECT count(*) FROM videos v WHERE 1 = 1");
    enum barq_status status = bm_parts_put(page->session, page->arena, &whole, false, &sql, err);
    return status == BARQ_OK ? bm_sql_query_int(page->session, &sql, out, err) : status;
}

/* All are counted for the first page only, and not where that one has them all. */
static enum barq_status find_total(const struct page *page, int64_t *out, struct barq_error *err)
{
    const struct bm_listing *listing = page->listing;
    bool is_last = !page->has_cursor && page->count <= listing->limit &&
                   (page->count > 0 || listing->offset == 0);

    *out = page->has_cursor ? page->cursor.total : -1;
    if (!listing->is_counted || *out >= 0) {
        return BARQ_OK;
    }
    if (is_last) {
        *out = (int64_t)(listing->offset + page->count);
        return BARQ_OK;
    }
    return count_all(page, out, err);
}

/* -- pages -- */

static enum barq_status finish(struct page *page, struct bm_found *out, struct barq_error *err)
{
    size_t limit = page->listing->limit;
    struct bm_found found = {.ids = page->ids, .ranks = page->ranks, .count = page->count};

    enum barq_status status = find_total(page, &found.total, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (page->count > limit) {
        struct bm_cursor cursor = {
            .sort = page->sort.name,
            .descending = page->descending,
            .is_null = page->last_is_null,
            .of = page->of,
            .key = page->last_key,
            .id = page->ids[limit - 1],
            .total = found.total,
        };
        found.count = limit;
        found.next = bm_cursor_text(page->arena, &cursor);
        if (!found.next) {
            return starved(err);
        }
    }
    *out = found;
    return BARQ_OK;
}

enum barq_status bm_find(struct barq_session *session, struct barq_arena *arena,
                         const struct bm_listing *listing, struct bm_found *out,
                         struct barq_error *err)
{
    struct page page = {
        .session = session, .arena = arena, .listing = listing, .wanted = listing->limit + 1};

    if (listing->limit < 1 || listing->limit > BM_PAGE_MAX ||
        listing->offset > BM_FIND_OFFSET_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "search: a page has 1 to %d videos", BM_PAGE_MAX);
    }
    page.ids = bq_arena_array(arena, page.wanted, sizeof(*page.ids));
    page.ranks = bq_arena_array(arena, page.wanted, sizeof(*page.ranks));
    if (!page.ids || !page.ranks) {
        return starved(err);
    }
    note_question(&page);
    enum barq_status status = listing->cursor ? go_on(&page, err) : choose_sort(&page, err);
    if (status == BARQ_OK && !(page.has_cursor && page.cursor.is_null)) {
        status = read_keyed(&page, err);
    }
    if (status == BARQ_OK && !page.sort.is_never_null && page.count < page.wanted) {
        status = read_keyless(&page, err);
    }
    return status == BARQ_OK ? finish(&page, out, err) : status;
}

/* -- all of them -- */

enum barq_status bm_find_ids(struct barq_session *session, struct barq_arena *arena,
                             const struct bm_scope *scope, size_t max, const char *const **out,
                             size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bm_auto(sql) struct bm_sql sql;
    const char **ids = bq_arena_array(arena, max, sizeof(*ids));
    bool full = !ids;
    size_t n = 0;
    struct bm_scope whole = *scope;
    whole.is_whole = true;
    bm_sql_init(&sql);

    bm_sql_put(&sql, "SELECT v.id FROM videos v WHERE 1 = 1");
    enum barq_status status = bm_parts_put(session, arena, &whole, false, &sql, err);
    bm_sql_put(&sql, " ORDER BY v.id LIMIT ");
    bm_sql_int(&sql, (int64_t)max);
    if (status == BARQ_OK) {
        status = bm_sql_query(session, &sql, &rows, err);
    }
    for (bool more = true; status == BARQ_OK && !full && n < max;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        ids[n++] = bm_row_text(rows, 0, arena, &full);
    }
    if (status == BARQ_OK && full) {
        return starved(err);
    }
    *out = ids;
    *count = n;
    return status;
}
