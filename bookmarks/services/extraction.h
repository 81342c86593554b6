/*
 * extraction.h - a video's fields, filled in by a model: what it is asked, and
 * what of its answer may be stored.
 *
 * Nothing is stored here. So a dry run is the same call, and whoever stores
 * (store/values.h) stores what is in `values`, and nothing of `dropped`.
 */
#ifndef BM_EXTRACTION_H
#define BM_EXTRACTION_H

#include "fields/field.h"
#include "formats/captions.h"
#include "services/model.h"

enum {
    BM_QUOTE_BYTES = 500,
    BM_WATCH_LONGEST_S = 2 * 3600, /* unless set: at low resolution some 700,000 tokens */
};

/* What there is to go by. Borrowed for the call. */
struct bm_subject {
    const struct bm_metadata *video;
    const struct bm_cue *cues; /* what is said in it; NULL: not known */
    size_t n_cues;
    bool watch;              /* the model watches the video itself: dear, and of Gemini only */
    int64_t watch_longest_s; /* 0: BM_WATCH_LONGEST_S */
};

/* A value that its field allows. Lives in the arena of the call. */
struct bm_extracted {
    const struct bm_field *field;
    const struct barq_value *value;
    bool has_time; /* the evidence: when it is said or shown */
    int64_t at_seconds;
    const char *quote; /* and in which words, which are in the transcript; NULL: none */
};

/* One that it does not allow, or a field that the answer leaves out. */
struct bm_dropped {
    const struct bm_field *field;
    const char *why; /* a sentence */
};

struct bm_extraction {
    const struct bm_extracted *values;
    size_t n_values;
    const struct bm_dropped *dropped;
    size_t n_dropped;
    size_t n_empty;           /* fields of which the model says that nothing decides them */
    const char *instructions; /* what it was asked, as it was sent */
    const char *prompt;
    bool cut;              /* the transcript did not fit and was cut at its end */
    const char *version;   /* of the model, as it calls itself; else its name */
    struct bm_usage usage; /* filled in every case */
};

/*
 * Asks `model` for `fields` (1 to BM_FIELDS_MAX) of one video. Errors and
 * verdicts are those of bm_model_ask(), and SETUP when the model cannot watch,
 * REFUSED (TOO_LONG) for a video that is too long to be watched, or may be,
 * since its length is not known; REFUSED (NO_TEXT) when there is nothing to
 * go by: neither title nor description nor a word.
 */
enum barq_status bm_extract(const struct bm_model *model, const struct bm_subject *subject,
                            const struct bm_field *fields, size_t n_fields, int cancel_fd,
                            int64_t now_ms, struct barq_arena *arena, struct bm_extraction *out,
                            struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

/* -- its parts, which call nobody -- */

/*
 * The JSON Schema of an answer: for each field an object of its value and the
 * evidence. The value may be null, unless the field is required. Bounds are in it only for Gemini: others refuse a schema with them.
 * NULL when `arena` is full.
 */
struct barq_value *bm_extraction_schema(const struct bm_field *fields, size_t n_fields,
                                        enum bm_service service, struct barq_arena *arena);

/* What the model is told, in words. NULL when `arena` is full. */
const char *bm_extraction_instructions(bool watch, struct barq_arena *arena);
/* The fields, what is known of the video, and what is said in it, in at most `max_bytes`. */
const char *bm_extraction_prompt(const struct bm_subject *subject, const struct bm_field *fields,
                                 size_t n_fields, size_t max_bytes, struct barq_arena *arena,
                                 bool *cut);

/* Reads the answer into `out` (values, dropped, n_empty). False when `arena` is full. */
bool bm_extraction_take(const struct barq_value *answer, const struct bm_subject *subject,
                        const struct bm_field *fields, size_t n_fields, struct barq_arena *arena,
                        struct bm_extraction *out);

#endif
