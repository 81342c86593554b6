#include "session/fixture.h"

#include <string.h>

#include "base/auto.h"
#include "support/folder.h"

enum { ARENA_BYTES = 8 * 1024 * 1024 };

struct barq_error err;
struct barq_arena arena;
struct barq_session *session;
char *url;
const struct bq_identity job = {
    .queue = "barq", .id = "job-1", .enqueued_at_ms = 1700000000000, .nonce = "0123456789abcdef"};

void ok(enum barq_status status)
{
    if (status != BARQ_OK) {
        fail_msg("%s: %s", barq_status_name(status), err.text);
    }
}

void says(const char *part)
{
    if (!strstr(err.text, part)) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    }
}

struct barq_session *open_session(void)
{
    struct barq_session *opened = NULL;

    ok(bq_session_open(url, &opened, &err));
    return opened;
}

int set_up(void **state)
{
    if (folder_make(state) != 0) {
        return -1;
    }
    url = store_fresh();
    bq_arena_init(&arena, ARENA_BYTES);
    session = open_session();
    ok(barq_exec_script(session,
                        store_sql("CREATE TABLE t (a INTEGER PRIMARY KEY, b)",
                                  "CREATE TABLE t (a bigint PRIMARY KEY, b text)"),
                        &err));
    return 0;
}

int tear_down(void **state)
{
    bq_session_close(session);
    session = NULL;
    bq_arena_clear(&arena);
    return folder_remove(state);
}

void bind_with(const struct bq_session_job *options)
{
    ok(bq_session_bind(session, options, &err));
}

void bind_job(void)
{
    bind_with(&(struct bq_session_job){.identity = &job});
}

enum barq_status exec(const char *sql)
{
    return barq_exec(session, sql, BARQ_NO_PARAMS, &err);
}

int64_t committed(const char *sql)
{
    bq_auto(db) struct bq_db *other = NULL;
    int64_t found = -1;

    ok(bq_db_open(url, NULL, &other, &err));
    ok(bq_db_query_int(other, sql, NULL, 0, -1, &found, &err));
    return found;
}
