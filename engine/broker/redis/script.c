#include "broker/redis/script.h"

#include <string.h>

#include "base/text.h"

enum barq_status bq_script_send(struct bq_redis *redis, const struct bq_script_call *call,
                                struct barq_error *err)
{
    const struct bq_script_text *script = &bq_scripts[call->script];
    const struct bq_redis_word words[] = {
        BQ_REDIS_WORD(call->with_text ? "EVAL" : "EVALSHA"),
        BQ_REDIS_WORD(call->with_text ? script->text : script->sha1),
        BQ_REDIS_WORD("0"),
        {call->request->data, call->request->len},
        {call->plain ? call->plain->data : "", call->plain ? call->plain->len : 0},
    };
    size_t count = sizeof(words) / sizeof(words[0]);

    return bq_redis_send(redis, words, call->plain ? count : count - 1, err);
}

static bool begins(const struct bq_redis_reply *reply, const char *word)
{
    return reply->kind == BQ_REDIS_ERROR && strncmp(reply->text, word, strlen(word)) == 0;
}

bool bq_script_is_unknown(const struct bq_redis_reply *reply)
{
    return begins(reply, "NOSCRIPT");
}

/* What Redis adds for whoever writes scripts. */
static int plain_len(const struct bq_redis_reply *reply)
{
    const char *tail = strstr(reply->text, " script: ");
    size_t len = tail ? (size_t)(tail - reply->text) : reply->len;

    return (int)(len < 300 ? len : 300);
}

enum barq_status bq_script_fail(const struct bq_redis_reply *reply, const char *doing,
                                struct barq_error *err)
{
    static const struct {
        const char *word;
        enum barq_status status;
        const char *hint;
    } known[] = {
        {"OOM", BARQ_ERR_FULL, ": raise its maxmemory, or drain the queue"},
        {"READONLY", BARQ_ERR_CONN, ": it is a replica"},
        {"LOADING", BARQ_ERR_CONN, ""},
        {"MASTERDOWN", BARQ_ERR_CONN, ""},
        {"NOREPLICAS", BARQ_ERR_CONN, ""},
        {"MISCONF", BARQ_ERR_FULL, ": it cannot write its data to disk"},
        {"BUSY", BARQ_ERR_CONN, ": a script of somebody else's runs for long"},
        {"NOPERM", BARQ_ERR_DENIED, ": its user needs +@all on barq:*, arq:* and the queues"},
        {"NOAUTH", BARQ_ERR_DENIED, ": the address needs a password"},
        {"WRONGTYPE", BARQ_ERR_CORRUPT, ": somebody has put something else there"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (begins(reply, known[i].word) || strstr(reply->text, known[i].word)) {
            return bq_fail(err, known[i].status, "redis: %s: %.*s%s", doing, plain_len(reply),
                           reply->text, known[i].hint);
        }
    }
    return bq_fail(err, BARQ_ERR_IO, "redis: %s: %.*s", doing, plain_len(reply), reply->text);
}

bool bq_script_was_refused(enum barq_status status)
{
    return status == BARQ_ERR_FULL || status == BARQ_ERR_CONN;
}

const struct bq_redis_reply *bq_reply_item(const struct bq_redis_reply *reply, size_t i)
{
    static const struct bq_redis_reply nothing = {.kind = BQ_REDIS_NIL, .text = ""};

    return reply->kind == BQ_REDIS_ARRAY && i < reply->len ? &reply->items[i] : &nothing;
}

const char *bq_reply_words(const struct bq_redis_reply *reply, size_t i)
{
    const struct bq_redis_reply *item = bq_reply_item(reply, i);

    return item->kind == BQ_REDIS_TEXT || item->kind == BQ_REDIS_STATUS ? item->text : NULL;
}

int64_t bq_reply_number(const struct bq_redis_reply *reply, size_t i)
{
    const struct bq_redis_reply *item = bq_reply_item(reply, i);
    int64_t number = item->number;

    if (item->kind == BQ_REDIS_TEXT && !bq_parse_int(item->text, &number)) {
        return 0;
    }
    return number;
}
