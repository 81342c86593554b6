#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "db/fixture.h"
#include "support/folder.h"

static void a_new_file_is_made_durable_and_strict(void **state)
{
    (void)state;
    assert_string_equal(read_text(db, "PRAGMA journal_mode"), "wal");
    assert_int_equal(number(db, "PRAGMA synchronous"), 2);
    assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
    assert_string_equal(bq_db_path(db), folder_text("%s/data.db", folder_path()));
    assert_true(bq_db_ready(db));
}

static void its_durability_cannot_be_switched_off(void **state)
{
    (void)state;
    assert_int_equal(exec(db, "PRAGMA synchronous = OFF"), BARQ_ERR_DENIED);
    assert_int_equal(exec(db, "PRAGMA main.journal_mode = DELETE"), BARQ_ERR_DENIED);
    assert_int_equal(exec(db, "PRAGMA locking_mode = EXCLUSIVE"), BARQ_ERR_DENIED);
    assert_int_equal(number(db, "PRAGMA synchronous"), 2);
}

static void a_relative_path_stays_where_it_was_opened(void **state)
{
    (void)state;
    char *here = getcwd(NULL, 0);

    assert_int_equal(chdir(folder_path()), 0);
    struct bq_db *other = open_db("sqlite:data.db", 0);
    assert_int_equal(chdir(here), 0);
    ok(bq_db_reopen(other, &err));
    assert_string_equal(bq_db_path(other), bq_db_path(db));
    bq_db_close(other);
    free(here);
}

static void a_bad_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "sqlite:",
        "sqlite::memory:",
        "sqlite://data.db",
        "sqlite://me@/tmp/data.db",
        "mysql://h/db",
        "postgres://h/db?frob=1",
        "postgresql:///db?schema=Mine",
        "postgresql:///db?prepare=maybe",
        "sqlite:x.db?mode=ro",
        "sqlite:x.db?timeout=1",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_db *untouched = db;

        assert_int_equal(bq_db_open(bad[i], NULL, &untouched, &err), BARQ_ERR_ARG);
        assert_ptr_equal(untouched, db);
    }
    says("there is no option \"timeout\"");
}

static void a_missing_folder_is_said_by_name(void **state)
{
    (void)state;
    struct bq_db *other = NULL;
    char *at = folder_text("sqlite://%s/no/data.db", folder_path());

    assert_int_equal(bq_db_open(at, NULL, &other, &err), BARQ_ERR_NOTFOUND);
    says("/no/data.db");
    says("make its folder first");
}

static void a_folder_is_no_database(void **state)
{
    (void)state;
    struct bq_db *other = NULL;

    assert_int_equal(bq_db_open(folder_text("sqlite://%s", folder_path()), NULL, &other, &err),
                     BARQ_ERR_ARG);
    says("name a file");
}

static void put_file(const char *path, const char *bytes, size_t len, off_t at)
{
    bq_auto(fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
}

static void another_kind_of_file_is_corrupt(void **state)
{
    (void)state;
    struct bq_db *other = NULL;
    char *path = folder_text("%s/letter.txt", folder_path());
    char text[5000];

    memset(text, 'x', sizeof(text));
    put_file(path, text, sizeof(text), 0);
    assert_int_equal(bq_db_open(folder_text("sqlite://%s", path), NULL, &other, &err),
                     BARQ_ERR_CORRUPT);
    says("letter.txt");
    says("move that file away");
}

static void a_damaged_file_is_corrupt(void **state)
{
    (void)state;
    char junk[3 * 4096];
    ok(exec(db, "INSERT INTO t SELECT value, hex(randomblob(1000)) FROM"
                " (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
                " WHERE value < 100) SELECT value FROM n)"));
    bq_db_close(db);
    db = NULL;

    memset(junk, 0x5a, sizeof(junk));
    put_file(folder_text("%s/data.db", folder_path()), junk, sizeof(junk), 4096);
    enum barq_status status = bq_db_open(url, NULL, &db, &err);
    if (status == BARQ_OK) {
        status = exec(db, "SELECT sum(length(b)) FROM t");
    }
    assert_int_equal(status, BARQ_ERR_CORRUPT);
    says("data.db");
    says("restore a backup");
}

/* Of an ordinary user, whoever runs the tests; leaves its status as the exit code. */
static int status_for_user(const char *at)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct bq_db *other = NULL;
        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534))) {
            _exit(255);
        }
        _exit((int)bq_db_open(at, NULL, &other, NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_may_not_be_written_is_denied(void **state)
{
    (void)state;
    char *shut = folder_text("%s/shut", folder_path());
    char *file = folder_text("%s/shut.db", folder_path());

    assert_int_equal(mkdir(shut, 0555), 0);
    assert_int_equal(status_for_user(folder_text("sqlite://%s/data.db", shut)), BARQ_ERR_DENIED);

    bq_db_close(open_db(folder_text("sqlite://%s", file), 0));
    assert_int_equal(chmod(file, 0444), 0);
    assert_int_equal(status_for_user(folder_text("sqlite://%s", file)), BARQ_ERR_DENIED);
}

/* How many of our descriptors are files of the folder; all of them close on exec. */
static int count_descriptors(void)
{
    DIR *fds = opendir("/proc/self/fd");
    int count = 0;
    struct dirent *entry;

    assert_non_null(fds);
    while ((entry = readdir(fds))) {
        char *link = folder_text("/proc/self/fd/%s", entry->d_name);
        char target[PATH_MAX] = "";

        if (readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, folder_path())) {
            assert_true(fcntl((int)strtol(entry->d_name, NULL, 10), F_GETFD) & FD_CLOEXEC);
            count++;
        }
    }
    closedir(fds);
    return count;
}

static void no_descriptor_is_left_to_a_child(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_true(count_descriptors() >= 2);
}

static void a_replaced_file_is_noticed_and_reopened(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(rename(bq_db_path(db), folder_text("%s/old.db", folder_path())), 0);
    assert_false(bq_db_ready(db));

    struct bq_db *other = open_db(url, 0);
    ok(bq_db_script(other, "CREATE TABLE u (a); INSERT INTO u VALUES (7)", &err));
    bq_db_close(other);
    assert_false(bq_db_ready(db));

    ok(bq_db_reopen(db, &err));
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT a FROM u"), 7);
}

static void a_database_that_went_away_can_come_back(void **state)
{
    (void)state;
    char *folder = folder_text("%s/in", folder_path());
    char *away = folder_text("%s/out", folder_path());
    assert_int_equal(mkdir(folder, 0755), 0);
    struct bq_db *other = open_db(folder_text("sqlite://%s/data.db", folder), 0);

    assert_int_equal(rename(folder, away), 0);
    assert_false(bq_db_ready(other));
    assert_int_equal(bq_db_reopen(other, &err), BARQ_ERR_NOTFOUND);
    assert_int_equal(exec(other, "SELECT 1"), BARQ_ERR_CONN);
    assert_int_equal(bq_db_begin(other, BQ_DB_WRITE, &err), BARQ_ERR_CONN);
    assert_int_equal(bq_db_commit(other, &err), BARQ_ERR_CONFLICT);
    bq_db_rollback(other);
    assert_false(bq_db_ready(other));

    assert_int_equal(rename(away, folder), 0);
    ok(bq_db_reopen(other, &err));
    assert_true(bq_db_ready(other));
    bq_db_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_made_durable_and_strict),
        TEST(its_durability_cannot_be_switched_off),
        TEST(a_relative_path_stays_where_it_was_opened),
        TEST(a_bad_address_is_refused),
        TEST(a_missing_folder_is_said_by_name),
        TEST(a_folder_is_no_database),
        TEST(another_kind_of_file_is_corrupt),
        TEST(a_damaged_file_is_corrupt),
        TEST(what_may_not_be_written_is_denied),
        TEST(no_descriptor_is_left_to_a_child),
        TEST(a_replaced_file_is_noticed_and_reopened),
        TEST(a_database_that_went_away_can_come_back),
    };

    return cmocka_run_group_tests_name("db/open", tests, NULL, NULL);
}
