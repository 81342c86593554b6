/*
 * redis_floor.c - what a worker's commands cost by themselves: a bare loop
 * that claims and finishes the jobs of a queue, 100 in one write, with those
 * commands of the scripts in engine/broker/redis that grow with the jobs. It
 * decides nothing: what a script would look at is read and thrown away. Prints
 * jobs a second.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hiredis/hiredis.h>

#define QUEUE   "arq:queue"
#define READY   "barq:ready:" QUEUE
#define RUNNING "barq:running:floor"
#define ROWS    "barq:rows"

enum {
    BATCH = 100,
    MEMBER_BYTES = 64,
    NUMBER_DIGITS = 13, /* what a member begins with, before its id */
    WORDS_MAX = 2 * BATCH + 8,
    TEXT_BYTES = 64 * 1024,
    RESULT_BYTES = 160, /* about what barq keeps of a job that returns nothing */
    KEEP_MS = 3600000,
    LEASE_MS = 30000,
};

struct jobs {
    char members[BATCH][MEMBER_BYTES];
    int count;
};

static redisContext *redis;
static int sent; /* commands whose replies have not been read */

/* The command that is being written. */
static struct {
    char text[TEXT_BYTES];
    size_t used;
    const char *words[WORDS_MAX];
    size_t lens[WORDS_MAX];
    int count;
} command;

static void check(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "bench: floor: %s: %s\n", what, redis ? redis->errstr : "no memory");
        exit(EXIT_FAILURE);
    }
}

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* -- commands -- */

__attribute__((format(printf, 1, 2))) static void word(const char *format, ...)
{
    char *at = command.text + command.used;
    size_t left = sizeof(command.text) - command.used;
    va_list args;

    va_start(args, format);
    int len = vsnprintf(at, left, format, args);
    va_end(args);
    check(command.count < WORDS_MAX && len >= 0 && (size_t)len < left, "too long a command");
    command.words[command.count] = at;
    command.lens[command.count++] = (size_t)len;
    command.used += (size_t)len + 1;
}

/* Its reply is read later, by answers(). */
static void end(void)
{
    check(redisAppendCommandArgv(redis, command.count, command.words, command.lens) == REDIS_OK,
          "send");
    command.count = 0;
    command.used = 0;
    sent++;
}

static const char *id_of(const struct jobs *jobs, int i)
{
    return jobs->members[i] + NUMBER_DIGITS;
}

static void words_of_all(const char *prefix, const struct jobs *jobs)
{
    for (int i = 0; i < jobs->count; i++) {
        word("%s%s", prefix, id_of(jobs, i));
    }
}

/* One command for all: its name and its key, or "", then a word for each. */
static void of_all(const char *name, const char *key, const char *prefix, const struct jobs *jobs)
{
    word("%s", name);
    if (*key != '\0') {
        word("%s", key);
    }
    words_of_all(prefix, jobs);
    end();
}

/* The same with two keys of each. */
static void of_both(const char *name, const char *prefix, const char *other,
                    const struct jobs *jobs)
{
    word("%s", name);
    words_of_all(prefix, jobs);
    words_of_all(other, jobs);
    end();
}

static redisReply *answer(void)
{
    void *reply = NULL;

    check(redisGetReply(redis, &reply) == REDIS_OK && reply, "answer");
    return reply;
}

/* What the last command said, the first jobs that wait, into `jobs`; the rest is thrown away. */
static void answers(struct jobs *jobs)
{
    for (; sent > 1; sent--) {
        redisReply *reply = answer();
        check(reply->type != REDIS_REPLY_ERROR, reply->str);
        freeReplyObject(reply);
    }
    redisReply *waiting = answer();
    sent = 0;
    jobs->count = 0;
    for (size_t i = 0; i < waiting->elements; i++) {
        (void)snprintf(jobs->members[jobs->count++], MEMBER_BYTES, "%s", waiting->element[i]->str);
    }
    freeReplyObject(waiting);
}

/* -- what a worker does with its jobs -- */

static void keep(const char *id)
{
    static char result[RESULT_BYTES + 1];

    memset(result, 'r', RESULT_BYTES);
    word("PSETEX");
    word("arq:result:%s", id);
    word("%d", KEEP_MS);
    word("%s", result);
    end();
}

static void finish(const struct jobs *jobs, int64_t now_ms)
{
    of_all("HMGET", RUNNING, "", jobs);
    for (int i = 0; i < jobs->count; i++) {
        keep(id_of(jobs, i));
    }
    of_all("HDEL", RUNNING, "", jobs);
    of_both("DEL", "arq:job:", "arq:in-progress:", jobs);
    of_all("ZREM", QUEUE, "", jobs);
    of_all("ZREM", "barq:known:" QUEUE, "", jobs);
    word("ZADD");
    word("barq:finished:" QUEUE);
    for (int i = 0; i < jobs->count; i++) {
        word("%lld", (long long)now_ms + KEEP_MS);
        word("%s", id_of(jobs, i));
    }
    end();
    word("PUBLISH");
    word("barq:done:0");
    word("%s", "");
    end();
}

static void lock(const char *id)
{
    word("PSETEX");
    word("arq:in-progress:%s", id);
    word("%d", LEASE_MS);
    word("floor:1");
    end();
}

static void claim(const struct jobs *jobs, int64_t now_ms)
{
    of_both("EXISTS", "arq:in-progress:", "arq:retry:", jobs);
    of_all("MGET", "", "arq:job:", jobs);
    of_all("ZMSCORE", QUEUE, "", jobs);
    of_all("HMGET", ROWS, "", jobs);
    for (int i = 0; i < jobs->count; i++) {
        lock(id_of(jobs, i));
    }
    word("HSET");
    word(RUNNING);
    for (int i = 0; i < jobs->count; i++) {
        word("%s", id_of(jobs, i));
        word("1\n%060lld\n" QUEUE "\n", (long long)now_ms);
    }
    end();
    word("ZREMRANGEBYRANK");
    word(READY);
    word("0");
    word("%d", jobs->count - 1);
    end();
}

/* One write: finishes `claimed`, claims `next`, and reads into `after` what can be claimed then. */
static void exchange(const struct jobs *claimed, const struct jobs *next, struct jobs *after)
{
    int64_t now_ms = clock_ms();

    if (claimed->count > 0) {
        finish(claimed, now_ms);
    }
    if (next->count > 0) {
        claim(next, now_ms);
    }
    word("ZRANGE");
    word(READY);
    word("0");
    word("%d", BATCH - 1);
    end();
    answers(after);
}

static long drain(void)
{
    static struct jobs all[3];
    struct jobs *claimed = &all[0];
    struct jobs *next = &all[1];
    struct jobs *after = &all[2];
    long finished = 0;

    exchange(claimed, claimed, next);
    while (claimed->count > 0 || next->count > 0) {
        exchange(claimed, next, after);
        finished += claimed->count;
        struct jobs *done = claimed;
        claimed = next;
        next = after;
        after = done;
    }
    return finished;
}

int main(int argc, char **argv)
{
    struct timespec begun;
    struct timespec ended;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: redis_floor PORT\n");
        return 2;
    }
    redis = redisConnect("127.0.0.1", (int)strtol(argv[1], NULL, 10));
    check(redis && redis->err == 0, "connect");
    clock_gettime(CLOCK_MONOTONIC, &begun);
    long finished = drain();
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds =
        (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    (void)printf("%.0f\n", (double)finished / seconds);
    redisFree(redis);
    return EXIT_SUCCESS;
}
