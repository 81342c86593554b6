#include "pg/libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[] = {
#define NAME(name) #name,
    BQ_LIBPQ_FUNCTIONS(NAME)
#undef NAME
};
_Static_assert(sizeof(bq_libpq) == COUNT(names) * sizeof(void *), "pointers, and nothing else");

struct bq_libpq bq_libpq;
static bool loaded;
static char why[256];

/* Kept open until the process ends: what was made by it lives in each connection. */
static void load(void)
{
    void *found[COUNT(names)];
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    bool whole = library != NULL;

    for (size_t i = 0; whole && i < COUNT(names); i++) {
        found[i] = dlsym(library, names[i]);
        whole = found[i] != NULL;
    }
    if (whole) {
        memcpy(&bq_libpq, found, sizeof(found));
        loaded = true;
        return;
    }
    const char *said = dlerror();
    (void)snprintf(why, sizeof(why), "%s", said ? said : "it lacks functions");
}

enum barq_status bq_libpq_load(struct barq_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, load);
    if (!loaded) {
        return bq_fail(err, BARQ_ERR_NOTFOUND,
                       "postgresql: its client library cannot be loaded (install libpq5): %s", why);
    }
    return BARQ_OK;
}
