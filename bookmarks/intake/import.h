/*
 * import.h - videos into a list, from anything that formats/reader.h can read,
 * as it comes; or only a look at what that would do.
 *
 * Nothing is lost: each video is added, there already, or a failure with its
 * line and a reason; a playlist or a channel is expanded by a job; what was
 * not meant (other sites' pages among bookmarks) is counted. Rows go in by
 * short transactions, so that an import that breaks off has kept what came
 * before and can be run again.
 *
 * A title in a file is only shown until the fetching of metadata tells the
 * right one. Folders and tags become labels, other words notes.
 */
#ifndef BM_IMPORT_H
#define BM_IMPORT_H

#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>

#include "formats/item.h"
#include "store/id.h"

enum {
    BM_IMPORT_FAILURES_KEPT = 100, /* the first ones; all are counted */
    BM_IMPORT_URL_BYTES = 96,
    BM_IMPORT_REASON_BYTES = 200,
    BM_IMPORT_MEMBER_BYTES = 128,
    BM_IMPORT_EXPANSIONS_MAX = 2000, /* playlists and channels of one import */
    BM_IMPORT_FRESH_PRIORITY = 1,    /* of one video alone, for which a person waits; of many: 0 */
};

enum bm_intake {
    BM_ADDED,     /* or would be */
    BM_PRESENT,   /* in the list before, or earlier in the file with other labels */
    BM_EXPANDING, /* a playlist or channel: a job adds its videos */
    BM_FAILED_LINE,
    BM_SKIPPED,
    BM_OUTCOMES
};
const char *bm_intake_name(enum bm_intake outcome); /* "added", "present", "expanding", ... */

struct bm_import_failure {
    int64_t line;                        /* from 1 */
    char member[BM_IMPORT_MEMBER_BYTES]; /* the file within an archive or a folder, or "" */
    char url[BM_IMPORT_URL_BYTES];       /* as it was written, cut; "" when it was not readable */
    char reason[BM_IMPORT_REASON_BYTES];
};

struct bm_import_report {
    int64_t rows; /* all of the following */
    int64_t added;
    int64_t present;
    int64_t expanding;
    int64_t failed;
    int64_t skipped;
    char list_id[BM_ID_BYTES]; /* where it went; "" when no list was made */
    char list_name[256];
    char run_id[BM_ID_BYTES]; /* that processes it; "": none does */
    int64_t run_total;        /* of the videos that it has taken on */
    int64_t values_refused;   /* of fields, that the schema does not allow: their videos are in */
    size_t n_failures;        /* kept, by line */
    struct bm_import_failure failures[BM_IMPORT_FAILURES_KEPT];
};

/* What became of one item; called before the report counts it, in the order of the file. */
typedef void bm_import_tell(void *context, enum bm_intake outcome, const struct bm_item *item,
                            const char *why);

/* Its strings are borrowed until the import is closed. */
struct bm_import_options {
    const char *list_id;   /* or its name: one that is there; NULL: of the next three */
    const char *list_name; /* of a list that is made when it is not there */
    const char *template;  /* with these fields */
    bool name_is_guess;    /* of a file: the name in an export of ours is better */
    int64_t now_ms;
    bool preview;    /* nothing is stored */
    bool no_process; /* no run takes on what it brings, playlists' and channels' videos neither */
    int priority;    /* of the videos: what has a higher one is fetched first */
    const char *member;   /* the name of the one file, of those in a folder; NULL: the only one */
    bm_import_tell *tell; /* NULL: nobody is told line by line */
    void *context;
};

struct bm_import;

/* `session` has no transaction open, is borrowed, and used whenever there are enough rows. */
enum barq_status bm_import_open(struct barq_session *session,
                                const struct bm_import_options *options, struct bm_import **out,
                                struct barq_error *err) BARQ_MUST_CHECK;
void bm_import_close(struct bm_import *import); /* takes NULL; what was not ended is not written */
void bm_import_drop(struct bm_import **import); /* for bm_auto(import) */

/*
 * Takes the next bytes of the file.
 *
 * BARQ_ERR_FORMAT, BARQ_ERR_ARG  as bm_reader_push(): the whole file is refused
 * BARQ_ERR_LIMIT                 more than one import can take
 * BARQ_ERR_NOTFOUND              there is no list `list_id`
 * others                         of the session; the report tells what went in before
 */
enum barq_status bm_import_push(struct bm_import *import, const char *bytes, size_t len,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* The file has ended. BARQ_ERR_ARG: nothing but a header was in it. Else as bm_import_push(). */
enum barq_status bm_import_end(struct bm_import *import, struct barq_error *err) BARQ_MUST_CHECK;
/* Of what went in so far; borrowed. */
const struct bm_import_report *bm_import_report(struct bm_import *import);

/* Adds what one import has reported to what others have. */
void bm_import_report_add(struct bm_import_report *sum, const struct bm_import_report *report);

/*
 * Starts a run of what an import has brought and of all else in its list that no run has taken on:
 * so also of what one that broke off had left. Notes it in the report. No transaction is open.
 */
enum barq_status bm_import_process(struct barq_session *session,
                                   const struct bm_import_options *options,
                                   struct bm_import_report *report, struct barq_error *err)
    BARQ_MUST_CHECK;

/* All of that for an open file; `*out` is filled also on failure. */
enum barq_status bm_import_file(struct barq_session *session,
                                const struct bm_import_options *options, int fd,
                                struct bm_import_report *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* And for bytes that are there. */
enum barq_status bm_import_bytes(struct barq_session *session,
                                 const struct bm_import_options *options, const char *bytes,
                                 size_t len, struct bm_import_report *out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
