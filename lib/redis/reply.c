#include "redis/reply.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/read.h>

enum {
    INPUT_BYTES = 64 * 1024,
    /* hiredis moves what it has not read yet to the front after each reply or so: it gets little. */
    PIECE_BYTES = 16 * 1024,
    LINE_MAX_BYTES = 64 * 1024, /* of a status or an error */
    NUMBER_MAX_BYTES = 32,      /* of a line that is a number */
    SPARE_BYTES = 16 * 1024,    /* for the structs of a reply whose text is at the limit */
};

struct bq_redis_reader {
    redisReader *hiredis; /* NULL: the heap was exhausted */
    redisReplyObjectFunctions functions;
    struct barq_arena arena; /* of the reply that is being made, or was taken last */
    size_t max_bytes;
    size_t reply_bytes; /* of the reply under way, as far as hiredis has them */
    bool is_refused;    /* by one of our functions, since it is too large */
    bool is_taken;      /* the reply in `arena` is whole */
    size_t input_at;
    size_t input_len;
    char input[INPUT_BYTES];
};

/* -- what hiredis calls -- */

static struct bq_redis_reader *reader_of(const redisReadTask *task)
{
    return task->privdata;
}

/* Where a reply goes: into its array, which has room for all, or to the top. */
static struct bq_redis_reply *place(const redisReadTask *task, enum bq_redis_kind kind)
{
    struct bq_redis_reader *reader = reader_of(task);
    struct bq_redis_reply *reply = NULL;

    if (task->parent) {
        struct bq_redis_reply *array = task->parent->obj;
        assert(task->idx >= 0 && (size_t)task->idx < array->len);
        reply = &array->items[task->idx];
    } else {
        reply = bq_arena_alloc(&reader->arena, sizeof(*reply));
    }
    if (!reply) {
        reader->is_refused = true;
        return NULL;
    }
    *reply = (struct bq_redis_reply){.kind = kind, .text = ""};
    return reply;
}

static enum bq_redis_kind kind_of(int type)
{
    switch (type) {
    case REDIS_REPLY_STATUS:
        return BQ_REDIS_STATUS;
    case REDIS_REPLY_ERROR:
        return BQ_REDIS_ERROR;
    default:
        return BQ_REDIS_TEXT;
    }
}

/* hiredis adds two to the length that was announced, which may overflow: `len` is checked first. */
static void *make_text(const redisReadTask *task, char *text, size_t len)
{
    struct bq_redis_reader *reader = reader_of(task);
    struct bq_redis_reply *reply =
        len <= reader->max_bytes ? place(task, kind_of(task->type)) : NULL;
    char *copy = reply ? bq_arena_strndup(&reader->arena, text, len) : NULL;
    if (!copy) {
        reader->is_refused = true;
        return NULL;
    }

    reply->text = copy;
    reply->len = len;
    return reply;
}

static void *make_array(const redisReadTask *task, int count)
{
    struct bq_redis_reader *reader = reader_of(task);
    struct bq_redis_reply *reply = place(task, BQ_REDIS_ARRAY);
    if (!reply) {
        return NULL;
    }

    /* An element has at least the three bytes of "+\r\n". */
    size_t len = (size_t)count;
    struct bq_redis_reply *items =
        len <= reader->max_bytes / 3 ? bq_arena_array(&reader->arena, len, sizeof(*items)) : NULL;
    if (!items) {
        reader->is_refused = true;
        return NULL;
    }
    reply->len = len;
    reply->items = items;
    return reply;
}

static void *make_number(const redisReadTask *task, long long number)
{
    struct bq_redis_reply *reply = place(task, BQ_REDIS_INT);

    if (reply) {
        reply->number = number;
    }
    return reply;
}

static void *make_nil(const redisReadTask *task)
{
    return place(task, BQ_REDIS_NIL);
}

static void free_nothing(void *reply)
{
    (void)reply; /* the arena has it */
}

/* -- the reader -- */

enum barq_status bq_redis_reader_new(size_t max_bytes, struct bq_redis_reader **out,
                                     struct barq_error *err)
{
    struct bq_redis_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }

    reader->functions = (redisReplyObjectFunctions){
        .createString = make_text,
        .createArray = make_array,
        .createInteger = make_number,
        .createNil = make_nil,
        .freeObject = free_nothing,
    };
    reader->max_bytes = max_bytes < PTRDIFF_MAX / 4 ? max_bytes : PTRDIFF_MAX / 4;
    bq_arena_init(&reader->arena, reader->max_bytes + SPARE_BYTES);
    bq_redis_reader_reset(reader);
    *out = reader;
    return BARQ_OK;
}

static void free_hiredis(struct bq_redis_reader *reader)
{
    if (reader->hiredis) {
        redisReaderFree(reader->hiredis);
        reader->hiredis = NULL;
    }
}

void bq_redis_reader_free(struct bq_redis_reader *reader)
{
    if (!reader) {
        return;
    }
    free_hiredis(reader);
    bq_arena_clear(&reader->arena);
    free(reader);
}

void bq_redis_reader_reset(struct bq_redis_reader *reader)
{
    free_hiredis(reader);
    bq_arena_clear(&reader->arena);
    reader->reply_bytes = 0;
    reader->is_refused = false;
    reader->is_taken = false;
    reader->input_at = 0;
    reader->input_len = 0;
    reader->hiredis = redisReaderCreateWithFunctions(&reader->functions);
    if (reader->hiredis) {
        reader->hiredis->privdata = reader;
    }
}

char *bq_redis_reader_room(struct bq_redis_reader *reader, size_t *room)
{
    *room = sizeof(reader->input) - reader->input_len;
    return reader->input + reader->input_len;
}

void bq_redis_reader_filled(struct bq_redis_reader *reader, size_t len)
{
    assert(len <= sizeof(reader->input) - reader->input_len);
    reader->input_len += len;
}

bool bq_redis_reader_is_empty(const struct bq_redis_reader *reader)
{
    return reader->reply_bytes == 0 && reader->input_len == 0;
}

/* False when there is nothing more to give. */
static bool feed_piece(struct bq_redis_reader *reader)
{
    size_t len = reader->input_len - reader->input_at;
    if (len == 0) {
        return false;
    }

    len = len < PIECE_BYTES ? len : PIECE_BYTES;
    (void)redisReaderFeed(reader->hiredis, reader->input + reader->input_at, len);
    reader->reply_bytes += len;
    reader->input_at += len;
    if (reader->input_at == reader->input_len) {
        reader->input_at = 0;
        reader->input_len = 0;
    }
    return true;
}

/* -- what is wrong -- */

static enum barq_status refuse_size(const struct bq_redis_reader *reader, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_LIMIT, "a reply is larger than the %zu bytes allowed",
                   reader->max_bytes);
}

static enum barq_status refuse_bytes(const struct bq_redis_reader *reader, struct barq_error *err)
{
    /* A record of TLS begins with 20 to 23, and the version's 3. */
    if (strstr(reader->hiredis->errstr, "\\x15") || strstr(reader->hiredis->errstr, "\\x16")) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "it answers in TLS: the address should begin with rediss://");
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "it does not answer as a Redis server does: %s",
                   reader->hiredis->errstr);
}

static enum barq_status judge_error(const struct bq_redis_reader *reader, struct barq_error *err)
{
    if (reader->is_refused) {
        return refuse_size(reader, err);
    }
    if (reader->hiredis->err == REDIS_ERR_OOM) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    return refuse_bytes(reader, err);
}

/*
 * hiredis waits for the end of a line however long that takes, and looks through all of it again with
 * each piece; and for the end of a text of any length.
 */
static enum barq_status judge_rest(const struct bq_redis_reader *reader, struct barq_error *err)
{
    const redisReader *hiredis = reader->hiredis;
    if (reader->reply_bytes > reader->max_bytes) {
        return refuse_size(reader, err);
    }
    if (hiredis->ridx < 0 || hiredis->pos >= hiredis->len) {
        return BARQ_OK;
    }

    const char *rest = hiredis->buf + hiredis->pos;
    size_t len = hiredis->len - hiredis->pos;
    int type = hiredis->rstack[hiredis->ridx].type;
    bool is_line = type == REDIS_REPLY_STATUS || type == REDIS_REPLY_ERROR;
    size_t line_max = is_line ? LINE_MAX_BYTES : NUMBER_MAX_BYTES;
    if (len > line_max && !memchr(rest, '\n', line_max)) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "it does not answer as a Redis server does: a line without an end");
    }
    if (type == REDIS_REPLY_STRING && memmem(rest, len, "\r\n", 2) &&
        strtoull(rest, NULL, 10) > reader->max_bytes) {
        return refuse_size(reader, err);
    }
    return BARQ_OK;
}

enum barq_status bq_redis_reader_next(struct bq_redis_reader *reader,
                                      const struct bq_redis_reply **out, struct barq_error *err)
{
    if (!reader->hiredis) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    if (reader->is_taken) {
        bq_arena_reset(&reader->arena);
        reader->is_taken = false;
    }

    void *reply = NULL;
    do {
        if (redisReaderGetReply(reader->hiredis, &reply) != REDIS_OK) {
            return judge_error(reader, err);
        }
        enum barq_status status = reply ? BARQ_OK : judge_rest(reader, err);
        if (status != BARQ_OK) {
            return status;
        }
    } while (!reply && feed_piece(reader));

    if (reply) {
        reader->is_taken = true;
        reader->reply_bytes = reader->hiredis->len - reader->hiredis->pos;
    }
    *out = reply;
    return BARQ_OK;
}
