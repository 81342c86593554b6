#include "redis/address.h"

#include <string.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/text.h"
#include "redis/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What no host has: blanks, control characters, marks that have slipped from elsewhere in a URL. */
#define NO_HOST_BYTES " \t\r\n\v\f\"'<>\\^`{|}@#?/%"

static const struct scheme {
    const char *name;
    enum bq_redis_way way;
    bool tls;
} schemes[] = {
    {"redis", BQ_REDIS_BY_TCP, false},
    {"rediss", BQ_REDIS_BY_TCP, true},
    {"unix", BQ_REDIS_BY_UNIX, false},
    {"redis+sentinel", BQ_REDIS_BY_SENTINEL, false},
    {"rediss+sentinel", BQ_REDIS_BY_SENTINEL, true},
};

static enum barq_status out_of_memory(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "redis: no memory for the address");
}

static const struct scheme *find_scheme(const char *name)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (strcmp(schemes[i].name, name) == 0) {
            return &schemes[i];
        }
    }
    return NULL;
}

/* -- hosts -- */

static enum barq_status read_port(const char *text, int otherwise, int *out, struct barq_error *err)
{
    int64_t port = otherwise;

    if (*text != '\0' && (!bq_parse_int(text, &port) || port < 1 || port > 65535)) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: the port is \"%.60s\": it should be 1 to 65535",
                       text);
    }
    *out = (int)port;
    return BARQ_OK;
}

/* Ends the name within `text` and returns what is behind the colon, "" without one; NULL: it is none. */
static const char *cut_port(char **text)
{
    char *name = *text;
    char *end = strchrnul(name, ':');

    if (*name == '[') {
        *text = name + 1;
        end = strchr(name, ']');
        if (!end || (end[1] != '\0' && end[1] != ':')) {
            return NULL;
        }
        *end++ = '\0';
    } else if (strchr(name, ':') != strrchr(name, ':')) {
        return NULL;
    }
    if (*end == '\0') {
        return "";
    }
    *end = '\0';
    return end + 1;
}

static enum barq_status read_host(char *text, int port, struct bq_redis_host *out,
                                  struct barq_error *err)
{
    char *name = text;
    const char *behind = cut_port(&name);
    if (!behind) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: the host is neither NAME:PORT nor [IPv6 ADDRESS]:PORT");
    }
    if (name[strcspn(name, NO_HOST_BYTES)] != '\0') {
        return bq_fail(err, BARQ_ERR_ARG, "redis: \"%.80s\" is no name of a host", name);
    }
    out->name = *name != '\0' ? name : "localhost";
    return read_port(behind, port, &out->port, err);
}

static size_t count_hosts(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++) {
        count += *text == ',';
    }
    return count;
}

static enum barq_status read_hosts(struct barq_arena *arena, const struct bq_dsn *dsn,
                                   struct bq_redis_address *address, struct barq_error *err)
{
    bool many = address->way == BQ_REDIS_BY_SENTINEL;
    size_t count = count_hosts(dsn->hosts);
    if (count > 1 && !many) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: the address has several hosts, which only redis+sentinel:// takes");
    }

    char *left = bq_arena_strdup(arena, dsn->hosts);
    address->hosts = bq_arena_array(arena, count, sizeof(*address->hosts));
    if (!left || !address->hosts) {
        return out_of_memory(err);
    }
    for (char *text; (text = strsep(&left, ",")) != NULL; address->n_hosts++) {
        if (count > 1 && *text == '\0') {
            return bq_fail(err, BARQ_ERR_ARG, "redis: the address has a comma without a host");
        }
        enum barq_status status = read_host(text, many ? BQ_REDIS_SENTINEL_PORT : BQ_REDIS_PORT,
                                            &address->hosts[address->n_hosts], err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}

/* -- paths -- */

static enum barq_status read_db(const char *path, struct bq_redis_address *address,
                                struct barq_error *err)
{
    int64_t number = 0;

    if (*path == '\0' || strcmp(path, "/") == 0) {
        return BARQ_OK;
    }
    if (!bq_parse_int(path + 1, &number)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: the address ends in \"%.60s\", where a database's number should be, "
                       "as in /0",
                       path);
    }
    return bq_redis_db_read(path + 1, "the database in the address", &address->db, err);
}

/* "/MASTER" or "/MASTER/DB" */
static enum barq_status read_master(struct barq_arena *arena, const char *path,
                                    struct bq_redis_address *address, struct barq_error *err)
{
    const char *name = *path == '/' ? path + 1 : path;
    size_t len = strcspn(name, "/");
    if (len == 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: the address names no master: redis+sentinel://HOST:PORT/MASTER");
    }

    address->master = bq_arena_strndup(arena, name, len);
    return address->master ? read_db(name + len, address, err) : out_of_memory(err);
}

static enum barq_status read_socket(struct barq_arena *arena, const struct bq_dsn *dsn,
                                    struct bq_redis_address *address, struct barq_error *err)
{
    if (*dsn->hosts != '\0') {
        return bq_fail(err, BARQ_ERR_ARG, "redis: unix:// takes a path and no host: unix:///PATH");
    }
    if (*dsn->path == '\0' || strcmp(dsn->path, "/") == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: the address has no path: unix:///PATH");
    }
    if (strlen(dsn->path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "redis: the socket's path is longer than a socket's may be, %zu bytes",
                       sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
    }
    address->socket = bq_arena_strdup(arena, dsn->path);
    return address->socket ? BARQ_OK : out_of_memory(err);
}

static enum barq_status read_place(struct barq_arena *arena, const struct bq_dsn *dsn,
                                   struct bq_redis_address *address, struct barq_error *err)
{
    if (address->way == BQ_REDIS_BY_UNIX) {
        return read_socket(arena, dsn, address, err);
    }
    enum barq_status status = read_hosts(arena, dsn, address, err);
    if (status != BARQ_OK) {
        return status;
    }
    return address->way == BQ_REDIS_BY_SENTINEL ? read_master(arena, dsn->path, address, err)
                                                : read_db(dsn->path, address, err);
}

/* -- the rest -- */

/* What stands before the @ wins over the options, as in redis-py. */
static enum barq_status take_login(struct barq_arena *arena, const struct bq_dsn *dsn,
                                   struct bq_redis_address *address, struct barq_error *err)
{
    if (*dsn->user != '\0') {
        address->login.user = bq_arena_strdup(arena, dsn->user);
    }
    if (*dsn->password != '\0') {
        address->login.password = bq_arena_strdup(arena, dsn->password);
    }
    return address->login.user && address->login.password ? BARQ_OK : out_of_memory(err);
}

static void show_host(struct bq_buf *text, const struct bq_redis_host *host)
{
    bool brackets = strchr(host->name, ':') != NULL;

    bq_buf_printf(text, brackets ? "[%s]:%d" : "%s:%d", host->name, host->port);
}

static const char *show(struct barq_arena *arena, const char *scheme,
                        const struct bq_redis_address *address)
{
    if (address->way == BQ_REDIS_BY_UNIX) {
        return bq_arena_format(arena, "unix://%s?db=%d", address->socket, address->db);
    }

    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, (size_t)2 * BQ_DSN_MAX_BYTES);
    bq_buf_printf(&text, "%s://", scheme);
    for (size_t i = 0; i < address->n_hosts; i++) {
        bq_buf_puts(&text, i > 0 ? "," : "");
        show_host(&text, &address->hosts[i]);
    }
    bq_buf_printf(&text, "%s%s/%d", *address->master ? "/" : "", address->master, address->db);
    const char *shown = bq_buf_cstr(&text);
    return shown ? bq_arena_strdup(arena, shown) : NULL;
}

/*
 * A / or ? that ends the authority too early was perhaps in a password: then its pieces are all over
 * the address, and nothing of it may be quoted.
 */
static bool may_be_torn(const struct bq_dsn *dsn, enum bq_redis_way way)
{
    return strchr(dsn->options, '@') || (way != BQ_REDIS_BY_UNIX && strchr(dsn->path, '@'));
}

enum barq_status bq_redis_address_read(struct barq_arena *arena, const struct bq_dsn *dsn,
                                       struct bq_redis_address *out, struct barq_error *err)
{
    const struct scheme *scheme = find_scheme(dsn->scheme);
    if (!scheme) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: no address begins with \"%.40s:\"", dsn->scheme);
    }

    if (may_be_torn(dsn, scheme->way)) {
        return bq_fail(
            err, BARQ_ERR_ARG,
            "redis: the address has an @ behind its host: in a password / is written %%2F "
            "and ? %%3F, and in an option @ is written %%40");
    }

    struct bq_redis_address address = {
        .way = scheme->way,
        .tls = scheme->tls,
        .socket = "",
        .master = "",
        .login = {.user = "", .password = ""},
        .sentinel_login = {.user = "", .password = ""},
        .client_name = "",
        .connect_timeout_ms = BQ_REDIS_CONNECT_TIMEOUT_MS,
        .files = {.ca_certs = "", .certfile = "", .keyfile = ""},
    };
    enum barq_status status = read_place(arena, dsn, &address, err);
    /* After the path, so that ?db= wins over it, as in redis-py. */
    status =
        status == BARQ_OK ? bq_redis_settings_read(arena, dsn->options, &address, err) : status;
    status = status == BARQ_OK ? take_login(arena, dsn, &address, err) : status;
    if (status != BARQ_OK) {
        return status;
    }

    address.shown = show(arena, scheme->name, &address);
    if (!address.shown) {
        return out_of_memory(err);
    }
    *out = address;
    return BARQ_OK;
}

const char *bq_redis_address_setting(const struct bq_redis_address *address, const char *name)
{
    for (size_t i = 0; i < address->n_settings; i++) {
        if (strcmp(address->settings[i].name, name) == 0) {
            return address->settings[i].value;
        }
    }
    return NULL;
}
