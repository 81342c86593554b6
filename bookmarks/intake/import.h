/*
 * import.h - videos into a list, from a file that is read as it comes.
 *
 * What is understood:
 *
 *   our own CSV         a column `url`; lines that begin with # are comments
 *   any other CSV       a column of YouTube addresses or ids, found by its name
 *                       or by what is in its first rows; comma, semicolon or tab
 *   a list              one address or id a line
 *
 * Only which videos there are is taken: other columns (title, channel,
 * duration, ...) are not trusted, since they may be old or someone's own
 * words, and the fetching of metadata tells the same with certainty.
 *
 * Nothing is lost: each row is added, there already, or a failure with its
 * line and a reason. Rows go in by short transactions, so that an import
 * that breaks off has kept what came before and can be run again.
 */
#ifndef BM_IMPORT_H
#define BM_IMPORT_H

#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>

enum {
    BM_IMPORT_FAILURES_KEPT = 100, /* the first ones; all are counted */
    BM_IMPORT_URL_BYTES = 96,
    BM_IMPORT_REASON_BYTES = 200,
};

struct bm_import_failure {
    int64_t line;                  /* from 1 */
    char url[BM_IMPORT_URL_BYTES]; /* as it was written, cut; "" when it was not readable */
    char reason[BM_IMPORT_REASON_BYTES];
};

struct bm_import_report {
    int64_t rows; /* added + present + failed */
    int64_t added;
    int64_t present; /* in the list before */
    int64_t failed;
    size_t n_failures; /* kept, by line */
    struct bm_import_failure failures[BM_IMPORT_FAILURES_KEPT];
};

struct bm_import;

/* `session` has no transaction open, is borrowed, and used whenever there are enough rows. */
enum barq_status bm_import_open(struct barq_session *session, const char *list_id, int64_t now_ms,
                                struct bm_import **out, struct barq_error *err) BARQ_MUST_CHECK;
void bm_import_close(struct bm_import *import); /* takes NULL; what was not ended is not written */
void bm_import_drop(struct bm_import **import); /* for bm_auto(import) */

/*
 * Takes the next bytes of the file.
 *
 * BARQ_ERR_FORMAT, BARQ_ERR_ARG  as bm_sniff(): the whole file is refused, nothing was added
 * others                         of the session; the report tells what went in before
 */
enum barq_status bm_import_push(struct bm_import *import, const char *bytes, size_t len,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* The file has ended. BARQ_ERR_ARG: nothing but a header was in it. Else as bm_import_push(). */
enum barq_status bm_import_end(struct bm_import *import, struct barq_error *err) BARQ_MUST_CHECK;
/* Of what went in so far; borrowed. */
const struct bm_import_report *bm_import_report(struct bm_import *import);

/* All of that for an open file; `*out` is filled also on failure. */
enum barq_status bm_import_file(struct barq_session *session, const char *list_id, int fd,
                                int64_t now_ms, struct bm_import_report *out,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
