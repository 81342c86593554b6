/* A server that lets in by TLS only: with its certificate checked, and with one shown to it. */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pg/connect.h"
#include "support/certs.h"
#include "support/folder.h"
#include "support/postgres.h"

#define SECRET "hush"

static struct barq_arena arena;
static struct postgres_server server = {.tcp = true};

/* Of the server alone, or it refuses to read it. */
static void give_key(const char *path)
{
    const struct passwd *nobody = getpwnam("nobody");

    assert_int_equal(chmod(path, 0600), 0);
    assert_non_null(nobody);
    assert_int_equal(geteuid() == 0 ? chown(path, nobody->pw_uid, nobody->pw_gid) : 0, 0);
}

/* Who may come in, and how: on the socket all, for postgres_say(). */
static const char *write_rules(void)
{
    const char *path = folder_text("%s/hba.conf", folder_path());
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    (void)fprintf(out, "local all all trust\n"
                       "hostssl all certified 127.0.0.1/32 cert\n"
                       "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    assert_int_equal(fclose(out), 0);
    return path;
}

static int start(void **state)
{
    static const char *args[6];

    assert_int_equal(folder_make(state), 0);
    bq_arena_init(&arena, 1 << 20);
    certs_make_authority("ca");
    certs_make_authority("other");
    certs_make("server", "ca", "DNS:db.example");
    certs_make("certified", "ca", "DNS:client");
    give_key(certs_path("server.key"));
    assert_int_equal(chmod(certs_path("certified.key"), 0600), 0);
    args[0] = "ssl=on";
    args[1] = folder_text("ssl_cert_file=%s", certs_path("server.crt"));
    args[2] = folder_text("ssl_key_file=%s", certs_path("server.key"));
    args[3] = folder_text("ssl_ca_file=%s", certs_path("ca.crt"));
    args[4] = folder_text("hba_file=%s", write_rules());
    server.args = args;
    postgres_start(&server);
    assert_string_equal(
        postgres_say(&server, "ALTER ROLE barq PASSWORD '%s'; CREATE ROLE certified LOGIN", SECRET),
        "");
    return 0;
}

static int end(void **state)
{
    postgres_remove(&server);
    bq_arena_clear(&arena);
    return folder_remove(state);
}

/* To "db.example", which no resolver has to know; `who` is user and password, `more` are options. */
static const char *url_of(const char *who, const char *host, const char *more)
{
    return folder_text("postgresql://%s@%s:%d/%s?hostaddr=127.0.0.1&%s", who, host, server.port,
                       server.database, more);
}

static enum barq_status connecting(const char *url, PGconn **out, struct barq_error *err)
{
    struct bq_pg_address address;
    struct bq_dsn dsn;

    assert_int_equal(bq_dsn_parse(&arena, url, &dsn, err), BARQ_OK);
    assert_int_equal(bq_pg_address_read(&arena, &dsn, NULL, &address, err), BARQ_OK);
    return bq_pg_connect(&address, 0, out, err);
}

static void connects(const char *url)
{
    PGconn *connection = NULL;
    struct barq_error err = {0};

    if (connecting(url, &connection, &err) != BARQ_OK) {
        fail_msg("%s: %s", url, err.text);
    }
    PGresult *result = bq_libpq.PQexec(
        connection, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl");
    assert_int_equal(bq_libpq.PQntuples(result), 1);
    assert_memory_equal(bq_libpq.PQgetvalue(result, 0, 0), "TLSv1.", 6);
    bq_libpq.PQclear(result);
    bq_libpq.PQfinish(connection);
}

/* With one line that says `part` and no secret. */
static void does_not_connect(const char *url, enum barq_status status, const char *part)
{
    PGconn *connection = NULL;
    struct barq_error err = {0};

    assert_int_equal(connecting(url, &connection, &err), status);
    if (!strstr(err.text, part)) {
        fail_msg("not \"%s\" in: %s", part, err.text);
    }
    assert_null(strstr(err.text, SECRET));
    assert_null(strchr(err.text, '\n'));
    assert_null(connection);
}

static const char *verify_full(const char *authority)
{
    return folder_text("sslmode=verify-full&sslrootcert=%s", certs_path(authority));
}

static void a_certificate_that_is_right_is_trusted(void **state)
{
    (void)state;
    connects(url_of("barq:" SECRET, "db.example", verify_full("ca.crt")));
    connects(url_of("barq:" SECRET, "elsewhere.example", "sslmode=require"));
    connects(url_of("barq:" SECRET, "elsewhere.example", "ssl=true"));
}

static void another_host_is_not_trusted(void **state)
{
    (void)state;
    does_not_connect(url_of("barq:" SECRET, "elsewhere.example", verify_full("ca.crt")),
                     BARQ_ERR_CONN, "does not match host name \"elsewhere.example\"");
    connects(url_of("barq:" SECRET, "elsewhere.example",
                    folder_text("sslmode=verify-ca&sslrootcert=%s", certs_path("ca.crt"))));
}

static void another_authority_is_not_trusted(void **state)
{
    (void)state;
    does_not_connect(url_of("barq:" SECRET, "db.example", verify_full("other.crt")), BARQ_ERR_CONN,
                     "certificate verify failed");
    does_not_connect(url_of("barq:" SECRET, "db.example", verify_full("nowhere.crt")),
                     BARQ_ERR_CONN, "nowhere.crt");
}

static void without_tls_nobody_comes_in(void **state)
{
    (void)state;
    does_not_connect(url_of("barq:" SECRET, "db.example", "sslmode=disable"), BARQ_ERR_DENIED,
                     "no encryption");
}

static void a_password_is_in_no_error(void **state)
{
    (void)state;
    does_not_connect(url_of("barq:" SECRET "-not", "db.example", verify_full("ca.crt")),
                     BARQ_ERR_DENIED, "28P01");
    does_not_connect(url_of("barq", "db.example",
                            folder_text("password=%s-not&%s", SECRET, verify_full("ca.crt"))),
                     BARQ_ERR_DENIED, "28P01");
}

static void a_certificate_is_shown_in_the_place_of_a_password(void **state)
{
    (void)state;
    const char *mine = folder_text("%s&sslcert=%s&sslkey=%s", verify_full("ca.crt"),
                                   certs_path("certified.crt"), certs_path("certified.key"));

    connects(url_of("certified", "db.example", mine));
    does_not_connect(url_of("certified:" SECRET, "db.example", verify_full("ca.crt")),
                     BARQ_ERR_DENIED, "certificate");
}

static void a_server_without_tls_is_told(void **state)
{
    (void)state;
    const char *const *args = server.args;

    postgres_stop(&server);
    server.args = (const char *const[]){"ssl=off", NULL};
    postgres_start(&server);
    does_not_connect(url_of("barq:" SECRET, "db.example", verify_full("ca.crt")), BARQ_ERR_CONN,
                     "server does not support SSL");
    postgres_stop(&server);
    server.args = args;
    postgres_start(&server);
    connects(url_of("barq:" SECRET, "db.example", verify_full("ca.crt")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_that_is_right_is_trusted),
        cmocka_unit_test(another_host_is_not_trusted),
        cmocka_unit_test(another_authority_is_not_trusted),
        cmocka_unit_test(without_tls_nobody_comes_in),
        cmocka_unit_test(a_password_is_in_no_error),
        cmocka_unit_test(a_certificate_is_shown_in_the_place_of_a_password),
        cmocka_unit_test(a_server_without_tls_is_told),
    };

    return cmocka_run_group_tests(tests, start, end);
}
