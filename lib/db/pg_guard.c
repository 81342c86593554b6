#include <string.h>
#include <strings.h>

#include "db/pg.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Tables of barq's own; the prefix is reserved. The function is there to be called. */
#define OWN_PREFIX   "barq_"
#define OWN_FUNCTION "barq_enqueue"

struct word {
    const char *text;
    unsigned traits;
};

/* By the first word. What begins otherwise reads, or is known by its other words. */
static const struct word firsts[] = {
    {"begin", BQ_PG_ENDS},
    {"start", BQ_PG_ENDS},
    {"commit", BQ_PG_ENDS},
    {"end", BQ_PG_ENDS},
    {"rollback", BQ_PG_ENDS},
    {"abort", BQ_PG_ENDS},
    {"savepoint", BQ_PG_ENDS},
    {"release", BQ_PG_ENDS},
    {"prepare", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"execute", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"deallocate", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"discard", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"listen", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"unlisten", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"load", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"reset", BQ_PG_ENDS | BQ_PG_DIRTIES},
    {"set", BQ_PG_ENDS | BQ_PG_DIRTIES}, /* but SET LOCAL and SET CONSTRAINTS: pg_text.c */
    {"copy", BQ_PG_WRITES | BQ_PG_COPIES},
    {"do", BQ_PG_WRITES | BQ_PG_DIRTIES},
    {"call", BQ_PG_WRITES | BQ_PG_DIRTIES},
    {"alter", BQ_PG_WRITES},
    {"create", BQ_PG_WRITES},
    {"drop", BQ_PG_WRITES},
    {"grant", BQ_PG_WRITES},
    {"revoke", BQ_PG_WRITES},
    {"comment", BQ_PG_WRITES},
    {"lock", BQ_PG_WRITES},
    {"notify", BQ_PG_WRITES}, /* without a transaction's number, until it commits */
    {"refresh", BQ_PG_WRITES},
    {"security", BQ_PG_WRITES},
    {"truncate", BQ_PG_WRITES},
};

/* Wherever they are. */
static const struct word anywhere[] = {
    {"insert", BQ_PG_WRITES},
    {"update", BQ_PG_WRITES},
    {"delete", BQ_PG_WRITES},
    {"merge", BQ_PG_WRITES},
    {"into", BQ_PG_WRITES}, /* SELECT ... INTO */
    {"pg_notify", BQ_PG_WRITES},
    {"temp", BQ_PG_DIRTIES},
    {"temporary", BQ_PG_DIRTIES},
    {"pg_temp", BQ_PG_DIRTIES},
    {"hold", BQ_PG_DIRTIES}, /* DECLARE ... WITH HOLD */
    {"set_config", BQ_PG_DIRTIES},
    {"setseed", BQ_PG_DIRTIES},
    {"pg_advisory_lock", BQ_PG_DIRTIES},
    {"pg_advisory_lock_shared", BQ_PG_DIRTIES},
    {"pg_try_advisory_lock", BQ_PG_DIRTIES},
    {"pg_try_advisory_lock_shared", BQ_PG_DIRTIES},
    {"dblink_connect", BQ_PG_DIRTIES},
};

static unsigned find(const struct word *words, size_t count, const char *word, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i].text) == len && strncasecmp(words[i].text, word, len) == 0) {
            return words[i].traits;
        }
    }
    return 0;
}

static bool is_own(const char *word, size_t len)
{
    size_t prefix = strlen(OWN_PREFIX);
    bool function = len == strlen(OWN_FUNCTION) && strncasecmp(word, OWN_FUNCTION, len) == 0;

    return len >= prefix && strncasecmp(word, OWN_PREFIX, prefix) == 0 && !function;
}

unsigned bq_pg_traits_of(const char *word, size_t len, bool first)
{
    unsigned traits = find(anywhere, COUNT(anywhere), word, len);

    traits |= first ? find(firsts, COUNT(firsts), word, len) : 0;
    return traits | (is_own(word, len) ? BQ_PG_OWN : 0);
}

static enum barq_status refuse(const struct bq_pg_text *text, struct barq_error *err)
{
    if (text->traits & BQ_PG_ENDS) {
        const char *advice = strcmp(text->word, "set") == 0
                                 ? ": SET LOCAL ends with the transaction, and is allowed"
                                 : "";
        return bq_fail(err, BARQ_ERR_DENIED, "postgresql: not allowed here: %s%s", text->word,
                       advice);
    }
    return bq_fail(err, BARQ_ERR_DENIED, "postgresql: not allowed here: changing barq's own table");
}

enum barq_status bq_pg_allow(struct bq_pg *db, const struct bq_pg_text *text,
                             struct barq_error *err)
{
    bool own = (text->traits & BQ_PG_OWN) && (text->traits & BQ_PG_WRITES);

    if (text->traits & BQ_PG_COPIES) {
        return bq_fail(err, BARQ_ERR_DENIED, "postgresql: COPY is not spoken here: use INSERT");
    }
    if (db->guarded && (own || (text->traits & BQ_PG_ENDS))) {
        return refuse(text, err);
    }
    bool watched = (db->guarded || db->shared) && (text->traits & BQ_PG_DIRTIES);
    if (watched && db->pooled) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "postgresql: not allowed with prepare=off: what outlives the transaction "
                       "would be left to whoever the pooler gives the server to");
    }
    db->dirty = db->dirty || watched;
    return BARQ_OK;
}
