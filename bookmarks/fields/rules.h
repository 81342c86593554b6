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

#include "fields/field.h"
#include "video/metadata.h"

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

/*
 * Is the field's rule (or none) one that makes sense, and gives what the field allows?
 *
 * BARQ_ERR_ARG    no; the error names the field and says why
 * BARQ_ERR_NOMEM  `arena`, for what is needed on the way, is at its limit
 */
enum barq_status bm_rule_check(const struct bm_field *field, struct barq_arena *arena,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
