#include "jobs/proposing.h"

#include <stdio.h>

#include "base/error.h"
#include "base/time.h"
#include "fields/definition.h"
#include "jobs/held.h"
#include "jobs/settings.h"
#include "store/fields.h"

struct asking {
    struct bm_services_settings services;
    const struct bm_field *there;
    size_t n_there;
    int64_t budget_millionths;
    struct bm_held held;
};

static enum barq_status read_all(struct barq_session *session, const char *list_id,
                                 struct barq_arena *arena, struct asking *asking,
                                 struct barq_error *err)
{
    enum barq_status status = bm_services_of(session, arena, &asking->services, err);
    if (status == BARQ_OK) {
        status = bm_daily_budget(session, arena, &asking->budget_millionths, err);
    }
    if (status == BARQ_OK) {
        status = bm_fields(session, list_id, arena, &asking->there, &asking->n_there, err);
    }
    if (status == BARQ_OK && asking->services.model.service != BM_SERVICE_NONE) {
        status = bm_hold_get(session, bm_service_name(asking->services.model.service), bq_wall_ms(),
                             arena, &asking->held, err);
    }
    return status;
}

/* May it be asked? Else as bm_judged(). */
static enum barq_status admit(const struct asking *asking, struct bm_proposed *out,
                              struct barq_error *err)
{
    if (asking->services.model.service == BM_SERVICE_NONE) {
        return bm_judged(&out->verdict, BM_CALL_SETUP, 0, err,
                         "proposal: no model is set that could propose fields");
    }
    if (asking->held.service) {
        out->held_until_at_ms = asking->held.until_at_ms;
        return bm_judged(&out->verdict, BM_CALL_HELD, 0, err, "proposal: %.300s",
                         asking->held.reason);
    }
    return BARQ_OK;
}

/* -- what it cost -- */

static enum barq_status note_all(struct barq_session *session, const struct asking *asking,
                                 const char *list_id, const char *why, struct barq_arena *arena,
                                 struct bm_proposed *out, struct barq_error *err)
{
    const struct bm_usage *usage = &out->proposal.usage;
    const struct bm_used used = {.model = out->model,
                                 .tokens_in = usage->tokens_in,
                                 .tokens_out = usage->tokens_out,
                                 .cost_millionths = usage->cost_millionths};
    struct bm_held held = {.service = NULL};

    enum barq_status status = bm_note_call(session, &out->verdict, why, list_id, &used, err);
    if (status == BARQ_OK && asking->budget_millionths > 0) {
        status = bm_hold_when_spent(session, out->verdict.service, asking->budget_millionths, err);
    }
    if (status == BARQ_OK && out->verdict.outcome == BM_CALL_HELD) {
        status = bm_hold_get(session, bm_service_name(out->verdict.service), bq_wall_ms(), arena,
                             &held, err);
        out->held_until_at_ms = held.until_at_ms;
    }
    return status;
}

static enum barq_status note(struct barq_session *session, const struct asking *asking,
                             const char *list_id, const char *why, struct barq_arena *arena,
                             struct bm_proposed *out, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);
    if (status == BARQ_OK) {
        status = note_all(session, asking, list_id, why, arena, out, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    out->verdict.outcome = BM_CALL_OK; /* the database's */
    return status;
}

/* -- all of it -- */

enum barq_status bm_propose_for(struct barq_session *session, const char *list_id, const char *wish,
                                int cancel_fd, struct barq_arena *arena, struct bm_proposed *out,
                                struct barq_error *err)
{
    struct asking asking = {.n_there = 0};
    struct bm_model *model = &asking.services.model;
    struct barq_error why = {.text = ""};
    *out = (struct bm_proposed){.verdict = {.outcome = BM_CALL_OK}};

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = read_all(session, list_id, arena, &asking, err);
    }
    barq_session_rollback(session);
    if (status == BARQ_OK) {
        status = admit(&asking, out, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    out->model = model->name;
    if (model->timeout_ms == 0 || model->timeout_ms > BM_PROPOSING_MS) {
        model->timeout_ms = BM_PROPOSING_MS;
    }
    enum barq_status asked = bm_propose(model, wish, asking.there, asking.n_there, cancel_fd,
                                        bq_wall_ms(), arena, &out->proposal, &out->verdict, &why);
    if (out->verdict.outcome != BM_CALL_CANCELED) {
        status = note(session, &asking, list_id, why.text, arena, out, err);
    }
    if (status == BARQ_OK && asked != BARQ_OK) {
        return bq_fail(err, asked, "%s", why.text);
    }
    return status;
}

struct barq_value *bm_proposed_json(const struct bm_proposed *proposed, struct barq_arena *arena)
{
    const struct bm_proposal *proposal = &proposed->proposal;
    struct barq_value *map = barq_map(arena);
    struct barq_value *fields = barq_list(arena);
    struct barq_value *dropped = barq_list(arena);
    struct barq_value *usage = barq_map(arena);

    for (size_t i = 0; i < proposal->n_fields; i++) {
        barq_add(fields, bm_field_json(&proposal->fields[i], arena));
    }
    for (size_t i = 0; i < proposal->n_dropped; i++) {
        struct barq_value *one = barq_map(arena);
        barq_set_key(one, "name", barq_string(arena, proposal->dropped[i].name));
        barq_set_key(one, "detail", barq_string(arena, proposal->dropped[i].why));
        barq_add(dropped, one);
    }
    barq_set_key(usage, "tokens_in", barq_int(arena, proposal->usage.tokens_in));
    barq_set_key(usage, "tokens_out", barq_int(arena, proposal->usage.tokens_out));
    barq_set_key(usage, "cost_millionths", barq_int(arena, proposal->usage.cost_millionths));
    barq_set_key(map, "fields", fields);
    barq_set_key(map, "dropped", dropped);
    barq_set_key(map, "model", barq_string(arena, proposed->model));
    barq_set_key(map, "usage", usage);
    return map;
}
