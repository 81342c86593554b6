/* Replies of a server: whole and in small pieces they have to come out the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "redis/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MAX_BYTES = 256 * 1024 };

/* What has come out so far. */
struct outcome {
    uint64_t mark;
    size_t count;
    enum barq_status status;
};

static void look(const struct bq_redis_reply *reply, struct outcome *outcome)
{
    uint64_t parts[] = {outcome->mark, (uint64_t)reply->kind, (uint64_t)reply->number, reply->len,
                        reply->kind == BQ_REDIS_ARRAY ? 0 : bq_hash(reply->text, reply->len)};

    outcome->mark = bq_hash(parts, sizeof(parts));
    outcome->count++;
    for (size_t i = 0; reply->kind == BQ_REDIS_ARRAY && i < reply->len; i++) {
        look(&reply->items[i], outcome);
    }
    assert(reply->kind == BQ_REDIS_ARRAY || reply->text[strlen(reply->text)] == '\0');
}

static void take_all(struct bq_redis_reader *reader, struct outcome *outcome)
{
    const struct bq_redis_reply *reply = NULL;

    do {
        outcome->status = bq_redis_reader_next(reader, &reply, NULL);
        if (outcome->status == BARQ_OK && reply) {
            look(reply, outcome);
        }
    } while (outcome->status == BARQ_OK && reply);
}

static struct outcome read_in_pieces(struct bq_redis_reader *reader, const uint8_t *bytes,
                                     size_t len, size_t piece)
{
    struct outcome outcome = {.status = BARQ_OK};

    bq_redis_reader_reset(reader);
    for (size_t at = 0; at < len && outcome.status == BARQ_OK;) {
        size_t room = 0;
        char *to = bq_redis_reader_room(reader, &room);
        size_t now = len - at < piece ? len - at : piece;
        now = now < room ? now : room;
        memcpy(to, bytes + at, now);
        bq_redis_reader_filled(reader, now);
        at += now;
        take_all(reader, &outcome);
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct bq_redis_reader *reader = NULL;
    if (bq_redis_reader_new(MAX_BYTES, &reader, NULL) != BARQ_OK) {
        return 0;
    }

    struct outcome whole = read_in_pieces(reader, bytes, len, SIZE_MAX);
    for (size_t piece = 1; piece <= 7; piece += 3) {
        struct outcome cut = read_in_pieces(reader, bytes, len, piece);
        assert(cut.status == whole.status);
        assert(cut.count == whole.count);
        assert(cut.mark == whole.mark);
    }
    bq_redis_reader_free(reader);
    return 0;
}
