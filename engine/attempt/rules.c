/*
 * rules.c - the queues and limits of a module's settings: whether they make
 * sense, and as the worker is told of them.
 */
#include <string.h>

#include "attempt/attempt.h"
#include "job/share.h"

static size_t count_queues(const struct barq_settings *settings)
{
    size_t count = 0;

    while (settings->queues && settings->queues[count].name) {
        count++;
    }
    return count;
}

static enum barq_status check_limit(const struct barq_function *function,
                                    const struct barq_limit *limit, struct barq_error *err)
{
    if (!limit) {
        return BARQ_OK;
    }
    if (limit->name && !bq_name_valid(limit->name)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: a limit of function '%s' has a bad name",
                       function->name);
    }
    if (limit->max_running < 0 || limit->max_starts < 0 || limit->per_ms < 0 ||
        limit->max_starts > BARQ_LIMIT_MAX_STARTS || limit->per_ms > BARQ_LIMIT_MAX_PER_MS) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "settings: a limit of function '%s' is negative, or has more than %d "
                       "max_starts, or a longer per_ms than 366 days",
                       function->name, BARQ_LIMIT_MAX_STARTS);
    }
    return BARQ_OK;
}

static struct bq_limit limit_of(const struct barq_function *function,
                                const struct barq_limit *limit)
{
    if (!limit || (limit->max_running == 0 && limit->max_starts == 0)) {
        return (struct bq_limit){.name = ""};
    }
    return (struct bq_limit){.name = limit->name ? limit->name : function->name,
                             .max_running = limit->max_running,
                             .max_starts = limit->max_starts,
                             .per_ms = limit->per_ms > 0 ? limit->per_ms : 1000};
}

static bool contradict(struct bq_limit a, struct bq_limit b)
{
    return strcmp(a.name, b.name) == 0 &&
           (a.max_running != b.max_running || a.max_starts != b.max_starts || a.per_ms != b.per_ms);
}

/* One name is one limit. */
static enum barq_status check_shared(const struct barq_function *functions,
                                     const struct barq_function *at, struct barq_error *err)
{
    for (const struct barq_function *other = functions; other != at; other++) {
        if (contradict(limit_of(at, at->limit), limit_of(other, other->limit)) ||
            contradict(limit_of(at, at->key_limit), limit_of(other, other->key_limit))) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "settings: functions '%s' and '%s' have limits of one name but with "
                           "other numbers",
                           other->name, at->name);
        }
    }
    return BARQ_OK;
}

enum barq_status bq_rules_check(const struct barq_settings *settings, struct barq_error *err)
{
    if (settings->queues && settings->queue_name) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: give queues or queue_name, not both");
    }
    enum barq_status status =
        settings->queues ? bq_queues_check(settings->queues, count_queues(settings), err) : BARQ_OK;
    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "settings");
        return status;
    }
    for (const struct barq_function *at = settings->functions; at->name; at++) {
        status = check_limit(at, at->limit, err);
        if (status == BARQ_OK) {
            status = check_limit(at, at->key_limit, err);
        }
        if (status == BARQ_OK) {
            status = check_shared(settings->functions, at, err);
        }
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}

static void add_queues(const struct barq_settings *settings, struct barq_worker_queue *queues,
                       struct bq_ready *ready)
{
    if (settings->queue_name) {
        queues[0] = (struct barq_worker_queue){.name = settings->queue_name, .weight = 1};
        ready->n_queues = 1;
    }
    for (size_t i = 0; i < count_queues(settings); i++) {
        queues[i] = settings->queues[i];
        queues[i].weight += queues[i].weight == 0;
        ready->n_queues++;
    }
    ready->queues = queues;
}

static void add_limits(const struct barq_settings *settings, struct bq_limit_rule *limits,
                       struct bq_ready *ready)
{
    for (const struct barq_function *at = settings->functions; at->name; at++) {
        struct bq_limit_rule rule = {.function = at->name,
                                     .all = limit_of(at, at->limit),
                                     .each_key = limit_of(at, at->key_limit)};

        limits[ready->n_limits++] = rule;
    }
    ready->limits = limits;
}

bool bq_rules_tell(const struct barq_settings *settings, struct barq_arena *arena,
                   struct bq_ready *ready)
{
    size_t functions = 0;

    while (settings->functions[functions].name) {
        functions++;
    }
    struct barq_worker_queue *queues = bq_arena_array(arena, BQ_MAX_QUEUES, sizeof(*queues));
    struct bq_limit_rule *limits = bq_arena_array(arena, functions, sizeof(*limits));
    if (!queues || !limits) {
        return false;
    }
    add_queues(settings, queues, ready);
    add_limits(settings, limits, ready);
    return true;
}
