/*
 * pickle.h - what the files of the pickle codec share.
 *
 *     pickle.c          the codec, and its writer
 *     pickle_read.c     the opcodes that are read
 *     pickle_stack.c    the machine that they work: a stack, a memo, and the bytes
 *     pickle_object.c   references, calls and objects: what of them is plain data, and the rest as named values
 *     pickle_time.c     Python's datetime, date and time, packed into bytes
 *
 * Nothing is looked up, imported or called: a reference is a name, a call is
 * a name with its arguments.
 *
 * What a named value's content means, in both directions:
 *
 *     null      the class or function itself
 *     map       an object made without its constructor, with these attributes
 *     tuple     what a call with these arguments gives
 *     list      exactly [arguments: tuple, or null: no constructor
 *                        state: null: none
 *                        members: null, list or map]: a call, then what is put into the object
 *     scalar    what a call with this one argument gives
 *
 * A name is MODULE.NAME, or MODULE:NAME where NAME has dots in it.
 */
#ifndef BQ_CODEC_PICKLE_H
#define BQ_CODEC_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/value.h"

enum {
    BQ_PICKLE_FIRST_CAPACITY = 64, /* of stack and memo */
    BQ_PICKLE_SHARED_MAX_BYTES =
        16 * 1024 * 1024, /* what a pickle shares, written out for each use */
    BQ_PICKLE_DATETIME_BYTES = 10,
};

/* A pickle while it is read. */
struct bq_pickle {
    struct barq_arena *arena;
    struct barq_arena *scratch; /* stack and memo */
    const uint8_t *start;
    const uint8_t *opcode; /* the one that is carried out */
    const uint8_t *at;
    const uint8_t *end;
    struct barq_value **stack; /* NULL: a mark */
    size_t depth;
    size_t stack_capacity;
    struct barq_value **memo; /* NULL: nothing was put there */
    size_t memo_count;
    size_t memo_capacity;
    size_t shared_bytes;
    int protocol;
    int operand; /* of the opcode; see pickle_read.c */
    bool stopped;
    enum barq_status status; /* set by the first failure */
    struct barq_error *err;
};

/* -- pickle_stack.c: each returns NULL or false when the pickle has failed -- */

/* Fails with the opcode and where it is; NULL, for whoever returns a value. */
void *bq_pickle_fail(struct bq_pickle *in, enum barq_status status, const char *format, ...)
    BARQ_PRINTF(3, 4);
bool bq_pickle_bad(struct bq_pickle *in, const char *why); /* the same, of BARQ_ERR_FORMAT */
/* For what a constructor returned. */
struct barq_value *bq_pickle_made(struct bq_pickle *in, struct barq_value *value);
/* `value` as something that may be put into another value: finished, and a copy if it is in one. */
struct barq_value *bq_pickle_use(struct bq_pickle *in, struct barq_value *value);
/* Puts `item` into a list, tuple or set, or a pair into a map; false when the pickle has failed. */
bool bq_pickle_add(struct bq_pickle *in, struct barq_value *box, struct barq_value *item);
bool bq_pickle_put(struct bq_pickle *in, struct barq_value *map, struct barq_value *key,
                   struct barq_value *value);

/* For what a reading function returned. */
bool bq_pickle_push(struct bq_pickle *in, struct barq_value *value);
bool bq_pickle_push_or_mark(struct bq_pickle *in, struct barq_value *value); /* NULL: a mark */
struct barq_value *bq_pickle_pop(struct bq_pickle *in);
/* What lies at the top, without taking it off. */
struct barq_value *bq_pickle_top(struct bq_pickle *in);
/* Takes all down to the mark, and the mark, off the stack; where they still lie is the answer. */
struct barq_value **bq_pickle_pop_marked(struct bq_pickle *in, size_t *count);
/* Puts what lies at the top into the memo. */
bool bq_pickle_memo_put(struct bq_pickle *in, size_t place);
bool bq_pickle_memo_get(struct bq_pickle *in, size_t place);

/* The next bytes. */
const uint8_t *bq_pickle_take(struct bq_pickle *in, uint64_t len);
/* A number of `bytes` bytes, the lowest first. */
bool bq_pickle_take_number(struct bq_pickle *in, int bytes, uint64_t *out);
/* A length of `bytes` bytes, and what has this length. */
const uint8_t *bq_pickle_take_sized(struct bq_pickle *in, int bytes, uint64_t *len);
/* A line, without its end. */
const char *bq_pickle_take_line(struct bq_pickle *in, size_t *len);

/* -- pickle_read.c -- */

const char *bq_pickle_opcode_name(uint8_t byte);

/* -- pickle_object.c: each returns NULL or false when the pickle has failed -- */

struct barq_value *bq_pickle_global(struct bq_pickle *in, const char *module, size_t module_len,
                                    const char *name, size_t name_len);
/* REDUCE: what `callable` gives for `args`. */
struct barq_value *bq_pickle_call(struct bq_pickle *in, struct barq_value *callable,
                                  struct barq_value *args);
/* NEWOBJ: an object of `class`, made without its constructor; with arguments, the same as a call. */
struct barq_value *bq_pickle_new(struct bq_pickle *in, struct barq_value *class,
                                 struct barq_value *args);
/* BUILD */
bool bq_pickle_build(struct bq_pickle *in, struct barq_value *object, struct barq_value *state);
/* The members of an object which has such of its own: a list, or with `is_map` a map. */
struct barq_value *bq_pickle_members(struct bq_pickle *in, struct barq_value *object, bool is_map);
/* Nothing more can come to an object: gives it its content. Other values are left as they are. */
bool bq_pickle_finish(struct bq_pickle *in, struct barq_value *value);

/* -- pickle_time.c -- */

/*
 * What `args` of these classes mean: a timestamp, or arguments that can be read, for which `*plain`
 * is set; NULL without failure where the class is to be kept as it is.
 */
struct barq_value *bq_pickle_datetime(struct bq_pickle *in, const struct barq_value *args);
struct barq_value *bq_pickle_date_args(struct bq_pickle *in, const struct barq_value *args);
struct barq_value *bq_pickle_time_args(struct bq_pickle *in, const struct barq_value *args);
/* Packs the wall clock time; false when the year is not 1 to 9999. */
bool bq_pickle_pack_datetime(int64_t wall_us, uint8_t out[BQ_PICKLE_DATETIME_BYTES]);

enum barq_status bq_pickle_read(struct barq_arena *arena, const void *bytes, size_t len,
                                struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
