#include "attempt/threads.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attempt/attempt.h"

enum {
    /* What one attempt may use beside the handler's own heap: arguments, result, rows, each a few times over. */
    ARENA_PAYLOADS = 32,
    /* Of a message that was larger the memory is not kept: it would be there once for each thread. */
    KEPT_BYTES = 256 * 1024,
};

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

    bq_buf_init(&body, place->desk->out.max_frame_bytes);
    bq_arena_init(&arena, ARENA_PAYLOADS * place->payload_max_bytes);
    for (;;) {
        uint8_t type = bq_desk_take(place->seat, &body);
        if (type == BQ_MSG_STOP) {
            break;
        }
        do_work(place, &arena, type, &body);
        bq_arena_reset(&arena);
        if (body.capacity > KEPT_BYTES) {
            bq_buf_clear(&body);
        }
    }
    bq_buf_clear(&body);
    bq_arena_clear(&arena);
    /* Before the process can end; on_shutdown gets another one if it asks. */
    bq_session_close(bq_take(place->session));
    if (bq_desk_leave(place->desk)) {
        bq_run_shutdown(place);
        bq_session_close(place->session);
        _exit(0);
    }
    return NULL;
}

enum barq_status bq_threads_start(struct bq_workplace *places, int count, struct barq_error *err)
{
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        int failed = pthread_create(&thread, NULL, thread_main, &places[i]);
        if (failed != 0) {
            errno = failed;
            return bq_fail_errno(err, "executor: cannot start a thread");
        }
        pthread_detach(thread);
    }
    return BARQ_OK;
}
