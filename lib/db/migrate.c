#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "db/driver.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz_"

enum { SQL_ARENA_BYTES = 4096 };

struct migration {
    struct bq_db *db;
    const char *name;
    const char *const *steps;
    int newest; /* how many steps there are */
};

/* How many steps have been done. */
static enum barq_status read_version(const struct migration *todo, int64_t *out,
                                     struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, SQL_ARENA_BYTES);
    const char *sql = bq_arena_format(&arena, "SELECT max(version) FROM %s", todo->name);
    if (!sql) {
        return bq_fail(err, BARQ_ERR_NOMEM, "db: out of memory");
    }
    return bq_db_query_int(todo->db, sql, NULL, 0, 0, out, err);
}

static enum barq_status judge_version(const struct migration *todo, int64_t version,
                                      struct barq_error *err)
{
    const char *path = bq_db_path(todo->db);

    if (version >= 0 && version <= todo->newest) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_CONFLICT,
                   "db: %s%s%s is at version %lld and this program knows %d: use a newer program",
                   path ? path : "", path ? ": " : "", todo->name, (long long)version,
                   todo->newest);
}

/* The versions table is there, and says nothing or one number. */
static enum barq_status create_table(const struct migration *todo, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, SQL_ARENA_BYTES);
    const char *sql = bq_arena_format(
        &arena, "CREATE TABLE IF NOT EXISTS %s (version INTEGER NOT NULL)", todo->name);
    if (!sql) {
        return bq_fail(err, BARQ_ERR_NOMEM, "db: out of memory");
    }
    return bq_db_exec(todo->db, sql, NULL, 0, err);
}

static enum barq_status write_version(const struct migration *todo, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, SQL_ARENA_BYTES);
    const char *sql = bq_arena_format(&arena, "DELETE FROM %s; INSERT INTO %s VALUES (%d)",
                                      todo->name, todo->name, todo->newest);
    if (!sql) {
        return bq_fail(err, BARQ_ERR_NOMEM, "db: out of memory");
    }
    return bq_db_script(todo->db, sql, err);
}

/* Inside the write transaction: somebody else may have been faster. */
static enum barq_status run_steps(const struct migration *todo, int64_t *version,
                                  struct barq_error *err)
{
    enum barq_status status = create_table(todo, err);
    if (status == BARQ_OK) {
        status = read_version(todo, version, err);
    }
    if (status == BARQ_OK) {
        status = judge_version(todo, *version, err);
    }
    for (int64_t i = *version; status == BARQ_OK && i < todo->newest; i++) {
        status = bq_db_script(todo->db, todo->steps[i], err);
    }
    if (status == BARQ_OK && *version < todo->newest) {
        status = write_version(todo, err);
    }
    return status;
}

static enum barq_status prepare_to(const struct migration *todo, struct barq_error *err)
{
    const struct bq_db_driver *driver = todo->db->driver;

    return driver->migrating ? driver->migrating(todo->db, todo->name, err) : BARQ_OK;
}

static enum barq_status bring_up(const struct migration *todo, int64_t *version,
                                 struct barq_error *err)
{
    enum barq_status status = bq_db_begin(todo->db, BQ_DB_WRITE, err);
    if (status == BARQ_OK) {
        status = prepare_to(todo, err);
    }
    if (status == BARQ_OK) {
        status = run_steps(todo, version, err);
    }
    if (status == BARQ_OK) {
        status = bq_db_commit(todo->db, err);
    }
    bq_db_rollback(todo->db);
    return status;
}

enum barq_status bq_db_migrate(struct bq_db *db, const char *name, const char *const *steps,
                               int *from, int *to, struct barq_error *err)
{
    struct migration todo = {.db = db, .name = name, .steps = steps};
    int64_t version = 0;

    assert(name[strspn(name, NAME_BYTES)] == '\0' && !bq_db_in_transaction(db));
    while (steps[todo.newest]) {
        todo.newest++;
    }

    /* Refused by the database means that the table is not there yet. */
    enum barq_status status = read_version(&todo, &version, err);
    if (status == BARQ_ERR_SQL) {
        status = BARQ_OK;
    }
    if (status == BARQ_OK) {
        status = judge_version(&todo, version, err);
    }
    if (status == BARQ_OK && version < todo.newest) {
        status = bring_up(&todo, &version, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    if (from) {
        *from = (int)version;
    }
    if (to) {
        *to = todo.newest;
    }
    return BARQ_OK;
}
