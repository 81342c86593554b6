/*
 * What a query finds, in what order, and that the index is never behind what it indexes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "fixture.h"
#include "search/find.h"
#include "search/index.h"
#include "search/results.h"
#include "store/notes.h"
#include "store/tags.h"
#include "store/transcripts.h"
#include "store/video_edit.h"
#include "support/store.h"

static struct barq_error err;
static const char *list;
static const char *other;

/* -- what there is -- */

static void run(const char *sql)
{
    begin_write();
    check(barq_exec_script(session, sql, &err), &err);
    commit();
}

/* What is known of a video, as if it had been fetched; SQL. */
static void set(const char *youtube_id, const char *columns)
{
    run(bq_arena_format(&arena, "UPDATE videos SET %s WHERE youtube_id = '%s'", columns,
                        youtube_id));
}

static const char *id_of(const char *youtube_id)
{
    struct barq_rows *rows = NULL;
    const char *id;
    bool more;

    check(barq_session_begin(session, false, &err), &err);
    check(barq_query(session, "SELECT id FROM videos WHERE youtube_id = ?1",
                     BARQ_PARAMS(barq_sql_text(youtube_id)), &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    assert_true(more);
    id = bq_arena_strdup(&arena, barq_column_text(rows, 0));
    barq_rows_close(rows);
    barq_session_rollback(session);
    return id;
}

/* Ids go by the millisecond: one for each, so that what is equal has a known order. */
static void add_video(const char *list_id, const char *youtube_id)
{
    int64_t now_ms = bq_wall_ms();

    while (bq_wall_ms() == now_ms) {
    }
    make_video(list_id, youtube_id);
}

static int make(void **state)
{
    if (fixture_make(state) != 0) {
        return -1;
    }
    list = make_list("Talks", "none");
    other = make_list("Other", "none");
    for (int i = 0; i < 5; i++) {
        add_video(list, bq_arena_format(&arena, "aaaaaaaaaa%d", i));
    }
    add_video(other, "bbbbbbbbbb0");
    set("aaaaaaaaaa0", "title = 'Learning Pyth\xc3\xb6n', channel = 'PyCon D\xc3\xa9utschland',"
                       " channel_id = 'UCaaaaaaaaaaaaaaaaaaaaaa', duration_seconds = 600,"
                       " published_at_ms = 1704067200000, view_count = 500,"
                       " description = 'Type hints and more. It is about machine learning.'");
    set("aaaaaaaaaa1", "title = 'rust for pythonistas', channel = 'RustFest',"
                       " duration_seconds = 1800, published_at_ms = 1735689600000,"
                       " view_count = 20000, status = 'completed', watched_at_ms = 5,"
                       " description = 'No hints of a type'");
    set("aaaaaaaaaa2", "title = 'Zebra', duration_seconds = 60, live = 'live',"
                       " availability = 'gone', status = 'failed'");
    set("bbbbbbbbbb0", "title = 'Python elsewhere'");
    return 0;
}

static const char *field(const char *json)
{
    return make_field(list, json);
}

static void tag(const char *youtube_id, const char *name)
{
    struct bm_tag new_tag = {.name = name};
    struct bm_tag found;
    char id[BM_ID_BYTES];

    begin_write();
    if (bm_tag_find(session, name, &arena, &found, &err) == BARQ_OK) {
        snprintf(id, sizeof(id), "%s", found.id);
    } else {
        check(bm_tag_add(session, &new_tag, 1, id, &err), &err);
    }
    commit();
    const char *video = id_of(youtube_id);
    begin_write();
    check(bm_video_tag(session, video, id, 1, &err), &err);
    commit();
}

static const char *note(const char *youtube_id, const char *text)
{
    struct bm_note new_note = {.video_id = id_of(youtube_id), .text = text};
    char *id = bq_arena_alloc(&arena, BM_ID_BYTES);

    begin_write();
    check(bm_note_add(session, &new_note, 1, id, &err), &err);
    commit();
    return id;
}

static void say(const char *youtube_id, const char *language, const char *const *cues, size_t count)
{
    struct bm_cue *all = bq_arena_array(&arena, count, sizeof(*all));
    struct bm_new_transcript transcript = {
        .language = language, .source = "file", .cues = all, .n_cues = count};
    const char *video = id_of(youtube_id);

    for (size_t i = 0; i < count; i++) {
        all[i] = (struct bm_cue){(int64_t)i * 10000, (int64_t)i * 10000 + 9000, cues[i]};
    }
    begin_write();
    check(bm_transcript_put(session, video, &transcript, 1, &err), &err);
    commit();
}

/* -- asking -- */

static struct bm_listing listing_of(const char *list_id, const char *text, struct bm_query *query)
{
    check(bm_query_parse(&arena, text, query, &err), &err);
    return (struct bm_listing){
        .scope = {.list_id = list_id, .query = query}, .text = text, .limit = 100};
}

/* The last characters of the youtube_ids, in the order in which they were found. */
static const char *letters(const struct bm_found *found)
{
    const struct bm_video *videos;
    char *out = bq_arena_alloc(&arena, found->count + 1);
    size_t count;

    check(bm_videos_of(session, found->ids, found->count, &arena, &videos, &count, &err), &err);
    assert_int_equal(count, found->count);
    for (size_t i = 0; i < count; i++) {
        const char *youtube_id = videos[i].metadata.youtube_id;
        out[i] = youtube_id[youtube_id[0] == 'b' ? 0 : 10];
    }
    return out;
}

static void read_page(const struct bm_listing *listing, struct bm_found *out)
{
    check(barq_session_begin(session, false, &err), &err);
    check(bm_find(session, &arena, listing, out, &err), &err);
    barq_session_rollback(session);
}

static const char *sorted(const char *text, const char *sort)
{
    struct bm_query query;
    struct bm_listing listing = listing_of(list, text, &query);
    struct bm_found found;
    struct bm_found first;

    listing.sort = sort;
    listing.is_counted = true;
    check(barq_session_begin(session, false, &err), &err);
    check(bm_find(session, &arena, &listing, &found, &err), &err);
    assert_int_equal(found.total, found.count);
    listing.limit = 1; /* and then they have to be counted */
    check(bm_find(session, &arena, &listing, &first, &err), &err);
    assert_int_equal(first.total, found.count);
    const char *out = letters(&found);
    barq_session_rollback(session);
    return out;
}

/* In the order of the list. */
static const char *found(const char *text)
{
    return sorted(text, "position");
}

static const char *refused(const char *text, const char *sort, const char *cursor)
{
    struct bm_query query;
    struct bm_listing listing = listing_of(list, text, &query);
    struct bm_found out;

    listing.sort = sort;
    listing.cursor = cursor;
    check(barq_session_begin(session, false, &err), &err);
    assert_int_equal(bm_find(session, &arena, &listing, &out, &err), BARQ_ERR_ARG);
    barq_session_rollback(session);
    return err.text;
}

static struct bm_result result_of(const char *youtube_id, const char *text)
{
    struct bm_query query;
    struct bm_result out;
    const char *id = id_of(youtube_id);

    check(bm_query_parse(&arena, text, &query, &err), &err);
    check(barq_session_begin(session, false, &err), &err);
    check(bm_result_read(session, &arena, &query, id, &out, &err), &err);
    barq_session_rollback(session);
    return out;
}

/* -- words -- */

static void words_are_found_without_case_and_diacritics(void **state)
{
    (void)state;
    assert_string_equal(found("PYTHON"), "0");
    assert_string_equal(found("pyth\xc3\xb3n deutschland"), "0");
    assert_string_equal(found("pyth*"), "01");
    assert_string_equal(found("learning -machine"), "");
    assert_string_equal(found("-hints"), "234");
    assert_string_equal(found("-hints -zebra"), "34");
    assert_string_equal(found("python zebra"), "");
}

static void a_phrase_is_found_in_its_order(void **state)
{
    (void)state;
    assert_string_equal(found("type hints"), "01");
    assert_string_equal(found("\"type hints\""), "0");
    assert_string_equal(found("-\"type hints\" type"), "1");
    assert_string_equal(found("\"hints of a ty\""), "");
}

static void in_looks_there_only(void **state)
{
    (void)state;
    note("aaaaaaaaaa3", "learning by heart");
    assert_string_equal(found("learning"), "03");
    assert_string_equal(found("learning in:title"), "0");
    assert_string_equal(found("learning in:notes"), "3");
    assert_string_equal(found("learning in:notes in:description"), "03");
    assert_string_equal(found("hints in:title"), "");
    assert_string_equal(found("in:title -learning"), "1234");
}

static void what_a_query_quotes_is_no_sql_and_no_operator_of_the_index(void **state)
{
    (void)state;
    static const char *const queries[] = {"\"a' OR 1=1 --\"",
                                          "x'y",
                                          "NEAR(a b)",
                                          "a AND b OR c",
                                          "title:x'",
                                          "{a} : b",
                                          "a & !b | (c",
                                          "100%",
                                          "\\",
                                          "tag:\"'; DROP TABLE videos; --\"",
                                          "channel:\"')\"x",
                                          "field:level=\"' OR '1'='1\""};

    field("{\"label\": \"Level\", \"type\": \"text\"}");
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        struct bm_query query;
        struct bm_listing listing = {.text = queries[i], .limit = 10, .scope = {.query = &query}};
        struct bm_found out;
        if (bm_query_parse(&arena, queries[i], &query, &err) != BARQ_OK) {
            continue;
        }
        listing.sort = "position";
        check(barq_session_begin(session, false, &err), &err);
        check(bm_find(session, &arena, &listing, &out, &err), &err);
        assert_int_equal(out.count, 0);
        barq_session_rollback(session);
    }
}

/* -- the index -- */

static void what_is_written_is_found_and_what_goes_is_not(void **state)
{
    (void)state;
    struct bm_video_change titled = {.own_title = "My own marmot"};
    const char *video = id_of("aaaaaaaaaa3");

    begin_write();
    check(bm_video_change(session, video, &titled, 1, &err), &err);
    commit();
    assert_string_equal(found("marmot"), "3");
    titled.own_title = "";
    begin_write();
    check(bm_video_change(session, video, &titled, 1, &err), &err);
    commit();
    assert_string_equal(found("marmot"), "");

    const char *id = note("aaaaaaaaaa3", "a marmot in a note");
    struct bm_note changed = {.id = id, .text = "a badger now"};
    assert_string_equal(found("marmot"), "3");
    begin_write();
    check(bm_note_change(session, &changed, 2, &err), &err);
    commit();
    assert_string_equal(found("marmot"), "");
    assert_string_equal(found("badger"), "3");
    begin_write();
    check(bm_note_delete(session, id, &err), &err);
    commit();
    assert_string_equal(found("badger"), "");
}

static void tags_are_words_too_also_when_they_are_renamed(void **state)
{
    (void)state;
    struct bm_tag found_tag;

    tag("aaaaaaaaaa3", "Wildlife");
    tag("aaaaaaaaaa4", "Wildlife");
    assert_string_equal(found("wildlife"), "34");
    begin_write();
    check(bm_tag_find(session, "wildlife", &arena, &found_tag, &err), &err);
    found_tag.name = "Animals";
    check(bm_tag_change(session, &found_tag, 2, &err), &err);
    commit();
    assert_string_equal(found("wildlife"), "");
    assert_string_equal(found("animals"), "34");
    begin_write();
    check(bm_tag_delete(session, found_tag.id, &err), &err);
    commit();
    assert_string_equal(found("animals"), "");
}

static void values_are_words_too(void **state)
{
    (void)state;
    field("{\"label\": \"Topics\", \"type\": \"multi-select\", \"options\": [\"sea otters\", "
          "\"b\"]}");
    set_value(id_of("aaaaaaaaaa4"), list, "topics", "[\"sea otters\", \"b\"]", BM_BY_PERSON);
    assert_string_equal(found("otters"), "4");
    set_value(id_of("aaaaaaaaaa4"), list, "topics", "[\"b\"]", BM_BY_PERSON);
    assert_string_equal(found("otters"), "");
}

static void what_is_said_is_found_to_the_second(void **state)
{
    (void)state;
    static const char *const cues[] = {"welcome to", "a talk about\nmarm\xc3\xb6ts", "and marmots",
                                       "that is all", "marmots again, and marmots"};
    static const char *const others[] = {"nothing of them"};

    say("aaaaaaaaaa3", "en", cues, 5);
    assert_string_equal(found("marmots in:transcript"), "3");
    assert_string_equal(found("\"about marmots\""), "3");
    struct bm_result result = result_of("aaaaaaaaaa3", "marmots");
    assert_string_equal(result.where, "transcript");
    assert_int_equal(result.n_moments, 3);
    assert_int_equal(result.moments[0].start_ms, 10000);
    assert_int_equal(result.moments[1].start_ms, 20000);
    assert_int_equal(result.moments[2].start_ms, 40000);
    assert_string_equal(result.moments[1].text, "and marmots");

    say("aaaaaaaaaa3", "en", others, 1);
    assert_string_equal(found("marmots"), "");
    assert_string_equal(found("\"nothing of them\""), "3");
}

static void a_copy_is_found_as_its_original_is(void **state)
{
    (void)state;
    static const char *const cues[] = {"a talk about marmots"};
    char copy[BM_ID_BYTES];
    size_t left;
    const char *video = id_of("aaaaaaaaaa3");

    say("aaaaaaaaaa3", "en", cues, 1);
    note("aaaaaaaaaa3", "badgers");
    begin_write();
    check(bm_video_copy(session, video, other, 3, copy, &left, &err), &err);
    check(bm_video_delete(session, video, &err), &err);
    commit();
    assert_string_equal(found("marmots badgers"), "");
    list = other;
    assert_string_equal(found("marmots badgers"), "3");
    begin_write();
    check(bm_list_delete(session, other, &err), &err);
    commit();
    list = NULL;
    assert_string_equal(found("marmots"), "");
}

static void what_is_rolled_back_was_never_indexed(void **state)
{
    (void)state;
    begin_write();
    check(barq_exec(session, "UPDATE videos SET title = 'marmot' WHERE youtube_id = 'aaaaaaaaaa3'",
                    BARQ_NO_PARAMS, &err),
          &err);
    barq_session_rollback(session);
    assert_string_equal(found("marmot"), "");
}

static void a_long_talk_of_many_words_can_be_indexed(void **state)
{
    (void)state;
    enum { CUES = 400, WORDS = 400 };
    const char **cues = bq_arena_array(&arena, CUES, sizeof(*cues));

    for (int i = 0; i < CUES; i++) {
        struct bq_buf text;
        bq_buf_init(&text, 1 << 16);
        for (int j = 0; j < WORDS; j++) {
            bq_buf_printf(&text, "word%d ", i * WORDS + j);
        }
        cues[i] = bq_arena_strdup(&arena, bq_buf_cstr(&text));
        bq_buf_clear(&text);
    }
    say("aaaaaaaaaa3", "en", cues, CUES);
    assert_string_equal(found("word4000"), "3");
}

static void an_index_in_doubt_is_made_anew(void **state)
{
    (void)state;
    static const char *const cues[] = {"a talk about marmots"};
    int64_t count = 0;

    say("aaaaaaaaaa3", "en", cues, 1);
    run("DELETE FROM video_texts WHERE title LIKE '%Zebra%'");
    assert_string_equal(found("zebra"), "");
    check(bm_reindex(session, &count, &err), &err);
    assert_int_equal(count, 6);
    assert_string_equal(found("zebra"), "2");
    assert_string_equal(found("marmots"), "3");
    set("aaaaaaaaaa2", "title = 'Okapi'");
    assert_string_equal(found("zebra"), "");
    assert_string_equal(found("okapi"), "2");
}

static void a_snippet_says_where_a_word_is(void **state)
{
    (void)state;
    struct bm_result result = result_of("aaaaaaaaaa0", "machine hints");

    assert_string_equal(result.where, "description");
    assert_string_equal(result.snippet.pieces[1], "hints");
    assert_string_equal(result.snippet.pieces[3], "machine");
    result = result_of("aaaaaaaaaa0", "python");
    assert_string_equal(result.where, "title");
    assert_string_equal(result.snippet.text, "Learning Pyth\xc3\xb6n");
    assert_null(result_of("aaaaaaaaaa0", "deutschland").where);
}

static void a_word_in_a_title_ranks_above_one_that_is_said(void **state)
{
    (void)state;
    static const char *const cues[] = {
        "all of this is about zebra crossings and more, nothing else"};

    say("aaaaaaaaaa0", "en", cues, 1);
    assert_string_equal(sorted("zebra", NULL), "20");
    assert_string_equal(sorted("zebra", "-rank"), "02");
}

/* -- operators -- */

static void operators_find_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *found;
    } cases[] = {
        {"is:failed", "2"},
        {"is:pending", "034"},
        {"is:completed", "1"},
        {"is:watched", "1"},
        {"is:unwatched", "0234"},
        {"-is:watched", "0234"},
        {"is:gone", "2"},
        {"is:live", "2"},
        {"-is:live", "0134"},
        {"dur:>10m", "1"},
        {"dur:>=10m", "01"},
        {"dur:10m", "0"},
        {"dur:..10m", "02"},
        {"-dur:>10m", "0234"},
        {"views:>10k", "1"},
        {"views:100..1000", "0"},
        {"published:2024", "0"},
        {"published:>2024", "1"},
        {"added:>2020", "01234"},
        {"added:<2020", ""},
        {"channel:rustfest", "1"},
        {"channel:\"pycon deutschland\"", "0"},
        {"channel:UCaaaaaaaaaaaaaaaaaaaaaa", "0"},
        {"-channel:rustfest", "0234"},
        {"-channel:UCaaaaaaaaaaaaaaaaaaaaaa", "1234"},
        {"list:Talks is:failed", "2"},
        {"list:Other", ""},
        {"-list:Other", "01234"},
        {"tag:later", "04"},
        {"tag:LATER -tag:\"Too late\"", "4"},
        {"-tag:later", "123"},
        {"tag:never-used", ""},
        {"python dur:5m..15m -is:watched", "0"},
    };

    tag("aaaaaaaaaa0", "Later");
    tag("aaaaaaaaaa4", "Later");
    tag("aaaaaaaaaa0", "Too late");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *is = found(cases[i].query);
        if (strcmp(is, cases[i].found) != 0) {
            fail_msg("%s: %s, not %s", cases[i].query, is, cases[i].found);
        }
    }
}

static void make_fields(void)
{
    field("{\"label\": \"Level\", \"type\": \"select\", \"options\": [\"Easy\", \"Very hard\"]}");
    field("{\"label\": \"Topics\", \"type\": \"multi-select\", \"options\": [\"web\", \"web 2\", "
          "\"c_d\"]}");
    field("{\"label\": \"Score\", \"type\": \"number\"}");
    field("{\"label\": \"Free\", \"type\": \"boolean\"}");
    field("{\"label\": \"Effort\", \"type\": \"duration\"}");
    field("{\"label\": \"Held\", \"type\": \"date\"}");
    set_value(id_of("aaaaaaaaaa0"), list, "level", "\"Easy\"", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa1"), list, "level", "\"Very hard\"", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa0"), list, "topics", "[\"web\", \"c_d\"]", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa1"), list, "topics", "[\"web 2\"]", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa0"), list, "score", "7.5", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa1"), list, "score", "10", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa4"), list, "score", "-1", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa0"), list, "free", "true", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa1"), list, "free", "false", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa0"), list, "effort", "90", BM_BY_PERSON);
    set_value(id_of("aaaaaaaaaa0"), list, "held", "\"2024-05-06\"", BM_BY_PERSON);
}

static void fields_are_compared_by_their_type(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *found;
    } cases[] = {
        {"field:level", "01"},      {"-field:level", "234"},
        {"field:level=easy", "0"},  {"field:level=\"very hard\"", "1"},
        {"field:level!=easy", "1"}, {"-field:level=easy", "1234"},
        {"field:level~hard", "1"},  {"field:topics=web", "0"},
        {"field:topics!=web", "1"}, {"field:topics~web", "01"},
        {"field:topics=c_d", "0"},  {"field:topics=cxd", ""},
        {"field:score>7", "01"},    {"field:score>=7.5", "01"},
        {"field:score<8", "04"},    {"field:score=10", "1"},
        {"field:score!=10", "04"},  {"field:free=true", "0"},
        {"field:free=no", "1"},     {"field:effort=1h30m", "0"},
        {"field:effort>60", "0"},   {"field:held>=2024", "0"},
        {"field:held<2024", ""},    {"field:held=2024-05-06", "0"},
    };

    make_fields();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *is = found(cases[i].query);
        if (strcmp(is, cases[i].found) != 0) {
            fail_msg("%s: %s, not %s", cases[i].query, is, cases[i].found);
        }
    }
}

static void what_a_query_names_must_be_there(void **state)
{
    (void)state;
    make_fields();
    assert_non_null(strstr(refused("field:colour=red", NULL, NULL),
                           "there is no field colour; there are: effort, free, held"));
    assert_non_null(strstr(refused("field:score=much", NULL, NULL), "the field score is a number"));
    assert_non_null(strstr(refused("list:None", NULL, NULL), "there is no list"));
    assert_non_null(strstr(refused("", "colour", NULL), "there is no order colour, but position"));
    assert_non_null(strstr(refused("", "field:colour", NULL), "no field colour"));
}

/* -- order -- */

static void unknown_comes_last_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *sort;
        const char *order;
    } cases[] = {
        {"position", "01234"},    {"-position", "43210"},    {"title", "01234"},
        {"-title", "21043"},      {"channel", "01234"},      {"-channel", "10432"},
        {"duration", "20134"},    {"-duration", "10243"},    {"published", "01234"},
        {"-published", "10432"},  {"views", "01234"},        {"-views", "10432"},
        {"status", "12034"},      {"-status", "43021"},      {"watched", "10234"},
        {"likes", "01234"},       {"-likes", "43210"},       {"added", "01234"},
        {"field:score", "40123"}, {"-field:score", "10432"}, {"field:level", "01234"},
    };

    make_fields();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *is = sorted("", cases[i].sort);
        if (strcmp(is, cases[i].order) != 0) {
            fail_msg("%s: %s, not %s", cases[i].sort, is, cases[i].order);
        }
    }
}

/* All pages of `limit`, one after the other. */
static const char *in_pages(const char *text, const char *sort, size_t limit)
{
    struct bm_query query;
    struct bm_listing listing = listing_of(list, text, &query);
    struct bm_found out;
    const char *all = "";

    listing.sort = sort;
    listing.limit = limit;
    do {
        check(barq_session_begin(session, false, &err), &err);
        check(bm_find(session, &arena, &listing, &out, &err), &err);
        assert_in_range(out.count, out.next ? limit : 0, limit);
        all = bq_arena_format(&arena, "%s%s", all, letters(&out));
        barq_session_rollback(session);
        listing.cursor = out.next;
    } while (out.next);
    return all;
}

/* The page of `limit` behind the first `offset`. */
static const char *at(const char *text, const char *sort, size_t offset, size_t limit)
{
    struct bm_query query;
    struct bm_listing listing = listing_of(list, text, &query);
    struct bm_found out;

    listing.sort = sort;
    listing.limit = limit;
    listing.offset = offset;
    read_page(&listing, &out);
    return letters(&out);
}

static void a_page_may_begin_at_a_number(void **state)
{
    (void)state;
    static const char *const sorts[] = {"position", "title",       "-title",      "duration",
                                        "-views",   "field:score", "field:level", "watched"};

    make_fields();
    for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
        for (size_t offset = 0; offset <= 5; offset++) {
            const char *all = sorted("", sorts[i]);
            const char *two = bq_arena_format(&arena, "%.2s", all + offset);
            assert_string_equal(at("", sorts[i], offset, 2), two);
        }
    }
    assert_string_equal(at("", "title", 1000, 2), "");
    assert_string_equal(at("hints", NULL, 1, 5), sorted("hints", NULL) + 1);
}

static void pages_have_every_video_once_in_any_order(void **state)
{
    (void)state;
    static const char *const sorts[] = {
        "position", "-position",   "title",        "-title",     "channel",     "-channel",
        "duration", "-duration",   "views",        "-views",     "status",      "-status",
        "likes",    "-likes",      "added",        "-added",     "field:score", "-field:score",
        "watched",  "field:level", "-field:level", "created_at", "updated_at"};
    static const char *const words[] = {"rank", "-rank"};

    make_fields();
    note("aaaaaaaaaa4", "about hints");
    for (size_t limit = 1; limit <= 5; limit++) {
        for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
            assert_string_equal(in_pages("", sorts[i], limit), sorted("", sorts[i]));
        }
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(in_pages("hints", words[i], limit), sorted("hints", words[i]));
        }
    }
}

static void a_page_goes_on_where_one_ended_whatever_went_meanwhile(void **state)
{
    (void)state;
    struct bm_query query;
    struct bm_listing listing = listing_of(list, "", &query);
    struct bm_found out;

    listing.sort = "title";
    listing.limit = 2;
    read_page(&listing, &out);
    const char *gone = out.ids[1];
    listing.cursor = out.next;
    begin_write();
    check(bm_video_delete(session, gone, &err), &err);
    commit();
    check(barq_session_begin(session, false, &err), &err);
    check(bm_find(session, &arena, &listing, &out, &err), &err);
    assert_string_equal(letters(&out), "23");
    barq_session_rollback(session);
}

/* A page by position: its first id, and how many there are in all. */
static const char *first_of(const char *text, int64_t *total)
{
    struct bm_query query;
    struct bm_listing listing = listing_of(list, text, &query);
    struct bm_found out;

    listing.sort = "position";
    listing.limit = 3;
    listing.is_counted = true;
    read_page(&listing, &out);
    *total = out.total;
    return out.count > 0 ? out.ids[0] : "none";
}

/* Of a word in so many videos SQLite keeps the hits by their numbers. */
static void a_word_of_thousands_is_found_and_left_out_like_any_other(void **state)
{
    (void)state;
    int64_t total = 0;
    const char *before = first_of("", &total);
    int64_t others = total;

    begin_write();
    check(
        barq_exec(session,
                  "INSERT INTO videos (id, list_id, youtube_id, position, status, title,"
                  " created_at_ms, updated_at_ms)"
                  " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)"
                  " SELECT 'many' || i, ?1, 'm' || i, 1000 + i, 'pending',"
                  " CASE WHEN i % 5 = 0 THEN 'okapi wombat' ELSE 'okapi' END, 1, 1 FROM n",
                  BARQ_PARAMS(barq_sql_text(list)), &err),
        &err);
    commit();
    assert_string_equal(first_of("okapi", &total), "many0");
    assert_int_equal(total, 2500);
    assert_string_equal(first_of("okapi -wombat", &total), "many1");
    assert_int_equal(total, 2000);
    assert_string_equal(first_of("-okapi", &total), before);
    assert_int_equal(total, others);
}

static void the_first_page_is_counted_and_the_next_one_knows(void **state)
{
    (void)state;
    struct bm_query query;
    struct bm_listing listing = listing_of(list, "", &query);
    struct bm_found out;

    listing.sort = "title";
    listing.limit = 2;
    read_page(&listing, &out);
    assert_int_equal(out.total, -1);
    listing.cursor = out.next; /* which knows nothing */
    listing.is_counted = true;
    read_page(&listing, &out);
    int64_t all = out.total;
    assert_true(all >= 4);

    listing.cursor = NULL;
    read_page(&listing, &out);
    assert_int_equal(out.total, all);
    begin_write();
    check(bm_video_delete(session, out.ids[0], &err), &err);
    commit();
    listing.cursor = out.next;
    check(barq_session_begin(session, false, &err), &err);
    check(bm_find(session, &arena, &listing, &out, &err), &err);
    assert_int_equal(out.total, all); /* as of the first one */
    listing.cursor = NULL;
    listing.offset = 1;
    listing.limit = 100;
    check(bm_find(session, &arena, &listing, &out, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(out.total, all - 1);
    assert_int_equal(out.count, all - 2);
}

static void a_cursor_is_for_its_own_question(void **state)
{
    (void)state;
    struct bm_query query;
    struct bm_listing listing = listing_of(list, "", &query);
    struct bm_found out;

    listing.sort = "title";
    listing.limit = 2;
    read_page(&listing, &out);
    assert_non_null(strstr(refused("", "-title", out.next), "another query or order"));
    assert_non_null(strstr(refused("is:failed", "title", out.next), "another query or order"));
    assert_non_null(strstr(refused("", "title", "nonsense"), "this cursor is none"));
    assert_non_null(strstr(refused("", "title", "5b315d"), "this cursor is none"));
}

static void all_that_match_can_be_had_by_id(void **state)
{
    (void)state;
    struct bm_query query;
    struct bm_listing listing = listing_of(NULL, "python", &query);
    const char *const *ids = NULL;
    size_t count = 0;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_find_ids(session, &arena, &listing.scope, 10, &ids, &count, &err), &err);
    assert_int_equal(count, 2);
    check(bm_find_ids(session, &arena, &listing.scope, 1, &ids, &count, &err), &err);
    assert_int_equal(count, 1);
    barq_session_rollback(session);
}

#define SEARCH_TEST(name) cmocka_unit_test_setup_teardown(name, make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        SEARCH_TEST(words_are_found_without_case_and_diacritics),
        SEARCH_TEST(a_phrase_is_found_in_its_order),
        SEARCH_TEST(in_looks_there_only),
        SEARCH_TEST(what_a_query_quotes_is_no_sql_and_no_operator_of_the_index),
        SEARCH_TEST(what_is_written_is_found_and_what_goes_is_not),
        SEARCH_TEST(tags_are_words_too_also_when_they_are_renamed),
        SEARCH_TEST(values_are_words_too),
        SEARCH_TEST(what_is_said_is_found_to_the_second),
        SEARCH_TEST(a_copy_is_found_as_its_original_is),
        SEARCH_TEST(what_is_rolled_back_was_never_indexed),
        SEARCH_TEST(a_long_talk_of_many_words_can_be_indexed),
        SEARCH_TEST(an_index_in_doubt_is_made_anew),
        SEARCH_TEST(a_snippet_says_where_a_word_is),
        SEARCH_TEST(a_word_in_a_title_ranks_above_one_that_is_said),
        SEARCH_TEST(operators_find_what_they_say),
        SEARCH_TEST(fields_are_compared_by_their_type),
        SEARCH_TEST(what_a_query_names_must_be_there),
        SEARCH_TEST(unknown_comes_last_both_ways),
        SEARCH_TEST(pages_have_every_video_once_in_any_order),
        SEARCH_TEST(a_page_goes_on_where_one_ended_whatever_went_meanwhile),
        SEARCH_TEST(a_page_may_begin_at_a_number),
        SEARCH_TEST(a_word_of_thousands_is_found_and_left_out_like_any_other),
        SEARCH_TEST(the_first_page_is_counted_and_the_next_one_knows),
        SEARCH_TEST(a_cursor_is_for_its_own_question),
        SEARCH_TEST(all_that_match_can_be_had_by_id),
    };

    return cmocka_run_group_tests_name("bookmarks/search", tests, NULL, store_end);
}
