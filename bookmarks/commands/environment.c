#include "commands/environment.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"

enum { ARENA_BYTES = 64 * 1024 };

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value != '\0' ? value : NULL;
}

static enum barq_status find_folder(struct barq_arena *arena, char **out, struct barq_error *err)
{
    const char *own = environment("BOOKMARKS_DATA");
    const char *xdg = environment("XDG_DATA_HOME");
    const char *home = environment("HOME");
    char *folder = NULL;

    if (own) {
        folder = bq_arena_strdup(arena, own);
    } else if (xdg && *xdg == '/') { /* a relative one is to be ignored, says its specification */
        folder = bq_arena_format(arena, "%s/bookmarks", xdg);
    } else if (home) {
        folder = bq_arena_format(arena, "%s/.local/share/bookmarks", home);
    } else {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "data: set BOOKMARKS_DATA: there is no home folder");
    }
    if (!folder) {
        return bq_fail(err, BARQ_ERR_NOMEM, "data: arena is full");
    }
    *out = folder;
    return BARQ_OK;
}

/* What is missing of the path, for its owner only: what one watches is nobody's business. */
static enum barq_status make_folder(char *path, struct barq_error *err)
{
    for (char *at = path + 1;; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        char kept = *at;
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return bq_fail_errno(err, "data: cannot make the folder %s", path);
        }
        *at = kept;
        if (kept == '\0') {
            return BARQ_OK;
        }
    }
}

/* "sqlite://" and the path; what would end or escape it in a DSN is escaped. */
static char *url_of(struct barq_arena *arena, const char *folder, const char *file)
{
    char *path = bq_arena_format(arena, "%s/%s", folder, file);
    char *url = path ? bq_arena_array(arena, strlen(path) + 4, 3) : NULL;
    if (!url) {
        return NULL;
    }

    char *to = stpcpy(url, "sqlite://");
    for (const char *at = path; *at != '\0'; at++) {
        static const char digits[] = "0123456789ABCDEF";
        if (strchr("%?#", *at)) {
            *to++ = '%';
            *to++ = digits[(unsigned char)*at >> 4];
            *to++ = digits[*at & 15];
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    return url;
}

static enum barq_status set(struct barq_arena *arena, const char *name, const char *folder,
                            const char *file, struct barq_error *err)
{
    if (environment(name)) {
        return BARQ_OK;
    }
    const char *url = url_of(arena, folder, file);
    if (!url || setenv(name, url, 1) != 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "data: out of memory");
    }
    return BARQ_OK;
}

enum barq_status bm_environment_prepare(struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    char whole[PATH_MAX];
    char *folder = NULL;
    bq_arena_init(&arena, ARENA_BYTES);
    if (environment("BARQ_URL") && environment("DATABASE_URL")) {
        return BARQ_OK;
    }

    enum barq_status status = find_folder(&arena, &folder, err);
    if (status != BARQ_OK || !folder) {
        return status;
    }
    status = make_folder(folder, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!realpath(folder, whole)) {
        return bq_fail_errno(err, "data: cannot find the folder %s", folder);
    }
    status = set(&arena, "BARQ_URL", whole, "queue.db", err);
    return status == BARQ_OK ? set(&arena, "DATABASE_URL", whole, "data.db", err) : status;
}
