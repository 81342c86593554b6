/*
 * values.h - what a video has in its list's fields, and who said so.
 *
 * Only what its field allows is stored. A value is replaced, or taken away,
 * only by who said it, or by a later one in the order of enum bm_source: a
 * rule's by a model's, a model's by an import's, all of them by a person's, and
 * a person's by nobody else.
 */
#ifndef BM_STORE_VALUES_H
#define BM_STORE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "fields/field.h"

enum bm_source { BM_BY_RULE, BM_BY_MODEL, BM_BY_IMPORT, BM_BY_PERSON, BM_SOURCES };
const char *bm_source_name(enum bm_source source); /* "rule", "model", "import", "person" */
bool bm_source_parse(const char *name, enum bm_source *out);

/* What is NULL or zero is not known. */
struct bm_field_value {
    const char *field_id;
    const struct barq_value *value; /* NULL, to be set: there is none */
    enum bm_source source;
    const char *model; /* which, when a model said it */
    const char *model_version;
    bool has_time; /* the evidence: when it is said in the video, and in which words */
    int64_t at_seconds;
    const char *quote;
    int64_t updated_at_ms; /* not read when it is set */
};

/*
 * Sets `given->value` of a video in `field`; its field_id is not read.
 * `*changed` (may be NULL) is false when somebody's word stands above it, or
 * there was nothing to take away.
 *
 * BARQ_ERR_TYPE  the field does not allow it: see bm_field_check()
 */
enum barq_status bm_field_value_set(struct barq_session *session, const char *video_id,
                                    const struct bm_field *field,
                                    const struct bm_field_value *given, int64_t now_ms,
                                    bool *changed, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Takes a value away, whoever said it, for a person: the field is the
 * machine's again. Its rule, if it has one and the video is described, says at
 * once what it has to say.
 */
enum barq_status bm_field_value_clear(struct barq_session *session, const char *video_id,
                                      const struct bm_field *field, int64_t now_ms,
                                      struct barq_error *err) BARQ_MUST_CHECK;

/* All of a video, by field. */
enum barq_status bm_field_values(struct barq_session *session, const char *video_id,
                                 struct barq_arena *arena, const struct bm_field_value **out,
                                 size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
/* Those of many videos, at most 1000: of `ids[i]` in `out[i]`, by field. */
struct bm_values_of {
    struct bm_field_value *values;
    size_t count;
};
enum barq_status bm_field_values_of(struct barq_session *session, const char *const *ids,
                                    size_t n_ids, struct barq_arena *arena,
                                    struct bm_values_of *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * What a value is filtered and sorted by, in `arena`: a number, or the
 * beginning of a text, or a multi-select's options each between line feeds.
 * Both may be null. BARQ_ERR_NOMEM: `arena` is full.
 */
enum barq_status bm_value_keys(const struct bm_field *field, const struct barq_value *value,
                               struct barq_arena *arena, struct barq_scalar *number,
                               struct barq_scalar *text, struct barq_error *err) BARQ_MUST_CHECK;

#endif
