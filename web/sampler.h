/*
 * sampler.h - looks at the broker every five seconds, on one of the server's threads, and keeps what it saw.
 *
 * What it keeps is read by handlers, which run on other threads meanwhile: so there is a lock over it, held
 * only to add a look, or to copy from one.
 */
#ifndef BW_SAMPLER_H
#define BW_SAMPLER_H

#include "web/past.h"
#include "web/web.h"

struct bw_sampler;

enum barq_status bw_sampler_new(struct bw_web *web, struct bw_sampler **out, struct barq_error *err)
    BARQ_MUST_CHECK;
void bw_sampler_free(struct bw_sampler *sampler); /* after the server; takes NULL */
/* On the loop. How many ms until the next look; -1: until its end, which wakes the loop. */
int64_t bw_sampler_turn(struct bw_sampler *sampler, struct bq_http_server *server);

/* -- for handlers; everything in `arena` -- */

struct barq_value *bw_sampler_samples(struct bw_sampler *sampler, enum bw_span span,
                                      int64_t since_ms, const char *queue,
                                      struct barq_arena *arena);
struct barq_value *bw_sampler_recent(struct bw_sampler *sampler, struct barq_arena *arena);

/* What is known of all that workers ever told. */
struct bw_gathered {
    struct bw_numbers workers;
    const struct bw_function *functions; /* by name */
    size_t n_functions;
    int64_t looked_at_ms; /* 0: never yet */
};
/* BARQ_ERR_NOMEM */
enum barq_status bw_sampler_gathered(struct bw_sampler *sampler, struct barq_arena *arena,
                                     struct bw_gathered *out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
