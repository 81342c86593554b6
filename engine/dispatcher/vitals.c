#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* What keeps a worker from taking jobs; NULL: nothing does. */
static const char *unready(const struct bq_dispatcher *dispatcher)
{
    if (dispatcher->stopping) {
        return "stopping";
    }
    if (!dispatcher->learned) {
        return "starting";
    }
    if (dispatcher->broker_failures > 0) {
        return "the broker is away";
    }
    if (!bq_lease_sure(dispatcher, bq_mono_ms())) {
        return "the lease may be over";
    }
    return dispatcher->database_away ? "the database is away" : NULL;
}

static int ask(void *context, const char *path, char body[BQ_ANSWER_BODY_MAX_BYTES])
{
    const struct bq_dispatcher *dispatcher = context;
    const char *why = unready(dispatcher);

    if (strcmp(path, "/livez") == 0) {
        (void)snprintf(body, BQ_ANSWER_BODY_MAX_BYTES, "{\"live\":true}\n");
        return 200;
    }
    if (strcmp(path, "/readyz") != 0) {
        (void)snprintf(body, BQ_ANSWER_BODY_MAX_BYTES,
                       "{\"error\":\"there are /livez and /readyz\"}\n");
        return 404;
    }
    if (why) {
        (void)snprintf(body, BQ_ANSWER_BODY_MAX_BYTES, "{\"ready\":false,\"why\":\"%s\"}\n", why);
        return 503;
    }
    (void)snprintf(body, BQ_ANSWER_BODY_MAX_BYTES, "{\"ready\":true}\n");
    return 200;
}

enum barq_status bq_vitals_open(struct bq_dispatcher *dispatcher, struct barq_error *err)
{
    const char *where = dispatcher->options.health;
    if (!where || where[0] == '\0') {
        return BARQ_OK;
    }

    enum barq_status status =
        bq_answers_open(&dispatcher->loop, where, ask, dispatcher, &dispatcher->vitals, err);
    if (status == BARQ_OK) {
        bq_info("answers /livez and /readyz", bq_str("address", where),
                bq_int("port", bq_answers_port(dispatcher->vitals)));
    }
    return status;
}
