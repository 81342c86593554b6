/*
 * value.h - a value from inside, for the codecs.
 *
 * Values are trees: a container, or a named value, is closed when it is put
 * somewhere, and what is closed can be put nowhere else. So a walk down is
 * never deeper than BARQ_VALUE_MAX_DEPTH, and never longer than the arena is
 * large. Only scalars may be shared.
 */
#ifndef BQ_CODEC_VALUE_H
#define BQ_CODEC_VALUE_H

#include <barq/value.h>

#include "base/arena.h"

/* What went wrong while a value was built; the first one is kept. */
enum bq_flaw {
    BQ_FLAW_NONE,
    BQ_FLAW_MISSING,      /* NULL was added */
    BQ_FLAW_FULL,         /* the arena had no room for one more member */
    BQ_FLAW_ITSELF,       /* was added to itself */
    BQ_FLAW_CLOSED,       /* was added to after it was put somewhere */
    BQ_FLAW_ELSEWHERE,    /* was given a container that is in another one already */
    BQ_FLAW_TOO_DEEP,     /* more than BARQ_VALUE_MAX_DEPTH */
    BQ_FLAW_TOO_MANY,     /* more members than can be counted */
    BQ_FLAW_NO_CONTAINER, /* something was added to what takes no members, or no pairs */
};

struct bq_members {
    struct barq_arena *arena;
    const struct barq_value **items; /* in a map a key, then its value */
    uint32_t count;                  /* members, or pairs */
    uint32_t capacity;
};

struct barq_value {
    uint8_t kind;
    uint8_t flaw;
    uint8_t depth; /* 0 for scalars, 1 for a container without containers, ... */
    bool closed;   /* in a container; only ever set where depth > 0 */
    uint32_t hash; /* set while it is a key or a set's member; 0: not known */
    union {
        bool truth;
        int64_t number;
        double real;
        struct {
            const char *bytes; /* ended by a NUL that is not counted */
            size_t len;
        } text; /* string, bytes, bigint */
        struct {
            int64_t at_us;
            int32_t zone_minutes;
        } time;
        struct {
            const char *name;
            const struct barq_value *content;
        } named;
        struct bq_members members;
    } as;
};

/* What a record has where it was given nothing. */
extern const struct barq_value bq_null;
extern const struct barq_value bq_empty_tuple;
extern const struct barq_value bq_empty_map;

/* A string, bytes or bigint with room for `len` bytes, which the caller writes to `*room`. */
struct barq_value *bq_text_new(struct barq_arena *arena, enum barq_kind kind, size_t len,
                               char **room);

/* Whether a member is in a set. */
bool bq_holds(const struct barq_value *set, const struct barq_value *wanted);
/* Whether a key is in a map; its value goes to `*value` unless that is NULL. */
bool bq_find_key(const struct barq_value *map, const struct barq_value *key,
                 const struct barq_value **value);

/*
 * Like barq_set_key(), but does not close `value`, which stays its owner's.
 * For a map that is written at once and forgotten.
 */
void bq_lend_key(struct barq_value *map, const char *key, const struct barq_value *value);

/* The same for equal values, another one in each process; never 0. */
uint32_t bq_value_hash(const struct barq_value *value);

/* Where a walk through a value is: a chain on the walker's stack. */
struct bq_step {
    const struct bq_step *up;           /* NULL: `container` is the whole value */
    const struct barq_value *container; /* of any kind that has something in it */
    size_t index;
};

enum { BQ_PATH_TEXT_BYTES = 200 };
/* "$.a[3].b", cut when it is too long; "$" for NULL. */
void bq_path_text(const struct bq_step *step, char out[BQ_PATH_TEXT_BYTES]);

/* BARQ_OK, or what is wrong with `value` itself, not with what is in it. NULL is wrong, too. */
enum barq_status bq_flaw_check(const struct barq_value *value, const struct bq_step *step,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
