#include "intake/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/csv.h"
#include "intake/sniff.h"
#include "store/store.h"
#include "video/url.h"

enum {
    HEAD_BYTES = 64 * 1024, /* gathered before the layout is judged */
    READ_BYTES = 64 * 1024,
    BATCH_ROWS = 1000, /* a transaction; some 20 ms, far from the 5 s that one may take */
};

struct item {
    int64_t line;
    char id[BM_VIDEO_ID_BYTES];
};

struct bm_import {
    struct barq_session *session; /* borrowed */
    char list_id[BM_ID_BYTES];
    int64_t now_ms;
    struct bq_buf head; /* until the layout is known */
    bool has_layout;
    bool header_passed;
    struct bm_layout layout;
    struct bm_csv csv;
    struct item batch[BATCH_ROWS];
    size_t n_batch;
    struct bm_import_report report;
};

enum barq_status bm_import_open(struct barq_session *session, const char *list_id, int64_t now_ms,
                                struct bm_import **out, struct barq_error *err)
{
    struct bm_import *import = calloc(1, sizeof(*import));
    if (!import) {
        bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
        return BARQ_ERR_NOMEM;
    }

    import->session = session;
    import->now_ms = now_ms;
    snprintf(import->list_id, sizeof(import->list_id), "%s", list_id);
    bq_buf_init(&import->head, HEAD_BYTES);
    *out = import;
    return BARQ_OK;
}

void bm_import_close(struct bm_import *import)
{
    if (!import) {
        return;
    }
    bq_buf_clear(&import->head);
    bm_csv_clear(&import->csv);
    free(import);
}

void bm_import_drop(struct bm_import **import)
{
    bm_import_close(*import);
}

/* -- failures -- */

static void note_failure(struct bm_import *import, int64_t line, const char *url,
                         const char *reason)
{
    struct bm_import_report *report = &import->report;

    report->failed++;
    if (report->n_failures == BM_IMPORT_FAILURES_KEPT) {
        return;
    }
    struct bm_import_failure *failure = &report->failures[report->n_failures++];
    *failure = (struct bm_import_failure){.line = line};
    memcpy(failure->url, url, bq_utf8_cut(url, strlen(url), sizeof(failure->url) - 1));
    snprintf(failure->reason, sizeof(failure->reason), "%s", reason);
}

static int by_line(const void *a, const void *b)
{
    const struct bm_import_failure *left = a;
    const struct bm_import_failure *right = b;

    return (left->line > right->line) - (left->line < right->line);
}

/* -- a batch of rows into the list -- */

/*
 * All of one import came at the same instant, so a video that is there since
 * then was in this file before. (No set of ids is kept: memory stays bounded.)
 */
static enum barq_status add_item(struct bm_import *import, const struct item *item,
                                 int64_t *position, struct bm_import_report *tally,
                                 struct barq_error *err)
{
    bool added = false;
    int64_t since_ms = 0;

    enum barq_status status = bm_video_add(import->session, import->list_id, item->id, *position,
                                           import->now_ms, &added, &since_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    *position += added;
    tally->added += added;
    tally->present += !added && since_ms != import->now_ms;
    if (!added && since_ms == import->now_ms) {
        char url[BM_WATCH_URL_BYTES];
        bm_watch_url(item->id, url);
        note_failure(import, item->line, url, "Duplicate video in CSV");
    }
    return BARQ_OK;
}

static enum barq_status add_batch(struct bm_import *import, struct bm_import_report *tally,
                                  struct barq_error *err)
{
    int64_t position = 0;

    enum barq_status status = bm_next_position(import->session, import->list_id, &position, err);
    for (size_t i = 0; status == BARQ_OK && i < import->n_batch; i++) {
        status = add_item(import, &import->batch[i], &position, tally, err);
    }
    return status;
}

/* Writes what has gathered. While a file is read no transaction is open: it may be long in coming. */
static enum barq_status flush(struct bm_import *import, struct barq_error *err)
{
    struct bm_import_report tally = {.rows = 0};
    if (import->n_batch == 0) {
        return BARQ_OK;
    }

    enum barq_status status = barq_session_begin(import->session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = add_batch(import, &tally, err);
    if (status != BARQ_OK) {
        barq_session_rollback(import->session);
        return status;
    }
    status = barq_session_commit(import->session, err);
    if (status == BARQ_OK) {
        import->report.added += tally.added;
        import->report.present += tally.present;
        import->n_batch = 0;
    }
    return status;
}

/* -- rows -- */

static enum barq_status take_url(struct bm_import *import, int64_t line, const char *url,
                                 struct barq_error *err)
{
    struct item *item = &import->batch[import->n_batch];
    struct barq_error why;

    enum barq_status status = bm_video_url_parse(url, strlen(url), item->id, &why);
    if (status == BARQ_ERR_ARG) {
        note_failure(import, line, "", "Empty URL");
        return BARQ_OK;
    }
    if (status != BARQ_OK) {
        char reason[BM_IMPORT_REASON_BYTES];
        snprintf(reason, sizeof(reason), "Could not extract YouTube video ID from URL: %.140s",
                 why.text);
        note_failure(import, line, url, reason);
        return BARQ_OK;
    }
    item->line = line;
    import->n_batch++;
    return import->n_batch == BATCH_ROWS ? flush(import, err) : BARQ_OK;
}

static enum barq_status take_row(struct bm_import *import, struct barq_error *err)
{
    struct bm_csv *csv = &import->csv;

    if (csv->blank) {
        return BARQ_OK;
    }
    if (csv->problem) {
        note_failure(import, csv->line, "", csv->problem);
        return BARQ_OK;
    }
    if (import->layout.has_header && !import->header_passed) {
        import->header_passed = true;
        return BARQ_OK;
    }
    return take_url(import, csv->line, bm_csv_field(csv, import->layout.column), err);
}

static enum barq_status take_bytes(struct bm_import *import, const char *bytes, size_t len,
                                   struct barq_error *err)
{
    const char *end = bytes + len;
    enum barq_status status = BARQ_OK;

    for (const char *at = bytes; at < end && status == BARQ_OK;) {
        bool row;
        at = bm_csv_push(&import->csv, at, end, &row);
        if (row) {
            status = take_row(import, err);
        }
    }
    return status;
}

/* Judges what the file is by what has gathered of it, and takes that. */
static enum barq_status begin(struct bm_import *import, bool whole, struct barq_error *err)
{
    const char *head = import->head.data ? import->head.data : "";

    enum barq_status status = bm_sniff(head, import->head.len, whole, &import->layout, err);
    if (status != BARQ_OK) {
        return status;
    }
    import->has_layout = true;
    bm_csv_init(&import->csv, import->layout.delimiter);
    status = take_bytes(import, head, import->head.len, err);
    bq_buf_clear(&import->head);
    return status;
}

enum barq_status bm_import_push(struct bm_import *import, const char *bytes, size_t len,
                                struct barq_error *err)
{
    if (!import->has_layout) {
        size_t room = HEAD_BYTES - import->head.len;
        size_t taken = len < room ? len : room;
        bq_buf_put(&import->head, bytes, taken);
        if (import->head.failed) {
            return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
        }
        enum barq_status status =
            import->head.len < HEAD_BYTES ? BARQ_OK : begin(import, false, err);
        if (status != BARQ_OK || taken == len) {
            return status;
        }
        bytes += taken;
        len -= taken;
    }
    return take_bytes(import, bytes, len, err);
}

enum barq_status bm_import_end(struct bm_import *import, struct barq_error *err)
{
    enum barq_status status = import->has_layout ? BARQ_OK : begin(import, true, err);

    if (status == BARQ_OK && bm_csv_end(&import->csv)) {
        status = take_row(import, err);
    }
    if (status == BARQ_OK) {
        status = flush(import, err);
    }
    if (status == BARQ_OK && bm_import_report(import)->rows == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "import: no videos in it, only a header or comments");
    }
    return status;
}

const struct bm_import_report *bm_import_report(struct bm_import *import)
{
    struct bm_import_report *report = &import->report;

    report->rows = report->added + report->present + report->failed;
    qsort(report->failures, report->n_failures, sizeof(report->failures[0]), by_line);
    return report;
}

/* -- a whole file -- */

static enum barq_status read_all(struct bm_import *import, int fd, struct barq_error *err)
{
    char bytes[READ_BYTES];

    for (;;) {
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return bq_fail_errno(err, "import: cannot read the file");
        }
        if (got == 0) {
            return bm_import_end(import, err);
        }
        enum barq_status status = bm_import_push(import, bytes, (size_t)got, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
}

enum barq_status bm_import_file(struct barq_session *session, const char *list_id, int fd,
                                int64_t now_ms, struct bm_import_report *out,
                                struct barq_error *err)
{
    bm_auto(import) struct bm_import *import = NULL;
    *out = (struct bm_import_report){.rows = 0};

    enum barq_status status = bm_import_open(session, list_id, now_ms, &import, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = read_all(import, fd, err);
    *out = *bm_import_report(import);
    return status;
}
