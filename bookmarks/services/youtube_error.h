/*
 * youtube_error.h - what an answer other than 200 means.
 */
#ifndef BM_YOUTUBE_ERROR_H
#define BM_YOUTUBE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "services/outcome.h"

/*
 * Judges an answer of HTTP status `http_status` with the body `text` (JSON as
 * YouTube's, or anything). YouTube's reason counts for more than the status.
 * Fills `verdict` but for retry_ms, and `err`; returns the status that
 * bm_youtube_fetch() has for this. `units` is what the call would have cost.
 */
enum barq_status bm_youtube_judge(int http_status, const char *text, size_t len, int64_t units,
                                  int64_t now_ms, struct bm_verdict *verdict,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif
