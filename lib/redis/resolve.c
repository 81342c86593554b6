#include "redis/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"

enum { PORT_BYTES = 8, PATIENCE_MS = 200 };

struct bq_redis_lookup {
    struct bq_redis_lookup *next;
    struct gaicb request; /* glibc's, while it works on it, and all that it points to */
    struct addrinfo hints;
    char port[PORT_BYTES];
    char *name; /* owned */
};

static void free_lookup(struct bq_redis_lookup *lookup)
{
    if (lookup->request.ar_result) {
        freeaddrinfo(lookup->request.ar_result);
    }
    free(lookup->name);
    free(lookup);
}

static bool is_working(struct bq_redis_lookup *lookup)
{
    return gai_error(&lookup->request) == EAI_INPROGRESS;
}

/* Frees those that have ended since. */
static void sweep(struct bq_redis_resolver *resolver)
{
    struct bq_redis_lookup **at = &resolver->abandoned;

    while (*at) {
        struct bq_redis_lookup *lookup = *at;
        if (is_working(lookup)) {
            at = &lookup->next;
        } else {
            *at = lookup->next;
            free_lookup(lookup);
        }
    }
}

/* The same name again, while the first answer is awaited: without this a dead name server made many. */
static struct bq_redis_lookup *take_back(struct bq_redis_resolver *resolver,
                                         const struct bq_redis_host *host)
{
    for (struct bq_redis_lookup **at = &resolver->abandoned; *at; at = &(*at)->next) {
        struct bq_redis_lookup *lookup = *at;
        if (strcmp(lookup->name, host->name) == 0 && atoi(lookup->port) == host->port) {
            *at = lookup->next;
            lookup->next = NULL;
            return lookup;
        }
    }
    return NULL;
}

static struct bq_redis_lookup *new_lookup(const struct bq_redis_host *host)
{
    struct bq_redis_lookup *lookup = calloc(1, sizeof(*lookup));
    char *name = strdup(host->name);
    if (!lookup || !name) {
        free(lookup);
        free(name);
        return NULL;
    }

    lookup->name = name;
    snprintf(lookup->port, sizeof(lookup->port), "%d", host->port);
    lookup->hints = (struct addrinfo){
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    lookup->request = (struct gaicb){
        .ar_name = lookup->name,
        .ar_service = lookup->port,
        .ar_request = &lookup->hints,
    };
    return lookup;
}

static enum barq_status fail(const struct bq_redis_lookup *lookup, int code, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_CONN, "no address of \"%.80s\": %s", lookup->name,
                   gai_strerror(code));
}

/* TSan does not see glibc's thread begin and dies in its first malloc(): with it the caller waits. */
static int begin(struct bq_redis_lookup *lookup)
{
#ifdef __SANITIZE_THREAD__
    return getaddrinfo(lookup->name, lookup->port, &lookup->hints, &lookup->request.ar_result);
#else
    struct gaicb *list[] = {&lookup->request};

    return getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
#endif
}

static enum barq_status ask(struct bq_redis_lookup *lookup, struct barq_error *err)
{
    if (getaddrinfo(lookup->name, lookup->port, &lookup->hints, &lookup->request.ar_result) == 0) {
        return BARQ_OK;
    }

    lookup->hints.ai_flags = AI_NUMERICSERV;
    int code = begin(lookup);
    return code == 0 ? BARQ_OK : fail(lookup, code, err);
}

enum barq_status bq_redis_resolve_begin(struct bq_redis_resolver *resolver,
                                        const struct bq_redis_host *host, struct barq_error *err)
{
    bq_redis_resolve_abandon(resolver);
    resolver->current = take_back(resolver, host);
    if (resolver->current) {
        return BARQ_OK;
    }

    struct bq_redis_lookup *lookup = new_lookup(host);
    if (!lookup) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    enum barq_status status = ask(lookup, err);
    if (status != BARQ_OK) {
        free_lookup(lookup);
        return status;
    }
    resolver->current = lookup;
    return BARQ_OK;
}

enum barq_status bq_redis_resolve_look(struct bq_redis_resolver *resolver,
                                       const struct addrinfo **out, struct barq_error *err)
{
    struct bq_redis_lookup *lookup = resolver->current;
    int code = gai_error(&lookup->request); /* 0 also when it was never given to glibc's thread */

    if (code != 0 && code != EAI_INPROGRESS) {
        return fail(lookup, code, err);
    }
    *out = code == 0 ? lookup->request.ar_result : NULL;
    return BARQ_OK;
}

void bq_redis_resolve_abandon(struct bq_redis_resolver *resolver)
{
    struct bq_redis_lookup *lookup = resolver->current;

    sweep(resolver);
    if (!lookup) {
        return;
    }
    resolver->current = NULL;
    if (is_working(lookup) && gai_cancel(&lookup->request) == EAI_NOTCANCELED) {
        lookup->next = resolver->abandoned;
        resolver->abandoned = lookup;
        return;
    }
    free_lookup(lookup);
}

static void wait_for(const struct bq_redis_lookup *lookup, int64_t wait_ms)
{
    const struct gaicb *list[] = {&lookup->request};
    struct timespec wait = {.tv_nsec = wait_ms * 1000000};

    if (wait_ms > 0) {
        (void)gai_suspend(list, 1, &wait);
    }
}

void bq_redis_resolve_clear(struct bq_redis_resolver *resolver)
{
    int64_t until_ms = bq_mono_ms() + PATIENCE_MS;

    bq_redis_resolve_abandon(resolver);
    for (struct bq_redis_lookup *at = resolver->abandoned; at; at = at->next) {
        wait_for(at, until_ms - bq_mono_ms());
    }
    sweep(resolver);
    /* What glibc still works on cannot be taken from it: it stays behind. */
    resolver->abandoned = NULL;
}
