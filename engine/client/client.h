/*
 * client.h - a client from inside, and what its calls share.
 */
#ifndef BQ_CLIENT_CLIENT_H
#define BQ_CLIENT_CLIENT_H

#include <barq/client.h>

#include "base/arena.h"
#include "base/error.h"
#include "broker/broker.h"
#include "codec/codec.h"
#include "job/message.h"

enum { BQ_CLIENT_TIMEOUT_MS = 10000 };

struct barq_client {
    struct bq_broker *broker; /* owned */
    char *queue;              /* owned */
    const struct bq_codec *codec;
    int64_t timeout_ms;
    size_t payload_max_bytes;
};

/* BARQ_ERR_BUG without a client, BARQ_ERR_ARG when `id` cannot be a job's. */
enum barq_status bq_client_check(const struct barq_client *client, const char *id,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* What an arena needs for a job as the broker keeps it: payload, result, and history, id, queue. */
enum { BQ_CLIENT_FOUND_BYTES = BQ_JOB_MAX_BYTES + BQ_FRAME_MAX_BYTES + 256 * 1024 };
/* Checks, and asks the broker, of what is known of a job. BARQ_ERR_NOTFOUND with a sentence. */
enum barq_status bq_client_find(struct barq_client *client, const char *id,
                                struct barq_arena *arena, struct bq_found *out,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* Between two looks: waits until something may have happened; false: `timeout_ms` (BARQ_OFF: none) since `begun_ms` is
 * over. */
bool bq_client_wait(struct barq_client *client, int64_t begun_ms, int64_t timeout_ms);

/*
 * Decodes what was found. Damaged bytes are no failure: the function is
 * "<unknown>" then, or the error says that the result cannot be read. `found`
 * lives as long as `arena`.
 */
enum barq_status bq_client_info(const struct bq_found *found, struct barq_arena *arena,
                                struct barq_job_info *out, struct barq_error *err) BARQ_MUST_CHECK;
/* Why a job failed whose result is gone: the last error of its history, or NULL. */
const char *bq_client_last_error(const struct barq_value *history);
/* A job's history, a list of maps; an empty one when it is damaged. */
enum barq_status bq_client_history(const struct bq_found *found, struct barq_arena *arena,
                                   const struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
