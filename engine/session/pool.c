/*
 * pool.c - sessions for a program with several threads: at most pool_size + max_overflow of them, of
 * which pool_size are kept. One mutex guards who has which; connections are opened, cleaned and closed
 * outside of it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <barq/admin.h>

#include "base/time.h"
#include "session/inside.h"

enum {
    POOL_SIZE = 10,
    MAX_OVERFLOW = 5,
    TIMEOUT_MS = 30 * 1000,
    SEATS_MAX = 10000,
    URL_ARENA_BYTES = 64 * 1024,
    HOLDERS_TOLD = 5, /* in an error */
};

/* A session, or room for one. */
struct seat {
    struct barq_session *session; /* owned; NULL: there is none */
    const char *who;              /* borrowed; NULL: it is free */
    int64_t taken_at_ms;          /* by bq_mono_ms() */
    int64_t turn;                 /* grows with each taking */
};

struct barq_pool {
    pthread_mutex_t mutex;
    pthread_cond_t given;
    struct barq_arena arena; /* of the URL */
    const char *url;
    struct bq_session_options session_options;
    int64_t timeout_ms;
    int pool_size;
    int n_seats;
    int64_t last_turn;
    int n_open;         /* seats that have a session, or will in a moment */
    struct seat *seats; /* owned; under the mutex */
};

/* -- whose turn -- */

/* One that is open comes before room for another one. */
static struct seat *find_free(struct barq_pool *pool)
{
    struct seat *empty = NULL;

    for (int i = 0; i < pool->n_seats; i++) {
        struct seat *seat = &pool->seats[i];

        if (!seat->who && seat->session) {
            return seat;
        }
        if (!seat->who && !empty) {
            empty = seat;
        }
    }
    return empty;
}

static const struct seat *next_holder(const struct barq_pool *pool, int64_t after_turn)
{
    const struct seat *oldest = NULL;

    for (int i = 0; i < pool->n_seats; i++) {
        const struct seat *seat = &pool->seats[i];
        bool next = seat->who && seat->turn > after_turn && (!oldest || seat->turn < oldest->turn);

        oldest = next ? seat : oldest;
    }
    return oldest;
}

/* Those who have had theirs for the longest come first. */
static void tell_holders(const struct barq_pool *pool, struct bq_buf *out)
{
    const struct seat *holder = next_holder(pool, 0);

    for (int told = 0; holder && told < HOLDERS_TOLD; told++) {
        bq_buf_printf(out, "%s%.60s for %.1f s", told > 0 ? ", " : "", holder->who,
                      (double)(bq_mono_ms() - holder->taken_at_ms) / 1000);
        holder = next_holder(pool, holder->turn);
    }
}

static enum barq_status none_came(const struct barq_pool *pool, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf holders;

    bq_buf_init(&holders, BARQ_ERROR_MAX_BYTES);
    tell_holders(pool, &holders);
    const char *told = bq_buf_cstr(&holders);
    return bq_fail(err, BARQ_ERR_TIMEOUT,
                   "pool: all %d sessions are taken (pool_size %d, max_overflow %d), and none came "
                   "back within %.1f s; taken by %s",
                   pool->n_seats, pool->pool_size, pool->n_seats - pool->pool_size,
                   (double)pool->timeout_ms / 1000, told ? told : "many");
}

static struct timespec deadline_of(int64_t wait_ms)
{
    enum { NS_PER_MS = 1000 * 1000, NS_PER_S = 1000 * 1000 * 1000 };
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait_ms / 1000;
    at.tv_nsec += wait_ms % 1000 * NS_PER_MS;
    if (at.tv_nsec >= NS_PER_S) {
        at.tv_sec++;
        at.tv_nsec -= NS_PER_S;
    }
    return at;
}

/* `*session` is what it has, if anything. */
static enum barq_status take_seat(struct barq_pool *pool, const char *who, struct seat **out,
                                  struct barq_session **session, struct barq_error *err)
{
    struct timespec deadline = deadline_of(pool->timeout_ms);
    enum barq_status status = BARQ_OK;
    struct seat *seat = NULL;
    bool late = false;

    (void)pthread_mutex_lock(&pool->mutex);
    while (!(seat = find_free(pool)) && !late) {
        late = pthread_cond_timedwait(&pool->given, &pool->mutex, &deadline) != 0;
    }
    if (!seat) {
        status = none_came(pool, err);
    } else {
        seat->who = who;
        seat->taken_at_ms = bq_mono_ms();
        seat->turn = ++pool->last_turn;
        pool->n_open += seat->session == NULL;
        *session = seat->session;
        *out = seat;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return status;
}

static void seat_session(struct barq_pool *pool, struct seat *seat, struct barq_session *session)
{
    (void)pthread_mutex_lock(&pool->mutex);
    seat->session = session;
    (void)pthread_mutex_unlock(&pool->mutex);
}

/* With its session, or without: what is not kept is the caller's to close. */
static struct barq_session *free_seat(struct barq_pool *pool, struct seat *seat, bool usable)
{
    struct barq_session *unwanted = NULL;

    (void)pthread_mutex_lock(&pool->mutex);
    if (!usable || pool->n_open > pool->pool_size) {
        unwanted = seat->session;
        seat->session = NULL;
        pool->n_open--;
    }
    seat->who = NULL;
    (void)pthread_cond_signal(&pool->given);
    (void)pthread_mutex_unlock(&pool->mutex);
    return unwanted;
}

static struct seat *seat_of(struct barq_pool *pool, const struct barq_session *session)
{
    struct seat *found = NULL;

    (void)pthread_mutex_lock(&pool->mutex);
    for (int i = 0; i < pool->n_seats; i++) {
        found = pool->seats[i].session == session ? &pool->seats[i] : found;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return found;
}

/* -- what they are called -- */

enum barq_status barq_pool_take(struct barq_pool *pool, const char *who, struct barq_session **out,
                                struct barq_error *err)
{
    struct barq_session *session = NULL;
    struct seat *seat = NULL;

    enum barq_status status = take_seat(pool, who ? who : "somebody", &seat, &session, err);
    if (status != BARQ_OK || !seat) {
        return status;
    }
    if (session) {
        status = bq_session_ready(session, err);
    } else {
        status = bq_session_open_as(pool->url, &pool->session_options, &session, err);
        seat_session(pool, seat, session);
    }
    if (status != BARQ_OK) {
        bq_session_close(free_seat(pool, seat, false));
        return status;
    }
    *out = session;
    return BARQ_OK;
}

/* A connection that broke, or whose last COMMIT is in doubt, is not worth keeping. */
void barq_pool_give(struct barq_pool *pool, struct barq_session *session)
{
    struct seat *seat = session ? seat_of(pool, session) : NULL;
    if (!seat) {
        return;
    }

    bq_session_clean(session);
    bool usable = !session->doubtful && bq_db_ready(session->db);
    bq_session_close(free_seat(pool, seat, usable));
}

/* -- its life -- */

static int limit_of(int value, int otherwise)
{
    if (value == BARQ_OFF) {
        return 0;
    }
    return value > 0 ? value : otherwise;
}

static enum barq_status set_url(struct barq_pool *pool, const char *url, struct barq_error *err)
{
    if (!url) {
        return barq_default_database_url(&pool->arena, &pool->url, err);
    }
    pool->url = bq_arena_strdup(&pool->arena, url);
    return pool->url ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "pool: out of memory");
}

static void set_options(struct barq_pool *pool, const struct barq_pool_options *options)
{
    pool->pool_size = limit_of(options->pool_size, POOL_SIZE);
    pool->n_seats = pool->pool_size + limit_of(options->max_overflow, MAX_OVERFLOW);
    pool->timeout_ms = options->pool_timeout_ms == 0 ? TIMEOUT_MS : options->pool_timeout_ms;
    pool->timeout_ms = pool->timeout_ms > 0 ? pool->timeout_ms : 0;
    pool->session_options = (struct bq_session_options){
        .recycle_ms = options->pool_recycle_ms,
        .no_ping = options->pool_pre_ping == BARQ_OFF,
        .shared = true,
    };
}

static struct barq_pool *new_pool(const struct barq_pool_options *options)
{
    struct barq_pool *pool = calloc(1, sizeof(*pool));
    pthread_condattr_t by_mono;
    if (!pool) {
        return NULL;
    }

    set_options(pool, options);
    pool->seats = calloc((size_t)pool->n_seats, sizeof(*pool->seats));
    bq_arena_init(&pool->arena, URL_ARENA_BYTES);
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_condattr_init(&by_mono);
    (void)pthread_condattr_setclock(&by_mono, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->given, &by_mono);
    (void)pthread_condattr_destroy(&by_mono);
    return pool;
}

static bool makes_sense(const struct barq_pool_options *options)
{
    return options->pool_size >= 0 && options->pool_size <= SEATS_MAX &&
           options->max_overflow >= BARQ_OFF && options->max_overflow <= SEATS_MAX &&
           options->pool_timeout_ms >= BARQ_OFF && options->pool_recycle_ms >= BARQ_OFF;
}

enum barq_status barq_pool_open(const char *url, const struct barq_pool_options *options,
                                struct barq_pool **out, struct barq_error *err)
{
    static const struct barq_pool_options defaults = {0};
    const struct barq_pool_options *asked = options ? options : &defaults;
    struct barq_session *first = NULL;

    if (!makes_sense(asked)) {
        return bq_fail(err, BARQ_ERR_ARG, "pool: an option is negative, or more than %d",
                       SEATS_MAX);
    }
    struct barq_pool *pool = new_pool(asked);
    if (!pool) {
        return bq_fail(err, BARQ_ERR_NOMEM, "pool: out of memory");
    }
    enum barq_status status =
        pool->seats ? set_url(pool, url, err) : bq_fail(err, BARQ_ERR_NOMEM, "pool: out of memory");
    if (status == BARQ_OK) {
        status = barq_pool_take(pool, "barq_pool_open()", &first, err);
    }
    if (status != BARQ_OK) {
        barq_pool_close(pool);
        return status;
    }
    barq_pool_give(pool, first);
    *out = pool;
    return BARQ_OK;
}

void barq_pool_close(struct barq_pool *pool)
{
    if (!pool) {
        return;
    }
    for (int i = 0; pool->seats && i < pool->n_seats; i++) {
        bq_session_close(pool->seats[i].session);
    }
    (void)pthread_cond_destroy(&pool->given);
    (void)pthread_mutex_destroy(&pool->mutex);
    bq_arena_clear(&pool->arena);
    free(pool->seats);
    free(pool);
}
