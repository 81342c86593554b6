#include <string.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/time.h"

void bq_find_function(struct barq_context *ctx)
{
    const struct barq_function *at = ctx->place->settings->functions;

    while (at->name && strcmp(at->name, ctx->record.function) != 0) {
        at++;
    }
    ctx->function = at->name ? at : NULL;
}

/* Expiry is judged before the first start only; a job whose relay was uncertain has not been seen to start. */
static bool expired(const struct barq_context *ctx)
{
    const struct bq_claimed *claimed = &ctx->run.claimed;
    bool seen_started = claimed->claimed_before && !claimed->job.uncertain;

    return claimed->job.expires_at_ms != 0 && !seen_started &&
           claimed->job.expires_at_ms < ctx->started_at_ms;
}

/* Hostile arguments may have filled the arena; a refusal stays one. */
static const char *or_plainly(const char *text, const char *plain)
{
    return text ? text : plain;
}

const char *bq_refusal(struct barq_context *ctx, enum bq_readable readable, const char *unread,
                       bool *leave)
{
    const struct bq_claimed *claimed = &ctx->run.claimed;

    *leave = false;
    if (ctx->run.verdict[0] != '\0') {
        return ctx->run.verdict;
    }
    if (expired(ctx)) {
        return "job expired";
    }
    if (readable != BQ_READ_ALL) {
        return or_plainly(bq_arena_format(ctx->arena, "unable to read the job: %s", unread),
                          "unable to read the job");
    }
    if (claimed->aborted) {
        return "aborted before start";
    }
    if (!ctx->function) {
        *leave = ctx->place->settings->leave_unknown;
        return or_plainly(
            bq_arena_format(ctx->arena, "function '%s' not found", ctx->record.function),
            "function not found");
    }
    if (barq_job_try(ctx) > bq_max_tries(ctx)) {
        return or_plainly(bq_arena_format(ctx->arena, "max %d tries exceeded", bq_max_tries(ctx)),
                          "max tries exceeded");
    }
    return NULL;
}
