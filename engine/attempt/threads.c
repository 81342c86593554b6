#include "attempt/threads.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attempt/attempt.h"

/* What one attempt may use beside the handler's own heap: arguments, result, rows, each a few times over. */
enum { ARENA_PAYLOADS = 32 };

static void do_work(struct bq_workplace *place, struct barq_arena *arena, uint8_t type,
                    const struct bq_buf *body)
{
    struct bq_reader in = bq_reader_of(body->data, body->len);
    int64_t attempt = bq_read_i64(&in);

    switch (type) {
    case BQ_MSG_RUN:
        bq_attempt_run(place, arena, body);
        break;
    case BQ_MSG_SWEEP:
        bq_house_sweep(place, arena, attempt, bq_read_u8(&in) != 0);
        break;
    case BQ_MSG_PRUNE:
        bq_house_prune(place, arena, attempt);
        break;
    default:
        break;
    }
}

static void *thread_main(void *data)
{
    struct bq_workplace *place = data;
    struct bq_buf body;
    struct barq_arena arena;

    bq_buf_init(&body, place->desk->work.limit);
    bq_arena_init(&arena, ARENA_PAYLOADS * place->payload_max_bytes);
    for (;;) {
        uint8_t type = bq_desk_take(place->desk, &body);
        if (type == BQ_MSG_STOP) {
            break;
        }
        do_work(place, &arena, type, &body);
        bq_arena_reset(&arena);
    }
    bq_run_shutdown(place);
    bq_session_close(place->session);
    bq_desk_flush(place->desk);
    _exit(0);
}

enum barq_status bq_thread_start(struct bq_workplace *place, struct barq_error *err)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, thread_main, place);

    if (failed != 0) {
        errno = failed;
        return bq_fail_errno(err, "executor: cannot start a thread");
    }
    pthread_detach(thread);
    return BARQ_OK;
}
