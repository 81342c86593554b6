#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/fixture.h"
#include "support/folder.h"

enum { WRITERS = 6, COMMITS = 60, ROW_BYTES = 400 * 1024, LONG_MS = 60000 };
enum { LOG_MAX_BYTES = 64 * 1024 * 1024 };

static off_t bytes_of(const char *log)
{
    struct stat file = {.st_size = 0};

    assert_int_equal(stat(log, &file), 0);
    return file.st_size;
}

static enum barq_status write_much(struct bq_db *on, struct barq_error *why)
{
    enum barq_status status = bq_db_begin(on, BQ_DB_WRITE, why);

    if (status == BARQ_OK) {
        status = bq_db_exec(on, "INSERT OR REPLACE INTO t (a, b) VALUES (1, zeroblob(?1))",
                            BARQ_PARAMS(barq_sql_int(ROW_BYTES)), why);
    }
    return status == BARQ_OK ? bq_db_commit(on, why) : status;
}

static void *write_on_and_on(void *at)
{
    struct bq_db_options options = {.busy_ms = LONG_MS};
    struct bq_db *own = NULL;
    struct barq_error why;

    enum barq_status status = bq_db_open(at, &options, &own, &why);
    for (int i = 0; status == BARQ_OK && i < COMMITS; i++) {
        status = write_much(own, &why);
    }
    bq_db_close(own);
    return status == BARQ_OK ? NULL : at;
}

static void the_log_stays_small_when_writers_never_rest(void **state)
{
    (void)state;
    pthread_t threads[WRITERS];

    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_on_and_on, url), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_in_range(bytes_of(folder_text("%s-wal", bq_db_path(db))), 1, LOG_MAX_BYTES);
}

static void a_long_reader_keeps_nobody_from_committing(void **state)
{
    (void)state;
    struct bq_db *reader = open_db(url, 0);
    const char *log = folder_text("%s-wal", bq_db_path(db));

    ok(bq_db_begin(reader, BQ_DB_READ, &err));
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    while (bytes_of(log) < LOG_MAX_BYTES) {
        ok(write_much(db, &err));
    }
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    bq_db_close(reader);

    ok(write_much(db, &err));
    ok(write_much(db, &err));
    assert_in_range(bytes_of(log), 1, LOG_MAX_BYTES / 2);
    assert_int_equal(number(db, "SELECT length(b) FROM t"), ROW_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_log_stays_small_when_writers_never_rest),
        TEST(a_long_reader_keeps_nobody_from_committing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
