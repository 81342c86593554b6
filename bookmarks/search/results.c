#include "search/results.h"

#include "auto.h"
#include "base/error.h"
#include "store/rows.h"

enum { TEXTS = 4, SCRATCH_BYTES = 64 * 1024 * 1024 };

/* In the order of what tells a person most. */
static const struct text {
    const char *name;
    enum bm_where where;
} texts[TEXTS] = {
    {"notes", BM_IN_NOTES},
    {"description", BM_IN_DESCRIPTION},
    {"transcript", BM_IN_TRANSCRIPT},
    {"title", BM_IN_TITLE},
};

/* The cues in which hits begin: a transcript's lines are its cues. At most BM_MOMENTS_MAX. */
static size_t find_cues(const struct bm_phrases *phrases, const char *transcript,
                        int64_t cues[BM_MOMENTS_MAX])
{
    int64_t line = 0;
    size_t counted = 0;
    size_t n = 0;
    size_t at;
    size_t end;

    for (size_t from = 0;
         n < BM_MOMENTS_MAX && bm_phrases_find(phrases, transcript, from, &at, &end); from = end) {
        for (; counted < at; counted++) {
            line += transcript[counted] == '\n';
        }
        if (n == 0 || cues[n - 1] != line) {
            cues[n++] = line;
        }
    }
    return n;
}

static enum barq_status read_moment(struct barq_session *session, struct barq_arena *arena,
                                    const char *video_id, int64_t cue, struct bm_result *out,
                                    struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;
    bool full = false;

    enum barq_status status = barq_query(
        session,
        "SELECT c.start_ms, c.text FROM transcripts t JOIN cues c ON c.transcript_id = t.id"
        " WHERE t.video_id = ?1 AND t.is_whole = 1 ORDER BY t.id, c.position LIMIT 1 OFFSET ?2",
        BARQ_PARAMS(barq_sql_text(video_id), barq_sql_int(cue)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        out->moments[out->n_moments++] = (struct bm_moment){
            .start_ms = barq_column_int(rows, 0), .text = bm_row_text(rows, 1, arena, &full)};
    }
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full")
                                     : status;
}

static enum barq_status read_texts(struct barq_session *session, struct barq_arena *arena,
                                   const char *video_id, const char *out[TEXTS],
                                   struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;
    bool full = false;

    enum barq_status status = barq_query(
        session,
        "SELECT notes, description, transcript, title FROM video_texts WHERE video_id = ?1",
        BARQ_PARAMS(barq_sql_text(video_id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    for (int i = 0; status == BARQ_OK && i < TEXTS; i++) {
        const char *text = more ? bm_row_text(rows, i, arena, &full) : NULL;
        out[i] = text ? text : "";
    }
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full")
                                     : status;
}

enum barq_status bm_result_read(struct barq_session *session, struct barq_arena *arena,
                                const struct bm_query *query, const char *video_id,
                                struct bm_result *out, struct barq_error *err)
{
    bq_auto(
        arena) struct barq_arena scratch; /* a transcript is long, and what is shown of it short */
    const char *found[TEXTS] = {NULL};
    int64_t cues[BM_MOMENTS_MAX];
    struct bm_phrases phrases;
    struct bm_result result = {.where = NULL};
    size_t n_cues = 0;
    bq_arena_init(&scratch, SCRATCH_BYTES);

    bm_phrases_of(query, &phrases);
    enum barq_status status = read_texts(session, &scratch, video_id, found, err);
    for (int i = 0; status == BARQ_OK && i < TEXTS; i++) {
        bool is_asked_for = query->where == 0 || (query->where & (unsigned)texts[i].where) != 0;
        if (!is_asked_for) {
            continue;
        }
        if (texts[i].where == BM_IN_TRANSCRIPT) {
            n_cues = find_cues(&phrases, found[i], cues);
        }
        if (!result.where && bm_snippet_make(&phrases, found[i], arena, &result.snippet)) {
            result.where = texts[i].name;
        }
    }
    for (size_t i = 0; status == BARQ_OK && i < n_cues; i++) {
        status = read_moment(session, arena, video_id, cues[i], &result, err);
    }
    *out = result;
    return status;
}
