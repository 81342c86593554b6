/*
 * A list goes out as JSON and comes back into an empty store: then every table
 * has the same rows, but for ids. Which tables and columns there are the
 * database says, so that a new one cannot be forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "base/buf.h"
#include "export/export.h"
#include "fixture.h"
#include "intake/import.h"
#include "support/folder.h"
#include "support/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { DUMP_MAX_BYTES = 4 * 1024 * 1024 };

static struct barq_error err;

/* Rows that belong to a list; in the order in which ids can be told by what they mean. */
static const char *const of_a_list[] = {
    "lists",      "fields",       "videos",       "channels",      "tags",
    "video_tags", "field_values", "values_aside", "notes",         "transcripts",
    "cues",       "chapters",     "views",        "subscriptions", "subscription_matches",
};
/* Of this installation, its runs and its users. */
static const char *const of_no_list[] = {
    "runs",   "run_videos",  "events", "counters",          "holds",       "usage", "settings",
    "tokens", "idempotency", "logins", "bookmarks_version", "video_texts",
};

/* An id is told by what it means; "" leaves the column out. */
static const struct {
    const char *column;
    const char *meaning;
} meanings[] = {
    {"id", ""},
    {"run_id", ""},
    {"list_id", "(SELECT name FROM lists x WHERE x.id = t.list_id)"},
    {"video_id", "(SELECT youtube_id FROM videos x WHERE x.id = t.video_id)"},
    {"field_id", "(SELECT name FROM fields x WHERE x.id = t.field_id)"},
    {"tag_id", "(SELECT name FROM tags x WHERE x.id = t.tag_id)"},
    {"transcript_id", "(SELECT language FROM transcripts x WHERE x.id = t.transcript_id)"},
    {"subscription_id", "(SELECT target FROM subscriptions x WHERE x.id = t.subscription_id)"},
};

/* Every column of every table of a list has something in it. */
static const char example[] =
    "INSERT INTO lists (id, name, description, created_at_ms, updated_at_ms)"
    " VALUES ('l', 'A \"list\"', 'about it', 1001, 1002);"
    "INSERT INTO fields (id, list_id, name, label, type, is_required, instruction, options,"
    " min_value, max_value, max_length, unit, rule, show_on_card, position, created_at_ms,"
    " updated_at_ms) VALUES"
    " ('f1', 'l', 'level', 'Level', 'select', 1, 'how hard', '[\"low\",\"high\"]', NULL, NULL,"
    "  NULL, NULL, '{\"first\":[{\"option\":\"high\",\"words\":[\"x\"]}]}', 1, 1, 1003, 1004),"
    " ('f2', 'l', 'stars', 'Stars', 'rating', 0, NULL, '[]', 0, 7.5, NULL, NULL, NULL, 0, 2, 1005,"
    "  1006),"
    " ('f3', 'l', 'words', 'Words', 'text', 0, NULL, '[]', NULL, NULL, 90, 'pages', NULL, 0, 3,"
    "  1007, 1008),"
    " ('f4', 'l', 'topics', 'Topics', 'multi-select', 0, NULL, '[\"a\",\"b|c\"]', NULL, NULL, NULL,"
    "  NULL, NULL, 0, 4, 1009, 1010);"
    "INSERT INTO videos (id, list_id, youtube_id, position, status, error, title, own_title,"
    " channel, channel_id, duration_seconds, published_at_ms, language, tags, thumbnail_url,"
    " description, view_count, like_count, comment_count, category, live, is_embeddable, privacy,"
    " has_captions, availability, checked_at_ms, metadata_origin, metadata_at_ms, added_at_ms,"
    " start_seconds, watch_position_seconds, watched_at_ms, priority, created_at_ms, updated_at_ms)"
    " VALUES ('v1', 'l', 'aaaaaaaaa_0', 1, 'failed', 'gone, they say', '=1+1, \"t\"', 'mine',"
    " '@chan', 'UCx', 61, 1556841600123, 'de', '[\"a|b\",\"c\\\\d\",\"=e\"]', 'https://t', 'two"
    "\nlines', 10000000000, 2, 3, 'Education', 'none', 1, 'public', 0, 'gone', 1011, 'api', 1012,"
    " 1013, 42, 7, 1014, 3, 1015, 1016);"
    "INSERT INTO videos (id, list_id, youtube_id, position, created_at_ms, updated_at_ms)"
    " VALUES ('v2', 'l', '-aaaaaaaa_1', 2, 1017, 1018);"
    "INSERT INTO channels (id, name, thumbnail_url, description, is_hidden, created_at_ms,"
    " updated_at_ms) VALUES ('UCx', 'Chan', 'https://c', 'who', 1, 1019, 1020);"
    "INSERT INTO tags (id, name, name_key, color, is_category, position, created_at_ms,"
    " updated_at_ms) VALUES ('g1', 'Later', 'later', '#aabbcc', 1, 1, 1021, 1022),"
    " ('g2', 'a|b', 'a|b', NULL, 0, 2, 1023, 1024);"
    "INSERT INTO video_tags (video_id, tag_id, created_at_ms) VALUES ('v1', 'g1', 1025),"
    " ('v1', 'g2', 1026);"
    "INSERT INTO field_values (video_id, field_id, value, value_number, value_text, source, model,"
    " model_version, evidence_at_seconds, evidence_quote, updated_at_ms) VALUES"
    " ('v1', 'f1', '\"high\"', NULL, 'high', 'model', 'gemini', '2', 12, 'he said', 1027),"
    " ('v1', 'f2', '6.5', 6.5, NULL, 'person', NULL, NULL, NULL, NULL, 1028),"
    " ('v1', 'f4', '[\"b|c\",\"a\"]', NULL, '\nb|c\na\n', 'import', NULL, NULL, NULL, NULL, 1029);"
    "INSERT INTO values_aside (video_id, field_id, value, source, model, model_version,"
    " evidence_at_seconds, evidence_quote, updated_at_ms) VALUES"
    " ('v1', 'f3', '17', 'model', 'gemini', '2', 13, 'she said', 1030);"
    "INSERT INTO notes (id, video_id, at_seconds, text, created_at_ms, updated_at_ms) VALUES"
    " ('n1', 'v1', 15, 'look', 1031, 1032), ('n2', 'v1', NULL, 'whole', 1033, 1034);"
    "INSERT INTO transcripts (id, video_id, language, source, is_auto, fetched_at_ms) VALUES"
    " ('t1', 'v1', 'en', 'ytdlp', 1, 1035);"
    "INSERT INTO cues (transcript_id, position, start_ms, end_ms, text) VALUES"
    " ('t1', 1, 0, 900, 'hello'), ('t1', 2, 900, 1800, 'world');"
    "UPDATE transcripts SET is_whole = 1 WHERE id = 't1';"
    "INSERT INTO chapters (video_id, start_seconds, title, source) VALUES"
    " ('v1', 0, 'Begin', 'description'), ('v1', 30, 'End', 'person');"
    "INSERT INTO views (id, list_id, name, query, sort, columns, layout, position, created_at_ms,"
    " updated_at_ms) VALUES ('w1', 'l', 'Unseen', 'is:new', '-added', '[\"title\"]', 'grid', 1,"
    " 1036, 1037);"
    "INSERT INTO subscriptions (id, list_id, kind, target, name, filters, every_ms, next_at_ms,"
    " last_at_ms, error, is_active, created_at_ms, updated_at_ms) VALUES ('s1', 'l', 'channel',"
    " 'UCx', 'Chan', '{\"min\":1}', 60000, 1038, 1039, 'late', 0, 1040, 1041);"
    "INSERT INTO subscription_matches (subscription_id, youtube_id, matched_at_ms) VALUES"
    " ('s1', 'aaaaaaaaa_0', 1042);";

static void dump_row(const struct barq_rows *rows, struct bq_buf *out)
{
    for (int i = 0; i < barq_columns(rows); i++) {
        const char *text = barq_column_text(rows, i);
        bq_buf_printf(out, "%s%s", i > 0 ? " | " : "", text ? text : "null");
    }
    bq_buf_puts(out, "\n");
}

static void dump(struct barq_session *from, const char *sql, struct bq_buf *out)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = true;

    check(barq_query(from, sql, BARQ_NO_PARAMS, &rows, &err), &err);
    for (;;) {
        check(barq_rows_next(rows, &more, &err), &err);
        if (!more) {
            return;
        }
        dump_row(rows, out);
    }
}

static const char *meaning_of(const char *table, const char *column)
{
    if (strcmp(table, "channels") == 0) {
        return column; /* YouTube's own id */
    }
    for (size_t i = 0; i < COUNT(meanings); i++) {
        if (strcmp(column, meanings[i].column) == 0) {
            return meanings[i].meaning;
        }
    }
    return column;
}

static const char *columns_sql(const char *table)
{
    const char *all = store_sql("SELECT p.name FROM sqlite_master m, pragma_table_info(m.name) p"
                                " WHERE m.name",
                                "SELECT column_name FROM information_schema.columns"
                                " WHERE table_schema = 'public' AND table_name");

    return bq_arena_format(&arena, "%s = '%s'", all, table);
}

/* "SELECT name || '=' || column, ..." of all its columns; each must have a value somewhere. */
static void dump_table(struct barq_session *from, const char *table, struct bq_buf *out)
{
    bq_auto(buf) struct bq_buf columns;
    bq_auto(buf) struct bq_buf sql;
    bq_buf_init(&columns, DUMP_MAX_BYTES);
    bq_buf_init(&sql, DUMP_MAX_BYTES);
    dump(from, columns_sql(table), &columns);

    bq_buf_printf(&sql, "SELECT '%s'", table);
    for (char *at = bq_arena_strdup(&arena, bq_buf_cstr(&columns)), *name;
         (name = strsep(&at, "\n")) != NULL;) {
        const char *meaning = meaning_of(table, name);
        if (*meaning != '\0') {
            bq_buf_printf(&sql, " || ' | %s=' || coalesce(CAST(%s AS TEXT), 'null')", name,
                          meaning);
        }
    }
    bq_buf_printf(&sql, " FROM %s t ORDER BY 1", table);
    dump(from, bq_buf_cstr(&sql), out);
}

static const char *dump_all(struct barq_session *from)
{
    bq_auto(buf) struct bq_buf out;
    bq_buf_init(&out, DUMP_MAX_BYTES);

    check(barq_session_begin(from, false, &err), &err);
    for (size_t i = 0; i < COUNT(of_a_list); i++) {
        dump_table(from, of_a_list[i], &out);
    }
    barq_session_rollback(from);
    return bq_arena_strdup(&arena, bq_buf_cstr(&out));
}

/* Line by line: the whole is too long to be shown. */
static void assert_same(const char *now, const char *before)
{
    while (*now != '\0' || *before != '\0') {
        size_t now_len = strcspn(now, "\n");
        size_t before_len = strcspn(before, "\n");
        if (now_len != before_len || memcmp(now, before, now_len) != 0) {
            fail_msg("%.*s\nwas %.*s", (int)now_len, now, (int)before_len, before);
        }
        now += now_len + (now[now_len] == '\n');
        before += before_len + (before[before_len] == '\n');
    }
}

static const char *export(enum bm_format format)
{
    char *text = NULL;
    size_t len = 0;
    struct bm_list list;
    FILE *file = open_memstream(&text, &len);
    assert_non_null(file);

    check(barq_session_begin(session, false, &err), &err);
    check(bm_list_find(session, "A \"list\"", &arena, &list, &err), &err);
    barq_session_rollback(session);
    check(bm_export(session, &list, format, file, &err), &err);
    assert_int_equal(fclose(file), 0);
    char *copy = bq_arena_strndup(&arena, text, len);
    free(text);
    return copy;
}

static void fill(void)
{
    begin_write();
    check(barq_exec_script(session, example, &err), &err);
    commit();
}

static struct barq_session *open_empty(void)
{
    struct barq_session *empty = NULL;

    setenv("DATABASE_URL",
           store_is_postgres() ? store_fresh() : folder_text("sqlite://%s/other.db", folder_path()),
           1);
    check(bm_store_open(&empty, &err), &err);
    return empty;
}

static struct bm_import_report report;

static void import(struct barq_session *into, const char *text)
{
    const struct bm_import_options options = {
        .list_name = "guess", .name_is_guess = true, .template = "talks", .now_ms = 5000};

    check(bm_import_bytes(into, &options, text, strlen(text), &report, &err), &err);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.values_refused, 0);
}

static void json_comes_back_as_it_was_in_every_table(void **state)
{
    (void)state;
    fill();
    const char *before = dump_all(session);
    const char *text = export(BM_JSON);
    bm_auto(session) struct barq_session *other = open_empty();

    import(other, text);
    assert_int_equal(report.added, 2);
    assert_string_equal(report.list_name, "A \"list\"");
    assert_same(dump_all(other), before);
}

static void what_is_there_already_is_not_changed_by_it(void **state)
{
    (void)state;
    fill();
    const char *text = export(BM_JSON);
    begin_write();
    check(barq_exec_script(session,
                           "UPDATE videos SET title = 'newer', status = 'completed';"
                           "UPDATE tags SET color = '#000000';"
                           "DELETE FROM notes WHERE id = 'n1'",
                           &err),
          &err);
    commit();
    const char *before = dump_all(session);

    import(session, text);
    assert_int_equal(report.present, 2);
    assert_same(dump_all(session), before);
}

/* All that a row of the list holds; who said a value, and what is in tables of its own, it has not. */
static void csv_comes_back_with_all_columns_and_fields(void **state)
{
    (void)state;
    static const char videos[] =
        "SELECT youtube_id, position, status, error, title, own_title, channel, channel_id,"
        " duration_seconds, published_at_ms, language, tags, thumbnail_url, description,"
        " view_count, like_count, comment_count, category, live, is_embeddable, privacy,"
        " has_captions, availability, checked_at_ms, metadata_origin, metadata_at_ms, added_at_ms,"
        " start_seconds, watch_position_seconds, watched_at_ms, priority, created_at_ms,"
        " updated_at_ms FROM videos ORDER BY 1";
    static const char values[] =
        "SELECT f.name, v.value_number, v.value_text FROM field_values v JOIN fields f"
        " ON f.id = v.field_id WHERE f.type <> 'multi-select' ORDER BY 1";
    static const char tags[] = "SELECT name FROM tags ORDER BY 1";
    bq_auto(buf) struct bq_buf before;
    bq_auto(buf) struct bq_buf after;
    bq_buf_init(&before, DUMP_MAX_BYTES);
    bq_buf_init(&after, DUMP_MAX_BYTES);
    fill();
    dump(session, videos, &before);
    dump(session, values, &before);
    dump(session, tags, &before);
    const char *text = export(BM_CSV);
    begin_write();
    check(barq_exec_script(session, "DELETE FROM videos; DELETE FROM tags", &err), &err);
    commit();

    const struct bm_import_options options = {.list_id = "l", .now_ms = 5000};
    check(bm_import_bytes(session, &options, text, strlen(text), &report, &err), &err);
    assert_int_equal(report.added, 2);
    dump(session, videos, &after);
    dump(session, values, &after);
    dump(session, tags, &after);
    assert_same(bq_buf_cstr(&after), bq_buf_cstr(&before));
}

static bool is_listed(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void every_table_is_decided_upon(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf names;
    bq_buf_init(&names, DUMP_MAX_BYTES);
    dump(session,
         store_sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'barq%'"
                   " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%search%'",
                   "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                   " AND table_name NOT LIKE 'barq%' AND table_name NOT LIKE '%search%'"
                   " AND table_type = 'BASE TABLE'"),
         &names);

    for (char *at = bq_arena_strdup(&arena, bq_buf_cstr(&names)), *name;
         (name = strsep(&at, "\n")) != NULL;) {
        if (*name != '\0' && !is_listed(name, of_a_list, COUNT(of_a_list)) &&
            !is_listed(name, of_no_list, COUNT(of_no_list))) {
            fail_msg("is the table %s in an export, or not?", name);
        }
    }
}

static void every_column_has_something_in_the_example(void **state)
{
    (void)state;
    fill();
    const char *whole = dump_all(session);

    for (size_t i = 0; i < COUNT(of_a_list); i++) {
        bq_auto(buf) struct bq_buf columns;
        bq_buf_init(&columns, DUMP_MAX_BYTES);
        char sql[128];
        dump(session, columns_sql(of_a_list[i]), &columns);
        for (char *at = bq_arena_strdup(&arena, bq_buf_cstr(&columns)), *name;
             (name = strsep(&at, "\n")) != NULL;) {
            bq_auto(buf) struct bq_buf count;
            bq_buf_init(&count, DUMP_MAX_BYTES);
            if (*name == '\0' || *meaning_of(of_a_list[i], name) == '\0') {
                continue;
            }
            snprintf(sql, sizeof(sql), "SELECT count(%s) FROM %s", name, of_a_list[i]);
            dump(session, sql, &count);
            if (strcmp(bq_buf_cstr(&count), "0\n") == 0) {
                fail_msg("%s.%s has nothing in the example", of_a_list[i], name);
            }
        }
    }
    assert_non_null(strstr(whole, "videos | "));
}

#define ROUND_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        ROUND_TEST(json_comes_back_as_it_was_in_every_table),
        ROUND_TEST(what_is_there_already_is_not_changed_by_it),
        ROUND_TEST(csv_comes_back_with_all_columns_and_fields),
        ROUND_TEST(every_table_is_decided_upon),
        ROUND_TEST(every_column_has_something_in_the_example),
    };

    return cmocka_run_group_tests_name("bookmarks/round_trip", tests, NULL, store_end);
}
