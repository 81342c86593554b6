#include "intake/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "formats/member.h"
#include "formats/reader.h"
#include "intake/batch.h"
#include "intake/put.h"
#include "intake/seen.h"
#include "store/grown.h"
#include "store/index_later.h"

enum { HEAD_MAX_BYTES = 256 * 1024 * 1024 };

struct bm_import {
    struct barq_session *session; /* borrowed */
    struct bm_import_options options;
    struct bm_sink sink;
    struct bm_reader *reader;
    struct bm_seen seen;
    struct bm_batch batch;
    int64_t expansions;
    struct bm_label_rows labels;
    struct bm_put put; /* of the last batch that was written */
    struct barq_arena head_arena;
    const struct barq_value *head; /* of our own export; NULL once it is written */
    bool had_head;
    struct bm_import_report report;
};

const char *bm_intake_name(enum bm_intake outcome)
{
    static const char *const names[BM_OUTCOMES] = {
        [BM_ADDED] = "added",        [BM_PRESENT] = "present", [BM_EXPANDING] = "expanding",
        [BM_FAILED_LINE] = "failed", [BM_SKIPPED] = "skipped",
    };

    return names[outcome];
}

void bm_import_close(struct bm_import *import)
{
    if (!import) {
        return;
    }
    bm_reader_close(import->reader);
    bm_seen_clear(&import->seen);
    bm_batch_clear(&import->batch);
    bq_arena_clear(&import->head_arena);
    free(import);
}

void bm_import_drop(struct bm_import **import)
{
    bm_import_close(*import);
}

/* -- what became of an item -- */

static void keep_failure(struct bm_import *import, const struct bm_item *item, const char *why)
{
    struct bm_import_report *report = &import->report;
    if (report->n_failures == BM_IMPORT_FAILURES_KEPT) {
        return;
    }

    struct bm_import_failure *failure = &report->failures[report->n_failures++];
    const char *text = item->text ? item->text : "";
    const char *member = item->member ? item->member : "";
    *failure = (struct bm_import_failure){.line = item->line};
    memcpy(failure->url, text, bq_utf8_cut(text, strlen(text), sizeof(failure->url) - 1));
    memcpy(failure->member, member,
           bq_utf8_cut(member, strlen(member), sizeof(failure->member) - 1));
    memcpy(failure->reason, why, bq_utf8_cut(why, strlen(why), sizeof(failure->reason) - 1));
}

static void count(struct bm_import *import, enum bm_intake outcome, const struct bm_item *item,
                  const char *why)
{
    struct bm_import_report *report = &import->report;

    report->added += outcome == BM_ADDED;
    report->present += outcome == BM_PRESENT;
    report->expanding += outcome == BM_EXPANDING;
    report->failed += outcome == BM_FAILED_LINE;
    report->skipped += outcome == BM_SKIPPED;
    if (outcome == BM_FAILED_LINE) {
        keep_failure(import, item, why);
    }
    if (import->options.tell) {
        import->options.tell(import->options.context, outcome, item, why);
    }
}

/* -- a batch into the list -- */

/* Brings labels of its own: then the same video may well be there more than once. */
static bool has_labels(const struct bm_item *item)
{
    return item->folder || item->n_tags > 0;
}

/* A video, and not one of before. */
static bool is_first(const struct bm_batch *batch, size_t i)
{
    const struct bm_item *item = batch->items[i];

    return item->reading == BM_READ_TARGET && item->target.kind == BM_TARGET_VIDEO &&
           batch->twice[i] < 0;
}

/* `placed`: what became of the video; NULL: it is none, or one of before. */
static enum barq_status put_item(struct bm_put *put, const struct bm_batch *batch, size_t i,
                                 const struct bm_placed *placed, enum bm_intake *out,
                                 struct barq_error *err)
{
    const struct bm_item *item = batch->items[i];
    bool again = batch->twice[i] >= 0;

    if (item->reading != BM_READ_TARGET || (again && !has_labels(item))) {
        *out = item->reading == BM_READ_SKIPPED ? BM_SKIPPED : BM_FAILED_LINE;
        return BARQ_OK;
    }
    if (item->target.kind == BM_TARGET_VIDEO) {
        *out = BM_PRESENT;
        return placed ? bm_put_rest(put, item, placed, out, err) : bm_put_again(put, item, err);
    }
    *out = BM_EXPANDING;
    return bm_put_expansion(put, item, err);
}

static enum barq_status put_batch(struct bm_import *import, struct bm_put *put,
                                  enum bm_intake outcomes[BM_BATCH_ITEMS], struct barq_error *err)
{
    struct bm_batch *batch = &import->batch;
    const struct bm_item *firsts[BM_BATCH_ITEMS];
    struct bm_placed placed[BM_BATCH_ITEMS] = {{.added = false}};
    size_t n_firsts = 0;
    int64_t added = 0;

    for (size_t i = 0; i < batch->count; i++) {
        if (is_first(batch, i)) {
            firsts[n_firsts++] = batch->items[i];
        }
    }
    enum barq_status status = bm_put_begin(put, import->head, &batch->arena, err);
    if (status == BARQ_OK) {
        status = bm_put_videos(put, firsts, n_firsts, &batch->arena, placed, err);
    }
    for (size_t i = 0, first = 0; status == BARQ_OK && i < batch->count; i++) {
        const struct bm_placed *place = is_first(batch, i) ? &placed[first++] : NULL;
        status = put_item(put, batch, i, place, &outcomes[i], err);
        added += status == BARQ_OK && outcomes[i] == BM_ADDED;
    }
    return status == BARQ_OK ? bm_put_end(put, added, err) : status;
}

static void count_batch(struct bm_import *import, const enum bm_intake outcomes[BM_BATCH_ITEMS])
{
    const struct bm_batch *batch = &import->batch;

    for (size_t i = 0; i < batch->count; i++) {
        const struct bm_item *item = batch->items[i];
        char twice[64];
        snprintf(twice, sizeof(twice), "in line %lld already", (long long)batch->twice[i]);
        bool again = item->reading == BM_READ_TARGET && outcomes[i] == BM_FAILED_LINE;
        count(import, outcomes[i], item, again ? twice : item->why);
    }
}

/* Writes what has gathered. While a file is read no transaction is open: it may be long in coming. */
static enum barq_status flush(struct bm_import *import, struct barq_error *err)
{
    enum bm_intake outcomes[BM_BATCH_ITEMS] = {BM_ADDED};
    struct bm_put put = import->put;
    bool writing = !import->options.preview;
    if (import->batch.count == 0 && !import->head) {
        return BARQ_OK;
    }

    enum barq_status status = barq_session_begin(import->session, writing, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (writing) {
        status = bm_index_later(import->session, err);
    }
    if (status == BARQ_OK) {
        status = put_batch(import, &put, outcomes, err);
    }
    if (status == BARQ_OK && writing) {
        status = bm_index_now(import->session, err);
    }
    if (status != BARQ_OK || !writing) {
        barq_session_rollback(import->session);
    } else {
        status = barq_session_commit(import->session, err);
    }
    if (status == BARQ_OK) {
        count_batch(import, outcomes);
        import->put = put;
        import->head = NULL;
        bm_batch_reset(&import->batch);
    }
    return status;
}

/* -- items -- */

/* The line in which a video came before, to `*twice`; -1 of all others. */
static enum barq_status note_twice(struct bm_import *import, const struct bm_item *item,
                                   int64_t *twice, struct barq_error *err)
{
    bool first = true;
    if (item->reading != BM_READ_TARGET || item->target.kind != BM_TARGET_VIDEO) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_seen_note(&import->seen, item->target.id, item->line, &first, twice, err);
    if (first) {
        *twice = -1;
    }
    return status;
}

static enum barq_status take_item(void *context, const struct bm_item *item, struct barq_error *err)
{
    struct bm_import *import = context;
    char folder[BM_MEMBER_NAME_BYTES];
    struct bm_item whole = *item;
    int64_t twice = -1;

    if (import->options.member && !item->member) {
        bool table = strcmp(bm_reader_format(import->reader), "table") == 0;
        bm_member_item(&whole, import->options.member, table, folder);
    }
    import->expansions += whole.reading == BM_READ_TARGET && whole.target.kind != BM_TARGET_VIDEO;
    if (import->expansions > BM_IMPORT_EXPANSIONS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: more than %d playlists and channels",
                       BM_IMPORT_EXPANSIONS_MAX);
    }
    enum barq_status status = note_twice(import, &whole, &twice, err);
    if (status == BARQ_OK) {
        status = bm_batch_add(&import->batch, &whole, twice, err);
    }
    return status == BARQ_OK && bm_batch_is_full(&import->batch) ? flush(import, err) : status;
}

static enum barq_status take_head(void *context, const struct barq_value *head,
                                  struct barq_error *err)
{
    struct bm_import *import = context;

    import->had_head = true;
    import->head = barq_copy(&import->head_arena, head);
    return import->head ? BARQ_OK : bq_fail(err, BARQ_ERR_LIMIT, "import: a list with too much");
}

enum barq_status bm_import_open(struct barq_session *session,
                                const struct bm_import_options *options, struct bm_import **out,
                                struct barq_error *err)
{
    bm_auto(import) struct bm_import *import = calloc(1, sizeof(*import));
    if (!import) {
        bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
        return BARQ_ERR_NOMEM;
    }

    import->session = session;
    import->options = *options;
    import->put =
        (struct bm_put){.session = session, .options = &import->options, .labels = &import->labels};
    import->sink = (struct bm_sink){.context = import, .item = take_item, .head = take_head};
    bm_batch_init(&import->batch);
    bq_arena_init(&import->head_arena, HEAD_MAX_BYTES);
    enum barq_status status = bm_reader_open(&import->sink, false, &import->reader, err);
    if (status == BARQ_OK) {
        *out = bq_take(import);
    }
    return status;
}

enum barq_status bm_import_push(struct bm_import *import, const char *bytes, size_t len,
                                struct barq_error *err)
{
    return bm_reader_push(import->reader, bytes, len, err);
}

/* What was imported is in, whatever becomes of this. */
static void settle(struct bm_import *import)
{
    struct barq_error err = {0};

    if (!import->options.preview &&
        bm_tables_grown(import->session, import->report.added, &err) != BARQ_OK) {
        bq_warn("the tables are not analyzed after an import", bq_str("error", err.text));
    }
}

enum barq_status bm_import_end(struct bm_import *import, struct barq_error *err)
{
    enum barq_status status = bm_reader_end(import->reader, err);

    if (status == BARQ_OK) {
        status = flush(import, err);
    }
    if (status == BARQ_OK && bm_import_report(import)->rows == 0 && !import->had_head) {
        return bq_fail(err, BARQ_ERR_ARG, "import: no videos in it, only a header or comments");
    }
    if (status == BARQ_OK) {
        settle(import);
    }
    return status;
}

const struct bm_import_report *bm_import_report(struct bm_import *import)
{
    struct bm_import_report *report = &import->report;

    report->rows =
        report->added + report->present + report->expanding + report->failed + report->skipped;
    report->values_refused = import->put.values_refused;
    memcpy(report->list_id, import->put.list_id, sizeof(import->put.list_id));
    memcpy(report->list_name, import->put.list_name, sizeof(report->list_name));
    return report;
}
