/*
 * proposing.h - fields proposed for a list, asked for by somebody who waits: what a job does around a
 * call (settings, holds, what it cost), with no transaction open meanwhile.
 */
#ifndef BM_PROPOSING_H
#define BM_PROPOSING_H

#include <barq/session.h>

#include "services/proposal.h"

/* Nobody waits for longer, whatever is set for jobs. */
enum { BM_PROPOSING_MS = 90 * 1000 };

struct bm_proposed {
    struct bm_proposal proposal;
    const char *model;         /* who proposes */
    struct bm_verdict verdict; /* of NONE, with SETUP: no model is set */
    int64_t held_until_at_ms;  /* of HELD */
};

/*
 * Has the model that is set propose fields for the list, in up to three
 * transactions of its own; none may be open. Nothing is stored but what it cost.
 * Everything is in `arena`. The error's sentence is for the person.
 *
 * BARQ_ERR_CANCELED  `cancel_fd` (-1: none) became readable
 * Others are as of bm_propose(); but with the verdict OK they are the database's.
 */
enum barq_status bm_propose_for(struct barq_session *session, const char *list_id, const char *wish,
                                int cancel_fd, struct barq_arena *arena, struct bm_proposed *out,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* {"fields", "dropped": [{"name", "detail"}], "model", "usage": {"tokens_in", "tokens_out", "cost_millionths"}} */
struct barq_value *bm_proposed_json(const struct bm_proposed *proposed, struct barq_arena *arena);

#endif
