/* A whole import at once: of a file, of bytes; and that what came is processed. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "auto.h"
#include "base/error.h"
#include "intake/import.h"
#include "store/runs.h"

enum { READ_BYTES = 64 * 1024 };

void bm_import_report_add(struct bm_import_report *sum, const struct bm_import_report *report)
{
    sum->rows += report->rows;
    sum->added += report->added;
    sum->present += report->present;
    sum->expanding += report->expanding;
    sum->failed += report->failed;
    sum->skipped += report->skipped;
    sum->values_refused += report->values_refused;
    if (*report->list_id != '\0') {
        memcpy(sum->list_id, report->list_id, sizeof(sum->list_id));
        memcpy(sum->list_name, report->list_name, sizeof(sum->list_name));
    }
    for (size_t i = 0; i < report->n_failures && sum->n_failures < BM_IMPORT_FAILURES_KEPT; i++) {
        sum->failures[sum->n_failures++] = report->failures[i];
    }
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

enum barq_status bm_import_file(struct barq_session *session,
                                const struct bm_import_options *options, int fd,
                                struct bm_import_report *out, struct barq_error *err)
{
    bm_auto(import) struct bm_import *import = NULL;
    *out = (struct bm_import_report){.rows = 0};

    enum barq_status status = bm_import_open(session, options, &import, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = read_all(import, fd, err);
    *out = *bm_import_report(import);
    return status;
}

enum barq_status bm_import_bytes(struct barq_session *session,
                                 const struct bm_import_options *options, const char *bytes,
                                 size_t len, struct bm_import_report *out, struct barq_error *err)
{
    bm_auto(import) struct bm_import *import = NULL;
    *out = (struct bm_import_report){.rows = 0};

    enum barq_status status = bm_import_open(session, options, &import, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_import_push(import, bytes, len, err);
    if (status == BARQ_OK) {
        status = bm_import_end(import, err);
    }
    *out = *bm_import_report(import);
    return status;
}

/* -- afterwards -- */

enum barq_status bm_import_process(struct barq_session *session,
                                   const struct bm_import_options *options,
                                   struct bm_import_report *report, struct barq_error *err)
{
    if (options->preview || options->no_process || *report->list_id == '\0') {
        return BARQ_OK;
    }

    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_run_take_on(session, report->list_id, options->now_ms, report->run_id,
                            &report->run_total, err);
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}
