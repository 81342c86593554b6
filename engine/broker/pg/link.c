#include "broker/pg/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "broker/pg/schema.h"

enum {
    REST_MIN_MS = 50,
    REST_MAX_MS = 2000,
    GREET_MS = 120 * 1000, /* others may bring the schema up to date at the same time */
    SQL_MAX_BYTES = 1024 * 1024,
    STATEMENT_BYTES = 4096,
    NAME_BYTES = 32,
};

enum step {
    RESTING, /* until the next attempt */
    CONNECTING,
    GREETING, /* asks what server it is */
    ASKING,   /* for the schema's version */
    MIGRATING,
    READY,
    PREPARING, /* a statement, whose call follows */
    CALLING,
};

struct pg_link {
    const struct pg_place *place; /* borrowed */
    PGconn *connection;           /* owned; NULL while it rests */
    enum step step;
    int epoll_fd;     /* owned; of the socket and of the timer */
    int timer_fd;     /* owned; the end of a rest, or of an attempt */
    int64_t until_ms; /* likewise, by bq_mono_ms() */
    int64_t rest_ms;
    int64_t era;
    PostgresPollingStatusType wants; /* while it connects */
    struct barq_error err;
    bool hopeless;
    int version_found;

    struct bq_buf sql; /* owned; of what is said by the link itself */
    bool prepared[PG_STATEMENTS];
    enum pg_statement statement;      /* of the call that is under way */
    const struct pg_request *request; /* borrowed */
    PGresult *coming;                 /* owned; of the command that is under way */
    PGresult *answer;                 /* owned; to a call, not taken yet */
};

static void set_timer(struct pg_link *link, int64_t in_ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = in_ms / 1000, .tv_nsec = in_ms % 1000 * 1000000 + (in_ms == 0)}};

    link->until_ms = bq_mono_ms() + in_ms;
    (void)timerfd_settime(link->timer_fd, 0, &when, NULL);
}

static void stop_timer(struct pg_link *link)
{
    struct itimerspec never = {.it_value = {.tv_sec = 0}};

    (void)timerfd_settime(link->timer_fd, 0, &never, NULL);
}

/* libpq may have another socket by now, even of the same number. */
static void watch(struct pg_link *link, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0)};
    int fd = bq_libpq.PQsocket(link->connection);

    if (fd >= 0 && epoll_ctl(link->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) {
        (void)epoll_ctl(link->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void forget_answers(struct pg_link *link)
{
    bq_libpq.PQclear(bq_take(link->coming));
    bq_libpq.PQclear(bq_take(link->answer));
}

/* Ends the connection, with what is in `err`; the next attempt comes after a rest that grows, with some chance in it,
 * so that not all come back at once. */
static void rest(struct pg_link *link)
{
    uint32_t random;

    bq_libpq.PQfinish(bq_take(link->connection));
    forget_answers(link);
    link->request = NULL;
    link->step = RESTING;
    bq_random(&random, sizeof(random));
    set_timer(link, link->rest_ms / 2 + random % (uint32_t)(link->rest_ms / 2 + 1));
    link->rest_ms = link->rest_ms * 2 < REST_MAX_MS ? link->rest_ms * 2 : REST_MAX_MS;
}

/* Nobody need wait for what only a person can put right. */
static void give_up(struct pg_link *link, enum barq_status status)
{
    link->hopeless = status == BARQ_ERR_DENIED || status == BARQ_ERR_ARG ||
                     status == BARQ_ERR_NOTFOUND || status == BARQ_ERR_CONFLICT;
    rest(link);
}

void bq_link_break(struct pg_link *link, const char *why)
{
    if (link->connection) {
        (void)bq_fail(&link->err, BARQ_ERR_CONN, "postgresql: %s: %s", link->place->address.shown,
                      why);
        rest(link);
    }
}

static void lost(struct pg_link *link)
{
    give_up(link, bq_pg_fail_connection(link->connection, link->place->address.shown, &link->err));
}

static void connect_now(struct pg_link *link)
{
    const struct bq_pg_address *address = &link->place->address;

    enum barq_status status = bq_pg_connect_start(address, &link->connection, &link->err);
    if (status != BARQ_OK) {
        give_up(link, status);
        return;
    }
    link->step = CONNECTING;
    memset(link->prepared, 0, sizeof(link->prepared));
    set_timer(link, address->connect_timeout_ms > 0
                        ? address->connect_timeout_ms * (int64_t)address->n_hosts
                        : GREET_MS);
    link->wants = PGRES_POLLING_WRITING;
    watch(link, true);
}

static void flush(struct pg_link *link)
{
    int left = bq_libpq.PQflush(link->connection);

    if (left < 0) {
        lost(link);
        return;
    }
    watch(link, left > 0);
}

/* Sends what is in `sql`. */
static void say(struct pg_link *link, enum step step)
{
    const char *sql = bq_buf_cstr(&link->sql);

    link->step = step;
    if (!sql || !bq_libpq.PQsendQuery(link->connection, sql)) {
        lost(link);
        return;
    }
    flush(link);
}

static void greet(struct pg_link *link)
{
    bq_buf_reset(&link->sql);
    bq_pg_greeting(link->place, &link->sql);
    set_timer(link, GREET_MS);
    say(link, GREETING);
}

/* PQconnectPoll() is to be called only then. */
static bool can_go_on(const struct pg_link *link)
{
    struct pollfd ready = {.fd = bq_libpq.PQsocket(link->connection),
                           .events = link->wants == PGRES_POLLING_WRITING ? POLLOUT : POLLIN};

    return poll(&ready, 1, 0) > 0;
}

static void go_on_connecting(struct pg_link *link)
{
    PostgresPollingStatusType what =
        can_go_on(link) ? bq_libpq.PQconnectPoll(link->connection) : link->wants;

    link->wants = what;
    if (what == PGRES_POLLING_FAILED) {
        lost(link);
    } else if (what == PGRES_POLLING_OK) {
        bq_pg_connected(&link->place->address, link->connection);
        if (bq_libpq.PQsetnonblocking(link->connection, 1) != 0) {
            lost(link);
            return;
        }
        greet(link);
    } else {
        watch(link, what == PGRES_POLLING_WRITING);
    }
}

static void refuse(struct pg_link *link, enum barq_status status, const char *why)
{
    give_up(link,
            bq_fail(&link->err, status, "postgresql: %s: %s", link->place->address.shown, why));
}

static void be_ready(struct pg_link *link)
{
    link->step = READY;
    link->era++;
    link->rest_ms = REST_MIN_MS;
    link->hopeless = false;
    stop_timer(link);
}

static void migrate(struct pg_link *link)
{
    bq_buf_reset(&link->sql);
    bq_pg_migration(link->place, &link->sql);
    say(link, MIGRATING);
}

static void hear_greeting(struct pg_link *link, const PGresult *answer)
{
    if (strcmp(bq_libpq.PQgetvalue(answer, 0, 0), "1") == 0) {
        refuse(link, BARQ_ERR_CONN,
               "it is a standby, which only reads (SQLSTATE 25006): name the primary, or several "
               "hosts with target_session_attrs=read-write");
    } else if (strcmp(bq_libpq.PQgetvalue(answer, 0, 1), "UTF8") != 0) {
        refuse(link, BARQ_ERR_ARG, "the database's encoding is not UTF8: create it with that");
    } else if (strcmp(bq_libpq.PQgetvalue(answer, 0, 3), "read committed") != 0) {
        /* Functions of the queue look again at what others have committed meanwhile. */
        refuse(link, BARQ_ERR_ARG,
               "default_transaction_isolation must be \"read committed\" for this role: behind a "
               "pooler barq cannot set it");
    } else if (bq_libpq.PQserverVersion(link->connection) < 140000) {
        refuse(link, BARQ_ERR_ARG, "the server is older than PostgreSQL 14");
    } else if (strcmp(bq_libpq.PQgetvalue(answer, 0, 2), "1") == 0) {
        bq_buf_reset(&link->sql);
        bq_buf_printf(&link->sql, "SELECT max(version) FROM %s.barq_version", link->place->quoted);
        say(link, ASKING);
    } else {
        link->version_found = 0;
        migrate(link);
    }
}

static void hear_version(struct pg_link *link, const PGresult *answer)
{
    char why[PG_SCHEMA_QUOTED_BYTES + 128];
    int64_t version = 0;

    (void)bq_parse_int(bq_libpq.PQgetvalue(answer, 0, 0), &version);
    link->version_found = (int)version;
    if (version == PG_VERSION) {
        be_ready(link);
    } else if (version < PG_VERSION) {
        migrate(link);
    } else {
        (void)snprintf(why, sizeof(why),
                       "the schema %s has version %lld, and this program knows %d at most: "
                       "use a newer one",
                       link->place->quoted, (long long)version, PG_VERSION);
        refuse(link, BARQ_ERR_CONFLICT, why);
    }
}

static void call_now(struct pg_link *link);

/* The command that was under way is over, with `coming`. */
static void step_on(struct pg_link *link)
{
    PGresult *answer = bq_take(link->coming);
    ExecStatusType what = bq_libpq.PQresultStatus(answer);
    bool failed = what != PGRES_TUPLES_OK && what != PGRES_COMMAND_OK;

    if (link->step == CALLING || (link->step == PREPARING && failed)) {
        link->answer = answer;
        link->request = NULL;
        link->step = READY;
        return;
    }
    if (failed) {
        struct barq_error *err = &link->err;
        enum barq_status status = bq_pg_fail(link->connection, answer, err);
        const char *state = bq_libpq.PQresultErrorField(answer, PG_DIAG_SQLSTATE);

        status = state && strcmp(state, "BQ002") == 0 ? BARQ_ERR_CONFLICT : status;
        err->status = status;
        bq_libpq.PQclear(answer);
        give_up(link, status);
        return;
    }
    switch (link->step) {
    case GREETING:
        hear_greeting(link, answer);
        break;
    case ASKING:
        hear_version(link, answer);
        break;
    case MIGRATING:
        be_ready(link);
        break;
    case PREPARING:
        link->prepared[link->statement] = true;
        call_now(link);
        break;
    case RESTING:
    case CONNECTING:
    case READY:
    case CALLING:
        break;
    }
    bq_libpq.PQclear(answer);
}

/* Of several results of a command the last one counts, or the first that is an error. */
static void keep_result(struct pg_link *link, PGresult *result)
{
    ExecStatusType what = bq_libpq.PQresultStatus(link->coming);

    if (link->coming && what != PGRES_TUPLES_OK && what != PGRES_COMMAND_OK) {
        bq_libpq.PQclear(result);
        return;
    }
    bq_libpq.PQclear(link->coming);
    link->coming = result;
}

static void read_results(struct pg_link *link)
{
    while (link->connection && link->step > CONNECTING && link->step != READY &&
           !bq_libpq.PQisBusy(link->connection)) {
        PGresult *result = bq_libpq.PQgetResult(link->connection);

        if (result) {
            keep_result(link, result);
        } else if (link->coming) {
            step_on(link);
        } else {
            return;
        }
    }
}

static void talk(struct pg_link *link)
{
    if (!bq_libpq.PQconsumeInput(link->connection)) {
        /* What came before the end says why. */
        read_results(link);
        if (link->connection) {
            lost(link);
        }
        return;
    }
    read_results(link);
    if (link->connection && bq_libpq.PQstatus(link->connection) == CONNECTION_BAD) {
        lost(link);
    } else if (link->connection && link->step > READY) {
        flush(link);
    }
}

enum pg_link_state bq_link_work(struct pg_link *link)
{
    bool late = bq_mono_ms() >= link->until_ms;

    if (link->step == RESTING && late) {
        connect_now(link);
    } else if (link->step > RESTING && link->step < READY && late) {
        bq_link_break(link, "no answer in time");
    }
    if (link->step == CONNECTING) {
        go_on_connecting(link);
    } else if (link->step > CONNECTING) {
        talk(link);
    }
    if (link->step < READY) {
        return PG_LINK_AWAY;
    }
    return link->step == READY ? PG_LINK_READY : PG_LINK_CALLING;
}

bool bq_link_wait(struct pg_link *link, int64_t until_ms)
{
    struct pollfd ready = {.fd = link->epoll_fd, .events = POLLIN};
    int64_t left_ms = until_ms - bq_mono_ms();

    if (left_ms <= 0) {
        return false;
    }
    (void)poll(&ready, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX);
    return true;
}

/* Of the text, with its schema: where a pooler gives us another's server, it is to mean the same there. */
static void give_name(const struct pg_link *link, char *out)
{
    (void)snprintf(out, NAME_BYTES, "barq_%016llx",
                   (unsigned long long)bq_hash(link->sql.data, link->sql.len));
}

static void call_now(struct pg_link *link)
{
    const struct pg_request *request = link->request;
    const char *values[PG_PARAMS_MAX];
    int formats[PG_PARAMS_MAX];
    char name[NAME_BYTES];
    int sent;

    for (int i = 0; i < request->count; i++) {
        values[i] = request->lengths[i] < 0
                        ? NULL
                        : (request->data.data ? request->data.data + request->offsets[i] : "");
        formats[i] = 1;
    }
    link->step = CALLING;
    if (link->prepared[link->statement]) {
        give_name(link, name);
        sent = bq_libpq.PQsendQueryPrepared(link->connection, name, request->count, values,
                                            request->lengths, formats, 1);
    } else {
        sent = bq_libpq.PQsendQueryParams(link->connection, bq_buf_cstr(&link->sql), request->count,
                                          request->types, values, request->lengths, formats, 1);
    }
    if (!sent) {
        lost(link);
        return;
    }
    flush(link);
}

static void prepare(struct pg_link *link)
{
    char name[NAME_BYTES];

    give_name(link, name);
    link->step = PREPARING;
    if (!bq_libpq.PQsendPrepare(link->connection, name, bq_buf_cstr(&link->sql),
                                link->request->count, link->request->types)) {
        lost(link);
        return;
    }
    flush(link);
}

void bq_link_call(struct pg_link *link, enum pg_statement statement,
                  const struct pg_request *request)
{
    if (link->step != READY) {
        return;
    }
    bq_libpq.PQclear(bq_take(link->answer));
    link->statement = statement;
    link->request = request;
    bq_buf_reset(&link->sql);
    bq_pg_statement(link->place, statement, &link->sql);
    if (link->place->prepares && !link->prepared[statement]) {
        prepare(link);
    } else {
        call_now(link);
    }
}

void bq_link_say(struct pg_link *link, const char *sql)
{
    if (link->step == READY) {
        bq_libpq.PQclear(bq_take(link->answer));
        bq_buf_reset(&link->sql);
        bq_buf_puts(&link->sql, sql);
        say(link, CALLING);
    }
}

PGresult *bq_link_answer(struct pg_link *link)
{
    return bq_take(link->answer);
}

enum barq_status bq_link_judge(struct pg_link *link, const PGresult *answer, const char *doing,
                               struct barq_error *err)
{
    ExecStatusType what = bq_libpq.PQresultStatus(answer);

    if (what == PGRES_TUPLES_OK || what == PGRES_COMMAND_OK) {
        return BARQ_OK;
    }
    struct barq_error why = {.status = BARQ_OK};
    enum barq_status status = bq_pg_fail(link->connection, answer, &why);
    return bq_fail(err, status, "postgresql: %s: %s", doing,
                   bq_starts_with(why.text, "postgresql: ") ? why.text + strlen("postgresql: ")
                                                            : why.text);
}

PGnotify *bq_link_heard(struct pg_link *link)
{
    return link->step >= READY ? bq_libpq.PQnotifies(link->connection) : NULL;
}

int bq_link_fd(const struct pg_link *link)
{
    return link->epoll_fd;
}

int64_t bq_link_era(const struct pg_link *link)
{
    return link->era;
}

int bq_link_version_found(const struct pg_link *link)
{
    return link->version_found;
}

const struct barq_error *bq_link_error(const struct pg_link *link)
{
    return &link->err;
}

bool bq_link_is_hopeless(const struct pg_link *link)
{
    return link->hopeless;
}

void bq_link_close(struct pg_link *link)
{
    if (!link) {
        return;
    }
    forget_answers(link);
    bq_libpq.PQfinish(link->connection);
    bq_buf_clear(&link->sql);
    bq_fd_drop(&link->epoll_fd);
    bq_fd_drop(&link->timer_fd);
    free(link);
}

enum barq_status bq_link_open(const struct pg_place *place, struct pg_link **out,
                              struct barq_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct pg_link *link = calloc(1, sizeof(*link));

    if (!link) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    link->place = place;
    link->rest_ms = REST_MIN_MS;
    bq_buf_init(&link->sql, SQL_MAX_BYTES);
    link->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    link->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (link->epoll_fd < 0 || link->timer_fd < 0 ||
        epoll_ctl(link->epoll_fd, EPOLL_CTL_ADD, link->timer_fd, &event) != 0) {
        enum barq_status status = bq_fail_errno(err, "postgresql: a descriptor to wait on");
        bq_link_close(link);
        return status;
    }
    set_timer(link, 0);
    *out = link;
    return BARQ_OK;
}
