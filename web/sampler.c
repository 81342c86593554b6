#include "web/sampler.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "web/call.h"
#include "web/queue_json.h"

struct bw_sampler {
    struct bq_http_work work; /* first */
    struct bw_web *web;

    /* The loop's. */
    int64_t due_ms; /* by bq_mono_ms() */
    bool working;

    /* The work's, while it is under way. */
    struct barq_arena arena;
    bool is_away; /* the last look saw nothing, and that was told */

    pthread_mutex_t lock; /* over the rest */
    struct bw_gather gather;
    struct bw_past past;
};

/* -- looking, on a thread -- */

static enum barq_status keep(struct bw_sampler *sampler, const struct bw_world *world,
                             const struct barq_function_stats *stats, size_t n_stats,
                             struct barq_error *err)
{
    struct bw_numbers functions = {.ran = {.count = 0}};
    struct bw_numbers workers = {.ran = {.count = 0}};
    int64_t now_ms = bq_wall_ms();

    pthread_mutex_lock(&sampler->lock);
    enum barq_status status = bw_gather_take(&sampler->gather, world->workers, world->n_workers,
                                             stats, n_stats, now_ms, &functions, &workers, err);
    if (status == BARQ_OK) {
        bw_past_add(&sampler->past, world->queues, world->n_queues, &functions, &workers, now_ms);
    }
    pthread_mutex_unlock(&sampler->lock);
    return status;
}

static enum barq_status look(struct bw_sampler *sampler, int thread, struct barq_error *err)
{
    struct barq_client *client = NULL;
    struct bw_world world = {.n_queues = 0};
    struct barq_function_stats *stats = NULL;
    size_t n_stats = 0;

    enum barq_status status = bw_client(sampler->web, thread, &client, err);
    if (status == BARQ_OK) {
        status = bw_world_read(client, &sampler->arena, &world, err);
    }
    if (status == BARQ_OK) {
        status = barq_function_stats(client, &sampler->arena, &stats, &n_stats, err);
    }
    return status == BARQ_OK ? keep(sampler, &world, stats, n_stats, err) : status;
}

static void run(struct bq_http_work *work, int thread)
{
    struct bw_sampler *sampler = (struct bw_sampler *)(void *)work;
    struct barq_error err = {0};

    enum barq_status status = look(sampler, thread, &err);
    bq_arena_reset(&sampler->arena);
    if (status != BARQ_OK) {
        bw_client_drop(sampler->web, thread);
    }
    if (status != BARQ_OK && !sampler->is_away) {
        bq_warn("the queues cannot be looked at", bq_str("error", err.text));
    } else if (status == BARQ_OK && sampler->is_away) {
        bq_info("the queues can be looked at again");
    }
    sampler->is_away = status != BARQ_OK;
}

/* -- on the loop -- */

static void done(struct bq_http_work *work)
{
    struct bw_sampler *sampler = (struct bw_sampler *)(void *)work;

    sampler->working = false;
}

int64_t bw_sampler_turn(struct bw_sampler *sampler, struct bq_http_server *server)
{
    int64_t now_ms = bq_mono_ms();

    if (sampler->working) {
        return -1;
    }
    if (now_ms < sampler->due_ms) {
        return sampler->due_ms - now_ms;
    }
    /* From when it was due, so that looks keep their distance; unless the machine had slept. */
    int64_t next_ms = sampler->due_ms + BW_HOUR_STEP_MS;
    sampler->due_ms = next_ms > now_ms ? next_ms : now_ms + BW_HOUR_STEP_MS;
    sampler->working = true;
    bq_http_server_do(server, &sampler->work);
    return -1;
}

/* -- for handlers -- */

struct barq_value *bw_sampler_samples(struct bw_sampler *sampler, enum bw_span span,
                                      int64_t since_ms, const char *queue, struct barq_arena *arena)
{
    pthread_mutex_lock(&sampler->lock);
    struct barq_value *samples = bw_past_samples(&sampler->past, span, since_ms, queue, arena);
    pthread_mutex_unlock(&sampler->lock);
    return samples;
}

struct barq_value *bw_sampler_recent(struct bw_sampler *sampler, struct barq_arena *arena)
{
    pthread_mutex_lock(&sampler->lock);
    struct barq_value *recent = bw_past_recent(&sampler->past, bq_wall_ms(), arena);
    pthread_mutex_unlock(&sampler->lock);
    return recent;
}

static bool copy(const struct bw_gather *gather, struct barq_arena *arena, struct bw_gathered *out)
{
    struct bw_function *functions =
        bq_arena_array(arena, gather->n_functions + 1, sizeof(*functions));

    for (size_t i = 0; functions && i < gather->n_functions; i++) {
        functions[i] = gather->functions[i];
        functions[i].name = bq_arena_strdup(arena, gather->functions[i].name);
        if (!functions[i].name) {
            return false;
        }
    }
    *out = (struct bw_gathered){.workers = gather->workers,
                                .functions = functions,
                                .n_functions = gather->n_functions,
                                .looked_at_ms = gather->looked_at_ms};
    return functions != NULL;
}

enum barq_status bw_sampler_gathered(struct bw_sampler *sampler, struct barq_arena *arena,
                                     struct bw_gathered *out, struct barq_error *err)
{
    pthread_mutex_lock(&sampler->lock);
    bool good = copy(&sampler->gather, arena, out);
    pthread_mutex_unlock(&sampler->lock);
    return good ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
}

/* -- its life -- */

enum barq_status bw_sampler_new(struct bw_web *web, struct bw_sampler **out, struct barq_error *err)
{
    struct bw_sampler *sampler = calloc(1, sizeof(*sampler));
    if (!sampler) {
        return bq_fail(err, BARQ_ERR_NOMEM, "web: out of memory");
    }

    sampler->web = web;
    sampler->work = (struct bq_http_work){.run = run, .done = done};
    pthread_mutex_init(&sampler->lock, NULL);
    bq_arena_init(&sampler->arena, BW_LOOK_MAX_BYTES);
    bw_gather_init(&sampler->gather);
    *out = sampler; /* its owner frees it in any case */
    return bw_past_init(&sampler->past, err);
}

void bw_sampler_free(struct bw_sampler *sampler)
{
    if (!sampler) {
        return;
    }
    bw_past_clear(&sampler->past);
    bw_gather_clear(&sampler->gather);
    bq_arena_clear(&sampler->arena);
    pthread_mutex_destroy(&sampler->lock);
    free(sampler);
}
