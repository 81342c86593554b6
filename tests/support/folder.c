#include "support/folder.h"

#include <assert.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TEXTS_MAX = 64, OPEN_MAX = 16 };

static char *path;
static char *texts[TEXTS_MAX];
static int n_texts;

static int remove_one(const char *name, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat;
    (void)type;
    (void)where;
    return remove(name);
}

int folder_make(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    path = folder_text("%s/barq-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(path) && chmod(path, 0755) == 0 ? 0 : -1;
}

int folder_remove_at(const char *at)
{
    return nftw(at, remove_one, OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

int folder_remove(void **state)
{
    (void)state;
    int failed = folder_remove_at(path);

    while (n_texts > 0) {
        free(texts[--n_texts]);
    }
    return failed;
}

const char *folder_path(void)
{
    return path;
}

char *folder_text(const char *format, ...)
{
    va_list values;

    assert(n_texts < TEXTS_MAX);
    va_start(values, format);
    int len = vasprintf(&texts[n_texts], format, values);
    va_end(values);
    assert(len >= 0);
    return texts[n_texts++];
}
