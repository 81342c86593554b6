#include "redis/greet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "redis/command.h"

enum { SAID_BYTES = 160, NUMBER_BYTES = 16 };

/* -- asking -- */

static bool ask(struct bq_redis_greeting *greeting, enum bq_redis_question question,
                const char *const *words, struct bq_buf *out)
{
    assert(greeting->count < BQ_REDIS_QUESTIONS_MAX);
    greeting->questions[greeting->count++] = question;
    return bq_redis_command_puts(out, words);
}

/* A user without a password is sent with an empty one, as redis-py does. */
static bool ask_auth(struct bq_redis_greeting *greeting, const struct bq_redis_login *login,
                     struct bq_buf *out)
{
    const char *const both[] = {"AUTH", login->user, login->password, NULL};
    const char *const alone[] = {"AUTH", login->password, NULL};
    bool has_user = *login->user != '\0';

    greeting->is_bare = !has_user && *login->password == '\0';
    return greeting->is_bare || ask(greeting, BQ_REDIS_ASK_AUTH, has_user ? both : alone, out);
}

static bool ask_select(struct bq_redis_greeting *greeting, int db, struct bq_buf *out)
{
    char number[NUMBER_BYTES];
    const char *const words[] = {"SELECT", number, NULL};

    snprintf(number, sizeof(number), "%d", db);
    return db == 0 || ask(greeting, BQ_REDIS_ASK_SELECT, words, out);
}

static bool ask_setname(struct bq_redis_greeting *greeting, const char *name, struct bq_buf *out)
{
    const char *const words[] = {"CLIENT", "SETNAME", name, NULL};

    return *name == '\0' || ask(greeting, BQ_REDIS_ASK_SETNAME, words, out);
}

bool bq_redis_greet_server(struct bq_redis_greeting *greeting,
                           const struct bq_redis_address *address, struct bq_buf *out)
{
    static const char *const role[] = {"ROLE", NULL};
    static const char *const ping[] = {"PING", NULL};
    bool is_told = address->way == BQ_REDIS_BY_SENTINEL;

    *greeting = (struct bq_redis_greeting){.address = address};
    /* PING is refused while a server loads its data, and without a password where it needs one. */
    return ask_auth(greeting, &address->login, out) && ask_select(greeting, address->db, out) &&
           ask_setname(greeting, address->client_name, out) &&
           (!is_told || ask(greeting, BQ_REDIS_ASK_ROLE, role, out)) &&
           ask(greeting, BQ_REDIS_ASK_PING, ping, out);
}

bool bq_redis_greet_sentinel(struct bq_redis_greeting *greeting,
                             const struct bq_redis_address *address, struct bq_buf *out)
{
    const char *const where[] = {"SENTINEL", "get-master-addr-by-name", address->master, NULL};

    *greeting = (struct bq_redis_greeting){.address = address};
    return ask_auth(greeting, &address->sentinel_login, out) &&
           ask_setname(greeting, address->client_name, out) &&
           ask(greeting, BQ_REDIS_ASK_MASTER, where, out);
}

/* -- errors -- */

static bool is_error(const struct bq_redis_reply *reply, const char *prefix)
{
    return reply->kind == BQ_REDIS_ERROR && bq_starts_with(reply->text, prefix);
}

/* The server's words on one line, without what could hide in them. */
static const char *said(const struct bq_redis_reply *reply, char *out)
{
    size_t len = bq_utf8_cut(reply->text, reply->len, SAID_BYTES - 1);
    if (!bq_utf8_valid(reply->text, len)) {
        return "something unreadable";
    }

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)reply->text[i];
        out[i] = (char)(byte < ' ' || byte == 0x7f ? ' ' : byte);
    }
    out[len] = '\0';
    return out;
}

static enum barq_status fail_login(const struct bq_redis_greeting *greeting, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_DENIED,
                   greeting->is_bare
                       ? "the server asks for a password (NOAUTH): the address should have one"
                       : "the server asks for another password (NOAUTH)");
}

static enum barq_status fail(const struct bq_redis_greeting *greeting,
                             const struct bq_redis_reply *reply, struct barq_error *err)
{
    char words[SAID_BYTES];

    if (is_error(reply, "NOAUTH")) {
        return fail_login(greeting, err);
    }
    if (is_error(reply, "LOADING")) {
        return bq_fail(err, BARQ_ERR_CONN, "the server is loading its data (LOADING)");
    }
    if (reply->kind != BQ_REDIS_ERROR) {
        return bq_fail(err, BARQ_ERR_FORMAT, "it does not answer as a Redis server does");
    }
    return bq_fail(err, BARQ_ERR_CONN, "the server says: %s", said(reply, words));
}

/* -- answers -- */

static enum barq_status take_status(struct bq_redis_greeting *greeting,
                                    const struct bq_redis_reply *reply, struct barq_error *err)
{
    return reply->kind == BQ_REDIS_STATUS ? BARQ_OK : fail(greeting, reply, err);
}

/* What a server says here is not repeated: one that does not know AUTH quotes the password. */
static enum barq_status take_auth(struct bq_redis_greeting *greeting,
                                  const struct bq_redis_reply *reply, struct barq_error *err)
{
    if (reply->kind == BQ_REDIS_STATUS) {
        return BARQ_OK;
    }
    if (is_error(reply, "WRONGPASS") || is_error(reply, "ERR invalid password")) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "the server refuses the password, or its user (WRONGPASS)");
    }
    if (is_error(reply, "ERR Client sent AUTH") || is_error(reply, "ERR AUTH <password>")) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "the server asks for no password: the address should have none");
    }
    if (is_error(reply, "ERR wrong number of arguments")) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "the server knows no users, only a password: redis://:PASSWORD@HOST");
    }
    if (is_error(reply, "LOADING") || is_error(reply, "ERR max number of clients") ||
        is_error(reply, "DENIED")) {
        return fail(greeting, reply, err);
    }
    return bq_fail(err, BARQ_ERR_CONN, "the server does not take AUTH");
}

static enum barq_status take_select(struct bq_redis_greeting *greeting,
                                    const struct bq_redis_reply *reply, struct barq_error *err)
{
    if (is_error(reply, "ERR DB index is out of range") ||
        is_error(reply, "ERR invalid DB index")) {
        return bq_fail(err, BARQ_ERR_ARG, "the server has no database %d (see its \"databases\")",
                       greeting->address->db);
    }
    return take_status(greeting, reply, err);
}

static enum barq_status take_setname(struct bq_redis_greeting *greeting,
                                     const struct bq_redis_reply *reply, struct barq_error *err)
{
    (void)greeting;
    (void)reply;
    (void)err;
    return BARQ_OK; /* it works without */
}

static enum barq_status take_role(struct bq_redis_greeting *greeting,
                                  const struct bq_redis_reply *reply, struct barq_error *err)
{
    /* A user who may not ask has to believe the Sentinel. */
    if (is_error(reply, "NOPERM")) {
        return BARQ_OK;
    }
    if (reply->kind != BQ_REDIS_ARRAY || reply->len == 0) {
        return fail(greeting, reply, err);
    }
    if (strcmp(reply->items[0].text, "master") != 0) {
        return bq_fail(err, BARQ_ERR_CONN, "the Sentinel calls it the master, but it is none");
    }
    return BARQ_OK;
}

static enum barq_status take_ping(struct bq_redis_greeting *greeting,
                                  const struct bq_redis_reply *reply, struct barq_error *err)
{
    return is_error(reply, "NOPERM") ? BARQ_OK : take_status(greeting, reply, err);
}

static enum barq_status take_master(struct bq_redis_greeting *greeting,
                                    const struct bq_redis_reply *reply, struct barq_error *err)
{
    int64_t port = 0;

    if (reply->kind == BQ_REDIS_NIL) {
        return bq_fail(err, BARQ_ERR_CONN, "this Sentinel knows no master \"%.80s\"",
                       greeting->address->master);
    }
    if (is_error(reply, "ERR unknown command")) {
        return bq_fail(err, BARQ_ERR_CONN, "this is no Sentinel: is it the port of a server?");
    }
    if (reply->kind != BQ_REDIS_ARRAY || reply->len != 2) {
        return fail(greeting, reply, err);
    }

    const struct bq_redis_reply *name = &reply->items[0];
    if (name->len == 0 || name->len >= sizeof(greeting->master_name) ||
        strlen(name->text) != name->len || !bq_parse_int(reply->items[1].text, &port) || port < 1 ||
        port > 65535) {
        return bq_fail(err, BARQ_ERR_FORMAT, "this Sentinel's answer names no host and port");
    }
    memcpy(greeting->master_name, name->text, name->len + 1);
    greeting->master = (struct bq_redis_host){.name = greeting->master_name, .port = (int)port};
    return BARQ_OK;
}

enum barq_status bq_redis_greeting_take(struct bq_redis_greeting *greeting,
                                        const struct bq_redis_reply *reply, struct barq_error *err)
{
    static enum barq_status (*const takes[])(struct bq_redis_greeting *,
                                             const struct bq_redis_reply *, struct barq_error *) = {
        [BQ_REDIS_ASK_AUTH] = take_auth,       [BQ_REDIS_ASK_SELECT] = take_select,
        [BQ_REDIS_ASK_SETNAME] = take_setname, [BQ_REDIS_ASK_ROLE] = take_role,
        [BQ_REDIS_ASK_PING] = take_ping,       [BQ_REDIS_ASK_MASTER] = take_master,
    };

    assert(greeting->answered < greeting->count);
    return takes[greeting->questions[greeting->answered++]](greeting, reply, err);
}

bool bq_redis_greeting_is_over(const struct bq_redis_greeting *greeting)
{
    return greeting->answered == greeting->count;
}
