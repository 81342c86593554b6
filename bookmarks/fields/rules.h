/*
 * rules.h - fields that fill themselves: patterns over what is known of a video.
 *
 * A rule is data, stored with its field as JSON; one of
 *
 *     {"from": "year"}     of publishing; also "minutes", "seconds", "channel", "language"
 *     {"first": [PATTERN, ...], "otherwise": "talk"}  the option of the first that matches
 *     {"all": [PATTERN, ...]}                         the options of all that match
 *     {"any": [PATTERN, ...]}                         true or false
 *
 * A PATTERN is a map. All that it says must hold:
 *
 *     "option"          what it stands for
 *     "words": [...]    one of them is in the title or the tags: whole words, ASCII case
 *                       ignored; "test*" also means "testing"
 *     "min_minutes", "max_minutes"  of the duration, both included; an unknown one does not match
 *
 * What a rule finds nothing for has no value.
 */
#ifndef BM_RULES_H
#define BM_RULES_H

#include <stdbool.h>

#include <barq/error.h>
#include <barq/value.h>

#include "video/metadata.h"

enum bm_field_type {
    BM_TEXT,
    BM_SELECT,
    BM_MULTI_SELECT,
    BM_NUMBER,
    BM_BOOLEAN,
    BM_DURATION, /* minutes */
    BM_FIELD_TYPES,
};
const char *bm_field_type_name(enum bm_field_type type); /* "text", "select", "multi-select", ... */
bool bm_field_type_parse(const char *name, enum bm_field_type *out);

/* `value` is of the type; a select's and multi-select's is among `options` (a list; empty: any
 * text). */
enum barq_status bm_field_check(enum bm_field_type type, const struct barq_value *options,
                                const struct barq_value *value, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * Applies `rule` to `video`. `*out` is in `arena`, and NULL when the rule
 * finds nothing.
 *
 * BARQ_ERR_FORMAT  `rule` is none of the above
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bm_rule_apply(const struct barq_value *rule, const struct bm_metadata *video,
                               struct barq_arena *arena, struct barq_value **out,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
