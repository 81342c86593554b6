/*
 * redis.h - one connection to a Redis server: commands go out, replies come in.
 *
 * It knows nothing of jobs. Nothing here blocks but bq_redis_wait(). A
 * connection that breaks, or was never made, is made again by itself, after
 * 50 ms, 100 ms, ... at most 3 s, with jitter, through Sentinel if the address
 * says so; what was under way then is forgotten, since nobody knows whether it
 * happened. RESP2; hiredis formats and reads, TCP, Unix sockets and TLS are
 * ours.
 *
 *     while (bq_redis_work(redis) != BQ_REDIS_READY && bq_redis_wait(redis, until)) { }
 *     bq_redis_send(redis, words, n);
 *     while (!(reply = bq_redis_next(redis)) && bq_redis_state(redis) == BQ_REDIS_READY && ...)
 *
 * A connection serves one thread.
 */
#ifndef BQ_REDIS_REDIS_H
#define BQ_REDIS_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/dsn.h"
#include "base/error.h"

struct bq_redis;

enum bq_redis_kind {
    BQ_REDIS_NIL,
    BQ_REDIS_STATUS,
    BQ_REDIS_ERROR,
    BQ_REDIS_INT,
    BQ_REDIS_TEXT, /* bulk */
    BQ_REDIS_ARRAY,
};

struct bq_redis_reply {
    enum bq_redis_kind kind;
    int64_t number;   /* int */
    const char *text; /* status, error, text: `len` bytes, which may be any, and a NUL; else "" */
    size_t len;       /* of the text, or elements of an array */
    struct bq_redis_reply *items; /* array */
};

/* One word of a command; bytes of any kind. */
struct bq_redis_word {
    const char *data;
    size_t len;
};
#define BQ_REDIS_WORD(text) ((struct bq_redis_word){(text), strlen(text)})

struct bq_redis_options {
    const char *client_name; /* CLIENT SETNAME; NULL: none. Borrowed for the call */
    /* Of one reply, as it comes and about as it is kept; a longer one breaks the connection. 0: 64 MiB. */
    size_t reply_max_bytes;
};

/*
 * Reads the address; connects later. `url` is `dsn` before it was taken apart.
 *
 *     redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]       rediss:// the same with TLS
 *     unix://[[USER]:PASSWORD@]/PATH[?db=DB]
 *     redis+sentinel://[[USER]:PASSWORD@]HOST:PORT,HOST:PORT/MASTER[/DB]
 *                                                      rediss+sentinel:// the same with TLS
 *
 * docs/man/barq.1 has the options behind the question mark; settings.c has their table. ?db= wins over
 * the path, what stands before the @ over ?username= and ?password=, as in redis-py.
 *
 * BARQ_ERR_ARG  it makes no sense; the error names the part, and never the password
 */
enum barq_status bq_redis_open(const struct bq_dsn *dsn, const struct bq_redis_options *options,
                               struct bq_redis **out, struct barq_error *err) BARQ_MUST_CHECK;
/* What is not sent yet stays unsent. While a name is looked up it may wait, 200 ms at most. Takes NULL. */
void bq_redis_close(struct bq_redis *redis);
void bq_redis_drop(struct bq_redis **redis); /* for bq_auto(redis) */

/* The value of an option that means something to the caller ("keyspace_events"), or NULL. */
const char *bq_redis_option(const struct bq_redis *redis, const char *name);
int bq_redis_db(const struct bq_redis *redis);
/* For people: "redis://cache.local:6379/0", without user and password. */
const char *bq_redis_address(const struct bq_redis *redis);

enum bq_redis_state {
    BQ_REDIS_AWAY,   /* waits until it tries again */
    BQ_REDIS_COMING, /* resolves, connects, TLS, AUTH, SELECT */
    BQ_REDIS_READY,
};
/* Does all that can be done without waiting: connects, writes, reads. */
enum bq_redis_state bq_redis_work(struct bq_redis *redis);
/* As of the last work. */
enum bq_redis_state bq_redis_state(const struct bq_redis *redis);
/* Why it is away, or was last. */
const struct barq_error *bq_redis_error(const struct bq_redis *redis);
/* Grows each time it becomes ready: the server may be another one, and know no script of before. */
uint64_t bq_redis_era(const struct bq_redis *redis);

/* Readable when bq_redis_work() has something to do; the same for the object's life. An epoll, so that
 * it can be nested. */
int bq_redis_fd(const struct bq_redis *redis);
/* Waits until that, or until bq_mono_ms() is `until_ms`; false: that is over. */
bool bq_redis_wait(const struct bq_redis *redis, int64_t until_ms);

/*
 * Appends a command to what goes out with the next work. Words are copied.
 *
 * BARQ_ERR_CONN   it is not ready; with the reason
 * BARQ_ERR_LIMIT  more than 512 MiB are waiting to go out
 */
enum barq_status bq_redis_send(struct bq_redis *redis, const struct bq_redis_word *words,
                               size_t count, struct barq_error *err) BARQ_MUST_CHECK;
/*
 * The next reply, in the order of the commands (and what a subscription pushes), or NULL when it is not
 * there yet or the connection has broken. Lives until the next call of this, work or close. What a
 * server said before it closed is still given. Take replies up to the NULL before waiting: some may
 * have been read already, and then nothing is readable.
 */
const struct bq_redis_reply *bq_redis_next(struct bq_redis *redis);
/* Commands whose reply has not been taken; after a break 0. */
size_t bq_redis_pending(const struct bq_redis *redis);
/*
 * Breaks the connection, e.g. since a reply is overdue or the server has become a replica; `why`, with
 * the address in front, becomes its error. It comes back as after any break: Sentinels are asked anew.
 */
void bq_redis_break(struct bq_redis *redis, const char *why);

#endif
