/*
 * read.h - what a request holds, member by member, as the type that it must be.
 *
 *     const struct barq_value *body = bm_api_body(request);
 *     const char *name = bm_api_need_text(request, body, "name", 255);
 *     bool again = bm_api_bool(request, body, "again", false);
 *     int64_t limit = bm_api_query_int(request, "limit", 1, 1000, 100);
 *     if (!bm_api_good(request)) {
 *         return BARQ_OK;
 *     }
 *
 * A member that is wrong is noted, and reading goes on, so that a caller is told
 * of all at once; bm_api_good() then refuses with the notes. Until it was asked,
 * what was read may be NULL or the default. What is not there, or null, is
 * `otherwise`; bm_api_has() tells null from absent. All takes a NULL body.
 */
#ifndef BM_API_READ_H
#define BM_API_READ_H

#include "api/request.h"

/* The body, which must be a JSON object; NULL when it is none, which is noted. */
const struct barq_value *bm_api_body(struct bm_api_request *request);
/* The same, but NULL without a note when there is no body at all. */
const struct barq_value *bm_api_body_if_any(struct bm_api_request *request);

bool bm_api_has(const struct barq_value *body, const char *name);
/* Text never has a NUL in it, and at most `max` bytes, at least one if it is needed. */
const char *bm_api_text(struct bm_api_request *request, const struct barq_value *body,
                        const char *name, size_t max, const char *otherwise);
const char *bm_api_need_text(struct bm_api_request *request, const struct barq_value *body,
                             const char *name, size_t max);
bool bm_api_bool(struct bm_api_request *request, const struct barq_value *body, const char *name,
                 bool otherwise);
int64_t bm_api_int(struct bm_api_request *request, const struct barq_value *body, const char *name,
                   int64_t least, int64_t most, int64_t otherwise);
int64_t bm_api_need_int(struct bm_api_request *request, const struct barq_value *body,
                        const char *name, int64_t least, int64_t most);
double bm_api_number(struct bm_api_request *request, const struct barq_value *body,
                     const char *name, double least, double most, double otherwise);
/* A list of `least` to `most` members, or a map; NULL when it is not there. */
const struct barq_value *bm_api_list_of(struct bm_api_request *request,
                                        const struct barq_value *body, const char *name,
                                        size_t least, size_t most);
const struct barq_value *bm_api_map(struct bm_api_request *request, const struct barq_value *body,
                                    const char *name);
/* The strings of a list member, `*count` of them; NULL and 0 when it is not there. */
const char *const *bm_api_texts(struct bm_api_request *request, const struct barq_value *body,
                                const char *name, size_t most, size_t max_bytes, size_t *count);
/* Which of `words` (ended by NULL) the member is; `otherwise` (BARQ_OFF, say) when it is not there. */
int bm_api_word(struct bm_api_request *request, const struct barq_value *body, const char *name,
                const char *const *words, int otherwise);

/* Parameters of the query. */
const char *bm_api_query(const struct bm_api_request *request, const char *name,
                         const char *otherwise);
int64_t bm_api_query_int(struct bm_api_request *request, const char *name, int64_t least,
                         int64_t most, int64_t otherwise);
bool bm_api_query_bool(struct bm_api_request *request, const char *name, bool otherwise);
int bm_api_query_word(struct bm_api_request *request, const char *name, const char *const *words,
                      int otherwise);

/* Notes what a reader cannot see: `pointer` is "/name" or "/field_values/3/value". */
void bm_api_wrong(struct bm_api_request *request, const char *pointer, const char *format, ...)
    BARQ_PRINTF(3, 4);
void bm_api_wrong_query(struct bm_api_request *request, const char *name, const char *format, ...)
    BARQ_PRINTF(3, 4);
/* True when nothing was noted and nothing refused; else the request is refused. */
bool bm_api_good(struct bm_api_request *request);

#endif
