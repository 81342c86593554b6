#include "redis/settings.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { NAMES_MAX_BYTES = 512 };

/* What a value is, and so how it is read. */
enum kind {
    THEIRS, /* for the caller to read */
    TEXT,
    DATABASE,
    SECONDS,
    SWITCH, /* stored inverted: zero is the default, and it is on */
    CERT_REQS,
};

/* The names are redis-py's where it has one. */
static const struct option {
    const char *name;
    enum kind kind;
    bool needs_tls;
    size_t at; /* in struct bq_redis_address */
} options[] = {
    {"db", DATABASE, false, offsetof(struct bq_redis_address, db)},
    {"connect_timeout", SECONDS, false, offsetof(struct bq_redis_address, connect_timeout_ms)},
    {"socket_connect_timeout", SECONDS, false,
     offsetof(struct bq_redis_address, connect_timeout_ms)},
    {"timeout", THEIRS, false, 0},
    {"socket_timeout", THEIRS, false, 0},
    {"client_name", TEXT, false, offsetof(struct bq_redis_address, client_name)},
    {"username", TEXT, false, offsetof(struct bq_redis_address, login.user)},
    {"password", TEXT, false, offsetof(struct bq_redis_address, login.password)},
    {"sentinel_username", TEXT, false, offsetof(struct bq_redis_address, sentinel_login.user)},
    {"sentinel_password", TEXT, false, offsetof(struct bq_redis_address, sentinel_login.password)},
    {"ssl_ca_certs", TEXT, true, offsetof(struct bq_redis_address, files.ca_certs)},
    {"ssl_certfile", TEXT, true, offsetof(struct bq_redis_address, files.certfile)},
    {"ssl_keyfile", TEXT, true, offsetof(struct bq_redis_address, files.keyfile)},
    {"ssl_check_hostname", SWITCH, true, offsetof(struct bq_redis_address, files.any_name)},
    {"ssl_cert_reqs", CERT_REQS, true, offsetof(struct bq_redis_address, files.any_cert)},
    {"keyspace_events", THEIRS, false, 0},
};

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < COUNT(options); i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static enum barq_status refuse_unknown(const char *name, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf names;

    bq_buf_init(&names, NAMES_MAX_BYTES);
    for (size_t i = 0; i < COUNT(options); i++) {
        bq_buf_printf(&names, "%s%s", i > 0 ? ", " : "", options[i].name);
    }
    const char *known = bq_buf_cstr(&names);
    return bq_fail(err, BARQ_ERR_ARG,
                   "redis: the address has an unknown option \"%.40s\"; known are %s", name,
                   known ? known : "none");
}

enum barq_status bq_redis_db_read(const char *text, const char *what, int *out,
                                  struct barq_error *err)
{
    int64_t number = 0;

    if (!bq_parse_int(text, &number) || number < 0 || number > INT_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: %s is \"%.60s\", which is no database's number",
                       what, text);
    }
    *out = (int)number;
    return BARQ_OK;
}

static enum barq_status read_timeout(const struct option *option, const char *value, int64_t *out,
                                     struct barq_error *err)
{
    int64_t timeout_ms = 0;

    if (!bq_parse_seconds_ms(value, &timeout_ms) || timeout_ms == 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: %s is \"%.60s\": it should be seconds, more than none", option->name,
                       value);
    }
    *out = timeout_ms;
    return BARQ_OK;
}

static bool is_one_of(const char *value, const char *const *words)
{
    while (*words && !bq_equal_nocase(value, *words)) {
        words++;
    }
    return *words != NULL;
}

static enum barq_status read_switch(const struct option *option, const char *value, bool *is_off,
                                    struct barq_error *err)
{
    static const char *const on[] = {"1", "true", "t", "yes", "y", NULL};
    static const char *const off[] = {"0", "false", "f", "no", "n", NULL};

    if (!is_one_of(value, on) && !is_one_of(value, off)) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: %s is \"%.60s\": it should be true or false",
                       option->name, value);
    }
    *is_off = is_one_of(value, off);
    return BARQ_OK;
}

static enum barq_status read_cert_reqs(const char *value, bool *is_off, struct barq_error *err)
{
    /* For a client Python's "optional" asks for the same as "required". */
    static const char *const on[] = {"required", "optional", NULL};
    static const char *const off[] = {"none", NULL};

    if (!is_one_of(value, on) && !is_one_of(value, off)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: ssl_cert_reqs is \"%.60s\": it should be required or none", value);
    }
    *is_off = is_one_of(value, off);
    return BARQ_OK;
}

static enum barq_status set(struct bq_redis_address *address, const struct option *option,
                            const char *value, struct barq_error *err)
{
    char *field = (char *)address + option->at;

    switch (option->kind) {
    case TEXT:
        memcpy(field, &value, sizeof(value));
        return BARQ_OK;
    case DATABASE:
        return bq_redis_db_read(value, "the option db", (int *)(void *)field, err);
    case SECONDS:
        return read_timeout(option, value, (int64_t *)(void *)field, err);
    case SWITCH:
        return read_switch(option, value, (bool *)field, err);
    case CERT_REQS:
        return read_cert_reqs(value, (bool *)field, err);
    case THEIRS:
        break;
    }
    return BARQ_OK;
}

/* "name=value", which is cut up in its place. */
static enum barq_status read_one(char *pair, struct bq_redis_address *address,
                                 struct barq_error *err)
{
    char *value = strchrnul(pair, '=');
    if (*value == '=') {
        *value++ = '\0';
    }
    if (!bq_percent_decode(pair) || !bq_percent_decode(value)) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: a %%-escape in the address's options is broken");
    }

    const struct option *option = find(pair);
    if (!option) {
        return refuse_unknown(pair, err);
    }
    if (bq_redis_address_setting(address, pair)) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: the address has the option %s twice", pair);
    }
    if (option->needs_tls && !address->tls) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: %s needs TLS: write rediss://", pair);
    }

    address->settings[address->n_settings++] =
        (struct bq_redis_setting){.name = pair, .value = value};
    return set(address, option, value, err);
}

enum barq_status bq_redis_settings_read(struct barq_arena *arena, const char *text,
                                        struct bq_redis_address *address, struct barq_error *err)
{
    char *left = bq_arena_strdup(arena, text);

    address->settings = bq_arena_array(arena, COUNT(options), sizeof(*address->settings));
    if (!left || !address->settings) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: the address is too long");
    }
    for (char *pair; (pair = strsep(&left, "&")) != NULL;) {
        enum barq_status status = *pair ? read_one(pair, address, err) : BARQ_OK;
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}
