#include "redis/command.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_MAX_BYTES = 24, WORDS_MAX = 8 };

/* The most that the command can take. */
static size_t count_bytes(const struct bq_redis_word *words, size_t count)
{
    size_t bytes = HEAD_MAX_BYTES;

    for (size_t i = 0; i < count; i++) {
        bytes += words[i].len + HEAD_MAX_BYTES + 2;
    }
    return bytes;
}

/* "$12\r\n"; printf() would be most of a small command's cost. */
static void put_head(struct bq_buf *out, char mark, size_t number)
{
    char text[HEAD_MAX_BYTES];
    char *at = text + sizeof(text);

    *--at = '\n';
    *--at = '\r';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    *--at = mark;
    bq_buf_put(out, at, (size_t)(text + sizeof(text) - at));
}

bool bq_redis_command_put(struct bq_buf *out, const struct bq_redis_word *words, size_t count)
{
    out->starved = false;
    if (!bq_buf_reserve(out, count_bytes(words, count))) {
        out->failed = false; /* what was in it before is whole */
        return false;
    }

    put_head(out, '*', count);
    for (size_t i = 0; i < count; i++) {
        put_head(out, '$', words[i].len);
        bq_buf_put(out, words[i].data, words[i].len);
        bq_buf_put(out, "\r\n", 2);
    }
    return true;
}

bool bq_redis_command_puts(struct bq_buf *out, const char *const *words)
{
    struct bq_redis_word list[WORDS_MAX];
    size_t count = 0;

    for (; count < WORDS_MAX && words[count]; count++) {
        list[count] = BQ_REDIS_WORD(words[count]);
    }
    return bq_redis_command_put(out, list, count);
}
