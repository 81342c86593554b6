/*
 * shown.h - values of jobs, whatever wrote them, as JSON: see Value in openapi.json.
 */
#ifndef BW_SHOWN_H
#define BW_SHOWN_H

#include <barq/value.h>

enum { BW_BRIEF_BYTES = 200 };

/* A copy, open, in `arena`. NULL reads as null. */
struct barq_value *bw_shown(struct barq_arena *arena, const struct barq_value *value);
/* Arguments in a line: `1, "a", [2, 3], key=4`; cut after BW_BRIEF_BYTES, and then ended by an ellipsis. */
const char *bw_brief(struct barq_arena *arena, const struct barq_value *args,
                     const struct barq_value *kwargs);

#endif
