#include "db/fixture.h"

#include <string.h>

#include "base/auto.h"
#include "support/folder.h"

struct barq_error err;
struct bq_db *db;
char *url;

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

struct bq_db *open_db(const char *at, int64_t busy_ms)
{
    struct bq_db_options options = {.busy_ms = busy_ms};
    struct bq_db *opened = NULL;

    ok(bq_db_open(at, &options, &opened, &err));
    return opened;
}

int set_up(void **state)
{
    if (folder_make(state) != 0) {
        return -1;
    }
    url = folder_text("sqlite://%s/data.db", folder_path());
    db = open_db(url, 0);
    ok(bq_db_script(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)", &err));
    return 0;
}

int tear_down(void **state)
{
    bq_db_close(db);
    db = NULL;
    return folder_remove(state);
}

enum barq_status exec(struct bq_db *on, const char *sql)
{
    return bq_db_exec(on, sql, NULL, 0, &err);
}

int64_t number(struct bq_db *on, const char *sql)
{
    int64_t found = -1;

    ok(bq_db_query_int(on, sql, NULL, 0, -1, &found, &err));
    return found;
}

char *read_text(struct bq_db *on, const char *sql)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    ok(bq_db_query(on, sql, NULL, 0, &rows, &err));
    ok(bq_rows_next(rows, &more, &err));
    return folder_text("%s", more && bq_rows_text(rows, 0) ? bq_rows_text(rows, 0) : "");
}
