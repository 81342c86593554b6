/*
 * proposal.h - fields for a list, proposed by a model from a sentence: "I want
 * to compare recipes by how long they take".
 */
#ifndef BM_PROPOSAL_H
#define BM_PROPOSAL_H

#include "fields/field.h"
#include "services/model.h"

enum {
    BM_PROPOSAL_FIELDS = 10,
    BM_PROPOSAL_DROPPED = 10, /* of those that made no field, so many are told */
    BM_PROPOSAL_WISH_BYTES = 4000,
};

struct bm_proposal_dropped {
    const char *name; /* as the model called it; "": it did not */
    const char *why;
};

struct bm_proposal {
    const struct bm_field *fields; /* each makes sense by itself, and no name is there twice */
    size_t n_fields;
    const struct bm_proposal_dropped *dropped; /* proposed, but they made none */
    size_t n_dropped;
    struct bm_usage usage; /* filled in every case */
};

/*
 * Asks `model` for fields that fit `wish`, a person's own words, beside those
 * that the list has already. Everything is in `arena`; nothing is stored.
 * Errors and verdicts are those of bm_model_ask(); REFUSED (BAD_ANSWER) when
 * no proposed field makes sense, REFUSED (REQUEST) when the wish is empty or
 * longer than BM_PROPOSAL_WISH_BYTES.
 */
enum barq_status bm_propose(const struct bm_model *model, const char *wish,
                            const struct bm_field *there, size_t n_there, int cancel_fd,
                            int64_t now_ms, struct barq_arena *arena, struct bm_proposal *out,
                            struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

#endif
