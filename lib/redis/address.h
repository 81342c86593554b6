/*
 * address.h - what a Redis address means, checked: which servers, as whom, which database.
 */
#ifndef BQ_REDIS_ADDRESS_H
#define BQ_REDIS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/dsn.h"
#include "base/error.h"

enum {
    BQ_REDIS_PORT = 6379,
    BQ_REDIS_SENTINEL_PORT = 26379,
    BQ_REDIS_CONNECT_TIMEOUT_MS = 5000,
};

enum bq_redis_way {
    BQ_REDIS_BY_TCP,
    BQ_REDIS_BY_UNIX,
    BQ_REDIS_BY_SENTINEL,
};

struct bq_redis_host {
    const char *name; /* or a numeric address, without brackets */
    int port;
};

/* "" is a field that is not there. */
struct bq_redis_login {
    const char *user;
    const char *password; /* never logged, never in an error */
};

struct bq_redis_tls_files {
    const char *ca_certs; /* "": those of the system */
    const char *certfile; /* "": no client certificate */
    const char *keyfile;  /* "": it is in `certfile` */
    bool any_name;        /* the host's name need not be in the certificate */
    bool any_cert;        /* nor the certificate be trusted */
};

struct bq_redis_setting {
    const char *name;
    const char *value;
};

/* All strings are in the arena; none is NULL. */
struct bq_redis_address {
    enum bq_redis_way way;
    bool tls;
    struct bq_redis_host *hosts; /* one, or the Sentinels */
    size_t n_hosts;              /* 0: a Unix socket */
    const char *socket;          /* its path */
    const char *master;          /* whom the Sentinels are asked for */
    struct bq_redis_login login;
    struct bq_redis_login sentinel_login;
    int db;
    const char *client_name;
    int64_t connect_timeout_ms;
    struct bq_redis_tls_files files;
    struct bq_redis_setting *settings; /* what was behind the question mark, decoded */
    size_t n_settings;
    const char *shown; /* without user, password and options */
};

/*
 * BARQ_ERR_ARG    it makes no sense; the error names the part, and never the password
 * BARQ_ERR_NOMEM  `arena` is at its limit
 */
enum barq_status bq_redis_address_read(struct barq_arena *arena, const struct bq_dsn *dsn,
                                       struct bq_redis_address *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* The value of an option, or NULL when it was not given. */
const char *bq_redis_address_setting(const struct bq_redis_address *address, const char *name);

#endif
