#include "dispatcher/cron.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"

void bq_crons_init(struct bq_crons *crons)
{
    *crons = (struct bq_crons){.codec = &bq_codec_json};
    bq_arena_init(&crons->arena, BQ_CRONS_ARENA_BYTES);
    bq_arena_init(&crons->runs, BQ_CRON_RUNS_BYTES);
}

/* An exchange may be under way: its ticks stay as they are. */
static void forget(struct bq_crons *crons)
{
    crons->count = 0;
    crons->all = NULL;
    crons->forgotten = true;
    bq_arena_clear(&crons->arena);
}

void bq_crons_clear(struct bq_crons *crons)
{
    forget(crons);
    bq_arena_clear(&crons->runs);
}

/* -- learning them -- */

static bool copy(struct barq_arena *arena, const char **text)
{
    *text = bq_arena_strdup(arena, *text);
    return *text;
}

static enum barq_status learn_one(struct bq_crons *crons, const struct bq_cron_job *job,
                                  const char *first_queue, struct bq_cron_state *out,
                                  struct barq_error *err)
{
    struct bq_cron_state state = {
        .job = *job,
        .queue = job->queue[0] != '\0' ? job->queue : first_queue,
        .starting = job->run_at_startup,
        .next_at_ms = INT64_MAX,
        .catch_up = BQ_CRON_CATCH_UP_MAX,
    };
    const char **const texts[] = {&state.job.name,      &state.job.function,  &state.job.schedule,
                                  &state.job.time_zone, &state.job.arguments, &state.queue};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!copy(&crons->arena, texts[i])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "worker: no memory for the cron jobs");
        }
    }
    enum barq_status status = bq_cron_job_read(&crons->arena, &state.job, &state.meaning, err);
    if (status == BARQ_OK) {
        *out = state;
    }
    return status;
}

enum barq_status bq_crons_learn(struct bq_crons *crons, const struct bq_ready *ready,
                                const char *first_queue, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    forget(crons);
    crons->all = bq_arena_array(&crons->arena, ready->n_cron_jobs + 1, sizeof(crons->all[0]));
    if (!crons->all) {
        return bq_fail(err, BARQ_ERR_NOMEM, "worker: no memory for the cron jobs");
    }
    for (size_t i = 0; status == BARQ_OK && i < ready->n_cron_jobs; i++) {
        status = learn_one(crons, &ready->cron_jobs[i], first_queue, &crons->all[i], err);
        crons->count += status == BARQ_OK;
    }
    return status;
}

/* -- what is due -- */

static int64_t next_run(const struct bq_cron_state *state, int64_t after_ms)
{
    return bq_cron_next(&state->meaning.schedule, state->meaning.zone, after_ms);
}

static bool is_full(const struct bq_exchange *exchange)
{
    return exchange->n_ticks == BQ_CRON_TICKS_MAX;
}

/* False: there is no room for it. */
static bool add_tick(struct bq_crons *crons, struct bq_exchange *exchange,
                     struct bq_cron_state *state, int64_t at_ms, int64_t next_at_ms,
                     int64_t apart_ms)
{
    struct bq_tick tick = {
        .queue = state->queue,
        .name = state->job.name,
        .function = state->job.function,
        .schedule = state->job.schedule,
        .time_zone = bq_zone_name(state->meaning.zone),
        .next_at_ms = next_at_ms == INT64_MAX ? 0 : next_at_ms,
        .at_ms = at_ms,
        .apart_ms = apart_ms,
    };

    if (is_full(exchange) || !copy(&crons->runs, &tick.queue) || !copy(&crons->runs, &tick.name) ||
        !copy(&crons->runs, &tick.function) || !copy(&crons->runs, &tick.schedule) ||
        !copy(&crons->runs, &tick.time_zone) ||
        (at_ms != 0 && bq_cron_job_make(&crons->runs, crons->codec, &state->job, &state->meaning,
                                        state->queue, at_ms, &tick.job, NULL) != BARQ_OK)) {
        return false;
    }
    crons->states[exchange->n_ticks] = state;
    crons->ticks[exchange->n_ticks++] = tick;
    return true;
}

/* Runs before `until_ms` are left out, whatever becomes of an exchange. */
static void leave_out(struct bq_cron_state *state, int64_t until_ms)
{
    char from[BQ_TIME_TEXT_BYTES];
    char until[BQ_TIME_TEXT_BYTES];

    bq_time_text(state->next_at_ms, from);
    bq_time_text(until_ms, until);
    bq_warn("runs of a cron job were missed", bq_str("cron", state->job.name), bq_str("from", from),
            bq_str("until", until));
    state->next_at_ms = state->next_then_ms = until_ms;
}

static void add_runs(struct bq_crons *crons, struct bq_exchange *exchange,
                     struct bq_cron_state *state, int64_t wall_ms)
{
    while (state->next_then_ms <= wall_ms) {
        int catch_up = state->catch_up_then;
        int64_t at_ms = bq_cron_due(&state->meaning, state->job.missed, state->next_then_ms,
                                    wall_ms, &catch_up);
        if (at_ms != state->next_then_ms) {
            if (state->next_then_ms != state->next_at_ms) {
                return; /* what is before has to be told first */
            }
            leave_out(state, at_ms);
            continue;
        }
        int64_t next_ms = next_run(state, at_ms);
        if (!add_tick(crons, exchange, state, at_ms, next_ms, 0)) {
            return;
        }
        state->next_then_ms = next_ms;
        state->catch_up_then = at_ms < wall_ms - BQ_CRON_LATE_MS ? catch_up : BQ_CRON_CATCH_UP_MAX;
    }
}

static void add_one(struct bq_crons *crons, struct bq_exchange *exchange,
                    struct bq_cron_state *state, int64_t wall_ms)
{
    state->starting_then = state->starting;
    state->next_then_ms = state->next_at_ms;
    state->catch_up_then = state->catch_up;
    if (!state->asked) {
        (void)add_tick(crons, exchange, state, 0, next_run(state, wall_ms), 0);
        return;
    }
    add_runs(crons, exchange, state, wall_ms);
    if (state->starting && state->next_then_ms > wall_ms) {
        state->starting_then =
            !add_tick(crons, exchange, state, wall_ms, state->next_then_ms, BQ_CRON_LATE_MS);
    }
}

/* A clock that was put back by much was wrong before: what we know from it is worth nothing. */
static void look_at_clock(struct bq_crons *crons, int64_t wall_ms)
{
    if (wall_ms < crons->seen_at_ms - BQ_CRON_AHEAD_MS) {
        bq_warn("the clock was put back by hours; cron jobs begin anew");
        for (size_t i = 0; i < crons->count; i++) {
            crons->all[i].asked = false;
        }
    }
    crons->seen_at_ms = wall_ms;
}

void bq_crons_add(struct bq_crons *crons, struct bq_exchange *exchange, int64_t wall_ms)
{
    look_at_clock(crons, wall_ms);
    bq_arena_reset(&crons->runs);
    crons->forgotten = false;
    for (size_t i = 0; i < crons->count; i++) {
        add_one(crons, exchange, &crons->all[(crons->turn + i) % crons->count], wall_ms);
    }
    crons->turn += is_full(exchange);
    exchange->ticks = crons->ticks;
}

void bq_crons_done(struct bq_crons *crons, const struct bq_exchange *exchange)
{
    if (exchange->ticks != crons->ticks || crons->forgotten) {
        return;
    }
    for (size_t i = 0; i < crons->count; i++) {
        struct bq_cron_state *state = &crons->all[i];
        state->starting = state->starting_then;
        state->next_at_ms = state->next_then_ms;
        state->catch_up = state->catch_up_then;
    }
    for (size_t i = 0; i < exchange->n_ticks; i++) {
        const struct bq_tick *tick = &exchange->ticks[i];
        struct bq_cron_state *state = crons->states[i];

        if (tick->at_ms == 0) {
            state->asked = true;
            state->next_at_ms = next_run(state, tick->since_ms);
        } else if (tick->taken) {
            bq_debug("cron job enqueued", bq_str("job", tick->job.id));
            bq_fault("dispatcher.ticked");
        }
    }
}

int64_t bq_crons_wait_ms(const struct bq_crons *crons, int64_t wall_ms)
{
    int64_t first_ms = INT64_MAX;

    for (size_t i = 0; i < crons->count; i++) {
        const struct bq_cron_state *state = &crons->all[i];
        if (!state->asked || state->starting || state->next_at_ms <= wall_ms) {
            return 0;
        }
        first_ms = state->next_at_ms < first_ms ? state->next_at_ms : first_ms;
    }
    return first_ms == INT64_MAX ? INT64_MAX : first_ms - wall_ms;
}

bool bq_crons_started(const struct bq_crons *crons)
{
    for (size_t i = 0; i < crons->count; i++) {
        if (!crons->all[i].asked || crons->all[i].starting) {
            return false;
        }
    }
    return true;
}
