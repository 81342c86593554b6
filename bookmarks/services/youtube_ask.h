/*
 * youtube_ask.h - one GET of the Data API: its answer as values, or a verdict.
 */
#ifndef BM_YOUTUBE_ASK_H
#define BM_YOUTUBE_ASK_H

#include <barq/value.h>

#include "services/youtube.h"

enum {
    BM_YOUTUBE_ANSWER_MAX_BYTES = 8 * 1024 * 1024,
    BM_YOUTUBE_PARSED_MAX_BYTES = 64 * 1024 * 1024, /* enough for an answer's values */
};

/* One call's question and what goes with it. */
struct bm_youtube_question {
    const char *path; /* "/videos?part=..."; without the key */
    const char *kind; /* of the answer: "youtube#videoListResponse" */
    int64_t units;    /* what it costs */
};

/*
 * On success `*out` is the answer, a map of that kind whose "items", if there
 * are any, are a list; in `scratch` (of BM_YOUTUBE_PARSED_MAX_BYTES). Errors
 * are those of bm_youtube_fetch().
 */
enum barq_status bm_youtube_ask(const struct bm_youtube_source *source,
                                const struct bm_youtube_question *question, int cancel_fd,
                                int64_t now_ms, struct barq_arena *scratch, struct barq_value **out,
                                struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

/* The text of an answer of HTTP status 200, as bm_youtube_ask() reads it. */
enum barq_status bm_youtube_read(const char *text, size_t len, const char *kind,
                                 struct barq_arena *scratch, struct barq_value **out,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
