/*
 * read.h - what a request holds, as the type that it must be. What is not there is `otherwise`; the first
 * that is wrong refuses the call (call->status >= 400), and reading may go on.
 */
#ifndef BW_READ_H
#define BW_READ_H

#include "web/call.h"

/* Parameters of the query; of text, `max` bytes. "" is as good as none. */
const char *bw_query(struct bw_call *call, const char *name, size_t max);
int64_t bw_query_int(struct bw_call *call, const char *name, int64_t least, int64_t most,
                     int64_t otherwise);
/* Which of `words` (ended by a NULL) it is. */
int bw_query_word(struct bw_call *call, const char *name, const char *const *words, int otherwise);

/* The body, which must be an object with no other members than `names` (ended by a NULL); NULL: refused. */
const struct barq_value *bw_body(struct bw_call *call, const char *const *names);
/* The same of an object within. */
bool bw_has_only(struct bw_call *call, const struct barq_value *object, const char *const *names);
/* Its members: null is as good as none. */
const char *bw_member(struct bw_call *call, const struct barq_value *object, const char *name,
                      size_t max);
int bw_member_word(struct bw_call *call, const struct barq_value *object, const char *name,
                   const char *const *words, int otherwise);
/* The texts of a list of 1 to `most`; NULL when it is not there, or refused. */
const char *const *bw_member_texts(struct bw_call *call, const struct barq_value *object,
                                   const char *name, size_t most, size_t max, size_t *count);

#endif
