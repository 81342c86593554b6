#include "pg/address.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "pg/libpq.h"

enum { SETTINGS_MAX = 96, OWN_MAX = 16 };

/* What the reading of an address needs. */
struct reading {
    struct barq_arena *arena;
    const char *const *own;
    const PQconninfoOption *known; /* libpq's, with what its environment says */
    struct bq_pg_address *address;
    struct barq_error *err;
};

static enum barq_status no_memory(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the address");
}

enum barq_status bq_pg_address_set(struct bq_pg_address *address, const char *name,
                                   const char *value, struct barq_error *err)
{
    size_t at = 0;

    while (at < address->count && strcmp(address->names[at], name) != 0) {
        at++;
    }
    if (at >= SETTINGS_MAX - 1) {
        return bq_fail(err, BARQ_ERR_LIMIT, "postgresql: the address has too many options");
    }
    address->names[at] = name;
    address->values[at] = value;
    address->count = at == address->count ? at + 1 : address->count;
    return BARQ_OK;
}

const char *bq_pg_address_value(const struct bq_pg_address *address, const char *name)
{
    for (size_t i = 0; i < address->count; i++) {
        if (strcmp(address->names[i], name) == 0) {
            return address->values[i];
        }
    }
    return NULL;
}

const char *bq_pg_address_own(const struct bq_pg_address *address, const char *name)
{
    for (size_t i = 0; i < address->n_own; i++) {
        if (strcmp(address->own_names[i], name) == 0) {
            return address->own_values[i];
        }
    }
    return NULL;
}

/* -- hosts -- */

/* Takes "name", "name:port" or "[::1]:port" apart, within `text`; NULL: it is none of them. */
static const char *cut_port(char **text)
{
    char *end = strchrnul(*text, ':');

    if (**text == '[') {
        end = strchr(*text, ']');
        if (!end || (end[1] != '\0' && end[1] != ':')) {
            return NULL;
        }
        *text += 1;
        *end++ = '\0';
    }
    if (*end == '\0') {
        return "";
    }
    *end = '\0';
    return end + 1;
}

static enum barq_status read_host(struct reading *reading, char *text, struct bq_buf *hosts,
                                  struct bq_buf *ports)
{
    const char *port = cut_port(&text);

    if (!port || !bq_percent_decode(text) || port[strspn(port, "0123456789")] != '\0') {
        return bq_fail(reading->err, BARQ_ERR_ARG,
                       "postgresql: a host in the address is neither NAME, NAME:PORT nor "
                       "[IPv6 ADDRESS]:PORT");
    }
    bq_buf_printf(hosts, "%s%s", hosts->len > 0 ? "," : "", text);
    bq_buf_printf(ports, "%s%s", reading->address->n_hosts > 0 ? "," : "", port);
    reading->address->n_hosts++;
    return BARQ_OK;
}

/* As libpq has them: a list of names and a list of ports. Without a name they are left to it. */
static enum barq_status read_hosts(struct reading *reading, const struct bq_dsn *dsn)
{
    bq_auto(buf) struct bq_buf hosts;
    bq_auto(buf) struct bq_buf ports;
    char *left = bq_arena_strdup(reading->arena, dsn->hosts);
    enum barq_status status = left ? BARQ_OK : no_memory(reading->err);

    bq_buf_init(&hosts, (size_t)2 * BQ_DSN_MAX_BYTES);
    bq_buf_init(&ports, (size_t)2 * BQ_DSN_MAX_BYTES);
    for (char *text; status == BARQ_OK && (text = strsep(&left, ",")) != NULL;) {
        status = read_host(reading, text, &hosts, &ports);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *names = bq_arena_strndup(reading->arena, hosts.data ? hosts.data : "", hosts.len);
    const char *numbers = bq_arena_strndup(reading->arena, ports.data ? ports.data : "", ports.len);
    if (!names || !numbers || hosts.failed || ports.failed) {
        return no_memory(reading->err);
    }
    if (*names) {
        status = bq_pg_address_set(reading->address, "host", names, reading->err);
    }
    if (status == BARQ_OK && numbers[strspn(numbers, ",")] != '\0') {
        status = bq_pg_address_set(reading->address, "port", numbers, reading->err);
    }
    return status;
}

/* -- options -- */

static const PQconninfoOption *find_known(const struct reading *reading, const char *name)
{
    for (const PQconninfoOption *at = reading->known; at->keyword; at++) {
        if (strcmp(at->keyword, name) == 0) {
            return at;
        }
    }
    return NULL;
}

static const char *find_own(const struct reading *reading, const char *name)
{
    for (const char *const *at = reading->own; at && *at; at++) {
        if (strcmp(*at, name) == 0) {
            return *at;
        }
    }
    return NULL;
}

static enum barq_status take_own(struct reading *reading, const char *name, const char *value)
{
    struct bq_pg_address *address = reading->address;

    if (address->n_own >= OWN_MAX) {
        return bq_fail(reading->err, BARQ_ERR_LIMIT,
                       "postgresql: the address has too many options");
    }
    address->own_names[address->n_own] = name;
    address->own_values[address->n_own++] = value;
    return BARQ_OK;
}

static enum barq_status take_option(struct reading *reading, const char *name, const char *value)
{
    const char *own = find_own(reading, name);
    const PQconninfoOption *known = find_known(reading, name);

    if (own) {
        return take_own(reading, own, value);
    }
    /* libpq's URLs have this one for JDBC's sake. */
    if (strcmp(name, "ssl") == 0 && strcmp(value, "true") == 0) {
        return bq_pg_address_set(reading->address, "sslmode", "require", reading->err);
    }
    if (!known) {
        return bq_fail(reading->err, BARQ_ERR_ARG,
                       "postgresql: the address has an unknown option \"%.60s\"; libpq's are known",
                       name);
    }
    return bq_pg_address_set(reading->address, name, value, reading->err);
}

static enum barq_status read_option(struct reading *reading, char *text)
{
    char *value = strchr(text, '=');

    if (!value) {
        return bq_fail(reading->err, BARQ_ERR_ARG,
                       "postgresql: an option in the address has no value: NAME=VALUE");
    }
    *value++ = '\0';
    if (!bq_percent_decode(text) || !bq_percent_decode(value)) {
        return bq_fail(reading->err, BARQ_ERR_ARG,
                       "postgresql: a %%-escape in the address is broken");
    }
    return take_option(reading, text, value);
}

static enum barq_status read_options(struct reading *reading, const char *options)
{
    char *left = bq_arena_strdup(reading->arena, options);
    enum barq_status status = left ? BARQ_OK : no_memory(reading->err);

    for (char *text; status == BARQ_OK && (text = strsep(&left, "&")) != NULL;) {
        if (*text) {
            status = read_option(reading, text);
        }
    }
    return status;
}

/* -- what is added -- */

/* Unless the address says it, or libpq's environment does. */
static enum barq_status add(struct reading *reading, const char *name, const char *value,
                            bool *ours)
{
    const PQconninfoOption *known = find_known(reading, name);

    if (!known || known->val || bq_pg_address_value(reading->address, name)) {
        return BARQ_OK;
    }
    if (ours) {
        *ours = true;
    }
    return bq_pg_address_set(reading->address, name, value, reading->err);
}

static enum barq_status add_defaults(struct reading *reading)
{
    static const struct {
        const char *name;
        const char *value;
    } defaults[] = {
        {"connect_timeout", "5"},  {"fallback_application_name", "barq"},
        {"keepalives_idle", "30"}, {"keepalives_interval", "10"},
        {"keepalives_count", "3"},
    };
    enum barq_status status =
        bq_pg_address_set(reading->address, "client_encoding", "UTF8", reading->err);

    for (size_t i = 0; status == BARQ_OK && i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        status = add(reading, defaults[i].name, defaults[i].value, NULL);
    }
    return status;
}

/* How long to wait for each host; TCP_USER_TIMEOUT holds for SYN, too, so that the next one gets its turn. */
static enum barq_status add_timeout(struct reading *reading)
{
    struct bq_pg_address *address = reading->address;
    const char *text = bq_pg_address_value(address, "connect_timeout");
    const PQconninfoOption *known = find_known(reading, "connect_timeout");
    int64_t seconds = 0;

    if (!text) {
        text = known && known->val ? known->val : "0";
    }
    if (!bq_parse_int(text, &seconds) || seconds < 0 || seconds > INT32_MAX) {
        return bq_fail(reading->err, BARQ_ERR_ARG,
                       "postgresql: connect_timeout is \"%.20s\": it should be whole seconds",
                       text);
    }
    address->connect_timeout_ms = seconds * 1000;
    if (seconds == 0) {
        return BARQ_OK;
    }
    const char *ms = bq_arena_format(reading->arena, "%lld", (long long)seconds * 1000);
    return ms ? add(reading, "tcp_user_timeout", ms, &address->own_dead_after)
              : no_memory(reading->err);
}

/* -- all of it -- */

static enum barq_status read_login(struct reading *reading, const struct bq_dsn *dsn)
{
    const char *const parts[][2] = {
        {"user", dsn->user},
        {"password", dsn->password},
        {"dbname", *dsn->path == '/' ? dsn->path + 1 : dsn->path},
    };
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *copy = bq_arena_strdup(reading->arena, parts[i][1]);
        if (!copy) {
            return no_memory(reading->err);
        }
        if (*copy) {
            status = bq_pg_address_set(reading->address, parts[i][0], copy, reading->err);
        }
    }
    return status;
}

static enum barq_status show(struct reading *reading)
{
    struct bq_pg_address *address = reading->address;
    const char *host = bq_pg_address_value(address, "host");
    const char *port = bq_pg_address_value(address, "port");
    const char *name = bq_pg_address_value(address, "dbname");

    address->shown = bq_arena_format(reading->arena, "%s%s%s/%s", host ? host : "", port ? ":" : "",
                                     port ? port : "", name ? name : "");
    return address->shown ? BARQ_OK : no_memory(reading->err);
}

/* Whoever gives hosts= in the options has counted for himself. */
static void count_hosts(struct bq_pg_address *address)
{
    const char *text = bq_pg_address_value(address, "host");

    address->n_hosts = 1;
    for (; text && *text; text++) {
        address->n_hosts += *text == ',';
    }
}

/* A / or ? that ends the authority too early was perhaps in a password: nothing of it may be quoted. */
static enum barq_status check_torn(const struct bq_dsn *dsn, struct barq_error *err)
{
    if (!strchr(dsn->options, '@') && !strchr(dsn->path, '@')) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_ARG,
                   "postgresql: the address has an @ behind its host: in a password / is written "
                   "%%2F and ? %%3F, and in an option @ is written %%40");
}

static enum barq_status read_all(struct reading *reading, const struct bq_dsn *dsn)
{
    enum barq_status status = check_torn(dsn, reading->err);

    status = status == BARQ_OK ? read_hosts(reading, dsn) : status;
    status = status == BARQ_OK ? read_login(reading, dsn) : status;
    status = status == BARQ_OK ? read_options(reading, dsn->options) : status;
    status = status == BARQ_OK ? add_defaults(reading) : status;
    status = status == BARQ_OK ? add_timeout(reading) : status;
    count_hosts(reading->address);
    return status == BARQ_OK ? show(reading) : status;
}

enum barq_status bq_pg_address_read(struct barq_arena *arena, const struct bq_dsn *dsn,
                                    const char *const *own, struct bq_pg_address *out,
                                    struct barq_error *err)
{
    struct bq_pg_address address = {
        .names = bq_arena_array(arena, SETTINGS_MAX, sizeof(char *)),
        .values = bq_arena_array(arena, SETTINGS_MAX, sizeof(char *)),
        .own_names = bq_arena_array(arena, OWN_MAX, sizeof(char *)),
        .own_values = bq_arena_array(arena, OWN_MAX, sizeof(char *)),
    };
    enum barq_status status = bq_libpq_load(err);
    if (status != BARQ_OK) {
        return status;
    }
    PQconninfoOption *known = bq_libpq.PQconndefaults();
    if (!known || !address.names || !address.values || !address.own_names || !address.own_values) {
        bq_libpq.PQconninfoFree(known);
        return no_memory(err);
    }

    struct reading reading = {
        .arena = arena, .own = own, .known = known, .address = &address, .err = err};
    status = read_all(&reading, dsn);
    bq_libpq.PQconninfoFree(known);
    if (status == BARQ_OK) {
        *out = address;
    }
    return status;
}
