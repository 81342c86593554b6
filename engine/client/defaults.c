/*
 * defaults.c - where the queue and the data are when nobody says: two SQLite
 * files in the user's data folder.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/dsn.h"
#include "base/error.h"

/* $XDG_DATA_HOME/barq; a relative one is to be ignored, says its specification. NULL: see `err`. */
static char *find_folder(struct barq_arena *arena, const char *variable, struct barq_error *err)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char *folder = NULL;

    if (data && *data == '/') {
        folder = bq_arena_format(arena, "%s/barq", data);
    } else if (home && *home == '/') {
        folder = bq_arena_format(arena, "%s/.local/share/barq", home);
    } else {
        bq_fail(err, BARQ_ERR_NOTFOUND,
                "client: there is neither %s nor a home folder: set %s to sqlite:///path/to/a/file",
                variable, variable);
        return NULL;
    }
    if (!folder) {
        bq_fail(err, BARQ_ERR_NOMEM, "client: arena is full");
    }
    return folder;
}

/* Whatever is missing of the path, for its owner only. */
static enum barq_status make_folder(char *path, struct barq_error *err)
{
    for (char *at = strchr(path + 1, '/');; at = strchr(at + 1, '/')) {
        if (at) {
            *at = '\0';
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return bq_fail_errno(err, "client: cannot make the folder %s", path);
        }
        if (!at) {
            return BARQ_OK;
        }
        *at = '/';
    }
}

/* What would end the path of a DSN is escaped. */
static enum barq_status url_of(struct barq_arena *arena, const char *folder, const char *file,
                               const char **out, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf url;

    bq_buf_init(&url, BQ_DSN_MAX_BYTES);
    bq_buf_puts(&url, "sqlite://");
    for (const char *at = folder; *at; at++) {
        bool plain = *at != '%' && *at != '?';
        bq_buf_printf(&url, plain ? "%c" : "%%%02X", *at);
    }
    bq_buf_printf(&url, "/%s", file);

    const char *text = bq_buf_cstr(&url);
    const char *copy = text ? bq_arena_strdup(arena, text) : NULL;
    if (!copy) {
        return bq_fail(err, BARQ_ERR_LIMIT, "client: the path of the data folder is too long");
    }
    *out = copy;
    return BARQ_OK;
}

static enum barq_status default_url(struct barq_arena *arena, const char *variable,
                                    const char *file, const char **out, struct barq_error *err)
{
    const char *given = getenv(variable);
    if (given && *given) {
        *out = bq_arena_strdup(arena, given);
        return *out ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "client: arena is full");
    }

    struct barq_error why;
    char *folder = find_folder(arena, variable, &why);
    if (!folder) {
        return bq_fail(err, why.status, "%s", why.text);
    }
    enum barq_status status = make_folder(folder, err);
    return status == BARQ_OK ? url_of(arena, folder, file, out, err) : status;
}

enum barq_status barq_default_url(struct barq_arena *arena, const char **out,
                                  struct barq_error *err)
{
    return default_url(arena, "BARQ_URL", "queue.db", out, err);
}

enum barq_status barq_default_database_url(struct barq_arena *arena, const char **out,
                                           struct barq_error *err)
{
    return default_url(arena, "DATABASE_URL", "data.db", out, err);
}
