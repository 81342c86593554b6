/*
 * text.h - what goes into answers, where it may not be there or not be what it should.
 */
#ifndef BW_TEXT_H
#define BW_TEXT_H

#include <barq/value.h>

/* `text` as a value; NULL is null. Bytes of it that are no UTF-8 are escaped, for a broker may hold anything. */
struct barq_value *bw_text(struct barq_arena *arena, const char *text);
/* The same text; NULL when the arena is full. */
const char *bw_clean(struct barq_arena *arena, const char *text);
/* A number that is not known, or an instant that never was, when it is 0: null. */
struct barq_value *bw_maybe(struct barq_arena *arena, int64_t number);

#endif
