#include "commands/fields_propose.h"

#include <stdio.h>

#include "auto.h"
#include "base/time.h"
#include "commands/fields_show.h"
#include "commands/run.h"
#include "jobs/proposing.h"

/* What a command that calls out works with: no transaction is open. */
struct work {
    struct bm_step step; /* its session and arena */
    struct bm_list list;
    struct bm_proposed proposed;
};

static void tell_dropped(const struct bm_proposal *proposal)
{
    for (size_t i = 0; i < proposal->n_dropped; i++) {
        fprintf(stderr, "left out %s: %s\n", proposal->dropped[i].name, proposal->dropped[i].why);
    }
}

static enum barq_status show(const struct work *work, struct barq_error *err)
{
    const struct bm_proposal *proposal = &work->proposed.proposal;

    if (work->step.json) {
        return bm_print_json(bm_proposed_json(&work->proposed, work->step.arena), work->step.arena,
                             err);
    }
    tell_dropped(proposal);
    return bm_print_fields(&work->step, proposal->fields, proposal->n_fields, err);
}

static enum barq_status add(const struct work *work, struct barq_error *err)
{
    const struct bm_proposal *proposal = &work->proposed.proposal;
    struct barq_session *session = work->step.session;
    size_t added = 0;

    enum barq_status status = barq_session_begin(session, true, err);
    if (status == BARQ_OK) {
        status = bm_fields_add(session, work->list.id, proposal->fields, proposal->n_fields,
                               bq_wall_ms(), &added, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

static enum barq_status run(struct work *work, const char *list, const char *sentence, bool accept,
                            struct barq_error *err)
{
    struct bm_step *step = &work->step;

    enum barq_status status = bm_read_list(step->session, list, step->arena, &work->list, err);
    if (status == BARQ_OK) {
        status = bm_propose_for(step->session, work->list.id, sentence, -1, step->arena,
                                &work->proposed, err);
    }
    if (status == BARQ_OK && accept) {
        status = add(work, err);
    }
    return status == BARQ_OK ? show(work, err) : status;
}

int bm_propose_fields(const char *list, const char *sentence, bool accept, bool json)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    struct work work = {.step = {.session = session, .arena = &arena, .json = json}};
    if (status == BARQ_OK) {
        status = run(&work, list, sentence, accept, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}
