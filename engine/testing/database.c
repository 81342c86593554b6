#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "testing/inside.h"

enum { OPEN_MAX_FILES = 8 };

static enum barq_status make_folder(struct barq_test *test, struct barq_error *err)
{
    const char *tmp = getenv("TMPDIR");
    bq_auto(memory) char *path = NULL;

    if (asprintf(&path, "%s/barq-testing-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: out of memory");
    }
    if (!mkdtemp(path)) {
        return bq_fail_errno(err, "testing: no folder for the database: %s", path);
    }
    test->folder = bq_take(path);
    return BARQ_OK;
}

enum barq_status bq_test_database(struct barq_test *test, const char *url, struct barq_error *err)
{
    enum barq_status status = url ? BARQ_OK : make_folder(test, err);
    if (status != BARQ_OK) {
        return status;
    }
    int made = url ? asprintf(&test->database_url, "%s", url)
                   : asprintf(&test->database_url, "sqlite://%s/data.db", test->folder);
    if (made < 0) {
        test->database_url = NULL;
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: out of memory");
    }
    return BARQ_OK;
}

static int remove_one(const char *name, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat;
    (void)type;
    (void)where;
    return remove(name);
}

void bq_test_remove_folder(struct barq_test *test)
{
    if (test->folder) {
        (void)nftw(test->folder, remove_one, OPEN_MAX_FILES, FTW_DEPTH | FTW_PHYS);
    }
    free(test->folder);
}
