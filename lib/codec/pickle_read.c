/*
 * pickle_read.c - the opcodes that are read: those that Python 3 writes for data with protocols 2 to 5.
 *
 * The others are known by name, to say what it is that is refused.
 */
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "codec/integer.h"
#include "codec/pickle.h"

enum { PROTOCOL_MIN = 2, PROTOCOL_MAX = 5 };

struct opcode {
    const char *name;
    bool (*run)(struct bq_pickle *in); /* false: the pickle has failed; NULL: it is never read */
    int operand;                       /* for those that differ in a number only */
};

static bool run_proto(struct bq_pickle *in)
{
    return bq_pickle_bad(in, "a pickle within a pickle");
}

static bool run_frame(struct bq_pickle *in)
{
    uint64_t len;
    if (!bq_pickle_take_number(in, 8, &len)) {
        return false;
    }
    return len <= (uint64_t)(in->end - in->at) ||
           bq_pickle_bad(in, "a frame longer than the bytes");
}

static bool run_stop(struct bq_pickle *in)
{
    in->stopped = true;
    return true;
}

static bool run_mark(struct bq_pickle *in)
{
    return bq_pickle_push_or_mark(in, NULL);
}

static bool run_pop(struct bq_pickle *in)
{
    if (in->depth == 0) {
        return bq_pickle_bad(in, "there is nothing on the stack");
    }
    in->depth--;
    return true;
}

static bool run_pop_mark(struct bq_pickle *in)
{
    size_t count;

    return bq_pickle_pop_marked(in, &count) != NULL;
}

static bool run_none(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_null(in->arena)));
}

static bool run_bool(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_bool(in->arena, in->operand != 0)));
}

static bool run_int(struct bq_pickle *in)
{
    uint64_t number;
    if (!bq_pickle_take_number(in, in->operand, &number)) {
        return false;
    }
    int64_t value = in->operand == 4 ? (int32_t)number : (int64_t)number;
    return bq_pickle_push(in, bq_pickle_made(in, barq_int(in->arena, value)));
}

static bool run_long(struct bq_pickle *in)
{
    uint64_t len;
    const uint8_t *number = bq_pickle_take_sized(in, in->operand, &len);
    if (!number) {
        return false;
    }
    if (len > BQ_INTEGER_MAX_BYTES) {
        (void)bq_pickle_fail(in, BARQ_ERR_LIMIT, "an integer of more than %d bytes",
                             BQ_INTEGER_MAX_BYTES);
        return false;
    }
    return bq_pickle_push(in, bq_pickle_made(in, bq_integer_read(in->arena, number, (size_t)len)));
}

static bool run_binfloat(struct bq_pickle *in)
{
    const uint8_t *from = bq_pickle_take(in, 8);
    uint64_t bits = 0;
    double number;
    for (int i = 0; from && i < 8; i++) {
        bits = bits << 8 | from[i];
    }
    memcpy(&number, &bits, sizeof(number));
    return from && bq_pickle_push(in, bq_pickle_made(in, barq_double(in->arena, number)));
}

static bool run_text(struct bq_pickle *in)
{
    uint64_t len;
    const char *text = (const char *)bq_pickle_take_sized(in, in->operand, &len);
    if (!text) {
        return false;
    }
    if (!bq_utf8_valid(text, (size_t)len)) {
        return bq_pickle_bad(in, "text that is not UTF-8, perhaps half of a surrogate pair");
    }
    return bq_pickle_push(in, bq_pickle_made(in, barq_string_of(in->arena, text, (size_t)len)));
}

static bool run_bytes(struct bq_pickle *in)
{
    uint64_t len;
    const uint8_t *data = bq_pickle_take_sized(in, in->operand, &len);

    return data && bq_pickle_push(in, bq_pickle_made(in, barq_bytes(in->arena, data, (size_t)len)));
}

static bool run_empty_tuple(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_tuple(in->arena)));
}

static bool run_empty_list(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_list(in->arena)));
}

static bool run_empty_dict(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_map(in->arena)));
}

static bool run_empty_set(struct bq_pickle *in)
{
    return bq_pickle_push(in, bq_pickle_made(in, barq_set(in->arena)));
}

static bool add_all(struct bq_pickle *in, struct barq_value *box, struct barq_value **items,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!bq_pickle_add(in, box, items[i])) {
            return false;
        }
    }
    return true;
}

/* A tuple of the values on top, one to three. */
static bool run_short_tuple(struct bq_pickle *in)
{
    size_t count = (size_t)in->operand;
    struct barq_value *tuple = bq_pickle_made(in, barq_tuple(in->arena));
    for (size_t i = 0; i < count; i++) {
        if (in->depth < count || !in->stack[in->depth - 1 - i]) {
            return bq_pickle_bad(in, "it needs more values than there are");
        }
    }
    if (!tuple || !add_all(in, tuple, in->stack + in->depth - count, count)) {
        return false;
    }
    in->depth -= count;
    return bq_pickle_push(in, tuple);
}

static bool push_marked(struct bq_pickle *in, struct barq_value *box)
{
    size_t count;
    struct barq_value **items = box ? bq_pickle_pop_marked(in, &count) : NULL;

    return items && add_all(in, box, items, count) && bq_pickle_push(in, box);
}

static bool run_tuple(struct bq_pickle *in)
{
    return push_marked(in, bq_pickle_made(in, barq_tuple(in->arena)));
}

static bool run_frozenset(struct bq_pickle *in)
{
    return push_marked(in, bq_pickle_made(in, barq_set(in->arena)));
}

/* What an opcode adds to: the value on top, or the members of an object there. */
static struct barq_value *receiver(struct bq_pickle *in, enum barq_kind wanted)
{
    struct barq_value *box = bq_pickle_top(in);
    if (box && barq_kind(box) == BARQ_NAMED && wanted != BARQ_SET) {
        return bq_pickle_members(in, box, wanted == BARQ_MAP);
    }
    if (box && barq_kind(box) != wanted) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "what it adds to is of kind %s, not %s",
                              barq_kind_name(barq_kind(box)), barq_kind_name(wanted));
    }
    return box;
}

static bool add_marked(struct bq_pickle *in, enum barq_kind wanted)
{
    size_t count;
    struct barq_value **items = bq_pickle_pop_marked(in, &count);
    if (items && count == 0) {
        return bq_pickle_top(in) != NULL;
    }
    struct barq_value *box = items ? receiver(in, wanted) : NULL;

    return box && add_all(in, box, items, count);
}

static bool run_appends(struct bq_pickle *in)
{
    return add_marked(in, BARQ_LIST);
}

static bool run_additems(struct bq_pickle *in)
{
    return add_marked(in, BARQ_SET);
}

static bool run_append(struct bq_pickle *in)
{
    struct barq_value *item = bq_pickle_pop(in);
    struct barq_value *box = item ? receiver(in, BARQ_LIST) : NULL;

    return box && bq_pickle_add(in, box, item);
}

static bool run_setitems(struct bq_pickle *in)
{
    size_t count;
    struct barq_value **items = bq_pickle_pop_marked(in, &count);
    if (items && count == 0) {
        return bq_pickle_top(in) != NULL;
    }
    struct barq_value *map = items ? receiver(in, BARQ_MAP) : NULL;
    if (map && count % 2 != 0) {
        return bq_pickle_bad(in, "a key without a value");
    }
    for (size_t i = 0; map && i < count; i += 2) {
        if (!bq_pickle_put(in, map, items[i], items[i + 1])) {
            return false;
        }
    }
    return map != NULL;
}

static bool run_setitem(struct bq_pickle *in)
{
    struct barq_value *value = bq_pickle_pop(in);
    struct barq_value *key = value ? bq_pickle_pop(in) : NULL;
    struct barq_value *map = key ? receiver(in, BARQ_MAP) : NULL;

    return map && bq_pickle_put(in, map, key, value);
}

/* A place in the memo. */
static bool take_place(struct bq_pickle *in, size_t *place)
{
    uint64_t number;
    bool there = bq_pickle_take_number(in, in->operand, &number);

    *place = (size_t)number;
    return there;
}

static bool run_put(struct bq_pickle *in)
{
    size_t place;

    return take_place(in, &place) && bq_pickle_memo_put(in, place);
}

static bool run_memoize(struct bq_pickle *in)
{
    return bq_pickle_memo_put(in, in->memo_count);
}

static bool run_get(struct bq_pickle *in)
{
    size_t place;

    return take_place(in, &place) && bq_pickle_memo_get(in, place);
}

static bool run_global(struct bq_pickle *in)
{
    size_t module_len = 0;
    size_t name_len = 0;
    const char *module = bq_pickle_take_line(in, &module_len);
    const char *name = module ? bq_pickle_take_line(in, &name_len) : NULL;

    return name && bq_pickle_push(in, bq_pickle_global(in, module, module_len, name, name_len));
}

static bool run_stack_global(struct bq_pickle *in)
{
    struct barq_value *name = bq_pickle_pop(in);
    struct barq_value *module = name ? bq_pickle_pop(in) : NULL;
    if (!module) {
        return false;
    }
    if (barq_kind(name) != BARQ_STRING || barq_kind(module) != BARQ_STRING) {
        return bq_pickle_bad(in, "a reference whose name is no text");
    }
    return bq_pickle_push(in, bq_pickle_global(in, module->as.text.bytes, module->as.text.len,
                                               name->as.text.bytes, name->as.text.len));
}

static bool run_reduce(struct bq_pickle *in)
{
    struct barq_value *args = bq_pickle_pop(in);
    struct barq_value *callable = args ? bq_pickle_pop(in) : NULL;

    return callable && bq_pickle_push(in, bq_pickle_call(in, callable, args));
}

static bool run_newobj(struct bq_pickle *in)
{
    struct barq_value *args = bq_pickle_pop(in);
    struct barq_value *class = args ? bq_pickle_pop(in) : NULL;

    return class && bq_pickle_push(in, bq_pickle_new(in, class, args));
}

static bool run_newobj_ex(struct bq_pickle *in)
{
    const struct barq_value *named = bq_pickle_pop(in);
    if (named && (barq_kind(named) != BARQ_MAP || barq_count(named) > 0)) {
        return bq_pickle_bad(in, "an object that is made with keyword arguments");
    }
    return named && run_newobj(in);
}

static bool run_build(struct bq_pickle *in)
{
    struct barq_value *state = bq_pickle_pop(in);
    struct barq_value *object = state ? bq_pickle_top(in) : NULL;

    return object && bq_pickle_build(in, object, state);
}

/* clang-format off */
static const struct opcode opcodes[256] = {
    [0x80] = {"PROTO", run_proto, 0},
    [0x95] = {"FRAME", run_frame, 0},
    ['.'] = {"STOP", run_stop, 0},
    ['('] = {"MARK", run_mark, 0},
    ['0'] = {"POP", run_pop, 0},
    ['1'] = {"POP_MARK", run_pop_mark, 0},

    ['N'] = {"NONE", run_none, 0},
    [0x88] = {"NEWTRUE", run_bool, 1},
    [0x89] = {"NEWFALSE", run_bool, 0},
    ['J'] = {"BININT", run_int, 4},
    ['K'] = {"BININT1", run_int, 1},
    ['M'] = {"BININT2", run_int, 2},
    [0x8a] = {"LONG1", run_long, 1},
    [0x8b] = {"LONG4", run_long, 4},
    ['G'] = {"BINFLOAT", run_binfloat, 0},
    [0x8c] = {"SHORT_BINUNICODE", run_text, 1},
    ['X'] = {"BINUNICODE", run_text, 4},
    [0x8d] = {"BINUNICODE8", run_text, 8},
    ['C'] = {"SHORT_BINBYTES", run_bytes, 1},
    ['B'] = {"BINBYTES", run_bytes, 4},
    [0x8e] = {"BINBYTES8", run_bytes, 8},
    [0x96] = {"BYTEARRAY8", run_bytes, 8},

    [')'] = {"EMPTY_TUPLE", run_empty_tuple, 0},
    [0x85] = {"TUPLE1", run_short_tuple, 1},
    [0x86] = {"TUPLE2", run_short_tuple, 2},
    [0x87] = {"TUPLE3", run_short_tuple, 3},
    ['t'] = {"TUPLE", run_tuple, 0},
    [']'] = {"EMPTY_LIST", run_empty_list, 0},
    ['a'] = {"APPEND", run_append, 0},
    ['e'] = {"APPENDS", run_appends, 0},
    ['}'] = {"EMPTY_DICT", run_empty_dict, 0},
    ['s'] = {"SETITEM", run_setitem, 0},
    ['u'] = {"SETITEMS", run_setitems, 0},
    [0x8f] = {"EMPTY_SET", run_empty_set, 0},
    [0x90] = {"ADDITEMS", run_additems, 0},
    [0x91] = {"FROZENSET", run_frozenset, 0},

    ['q'] = {"BINPUT", run_put, 1},
    ['r'] = {"LONG_BINPUT", run_put, 4},
    [0x94] = {"MEMOIZE", run_memoize, 0},
    ['h'] = {"BINGET", run_get, 1},
    ['j'] = {"LONG_BINGET", run_get, 4},

    ['c'] = {"GLOBAL", run_global, 0},
    [0x93] = {"STACK_GLOBAL", run_stack_global, 0},
    ['R'] = {"REDUCE", run_reduce, 0},
    [0x81] = {"NEWOBJ", run_newobj, 0},
    [0x92] = {"NEWOBJ_EX", run_newobj_ex, 0},
    ['b'] = {"BUILD", run_build, 0},

    ['2'] = {"DUP", NULL, 0},        ['I'] = {"INT", NULL, 0},        ['L'] = {"LONG", NULL, 0},
    ['F'] = {"FLOAT", NULL, 0},      ['S'] = {"STRING", NULL, 0},     ['T'] = {"BINSTRING", NULL, 0},
    ['V'] = {"UNICODE", NULL, 0},    ['U'] = {"SHORT_BINSTRING", NULL, 0},
    ['l'] = {"LIST", NULL, 0},       ['d'] = {"DICT", NULL, 0},
    ['p'] = {"PUT", NULL, 0},        ['g'] = {"GET", NULL, 0},
    ['i'] = {"INST", NULL, 0},       ['o'] = {"OBJ", NULL, 0},
    ['P'] = {"PERSID", NULL, 0},     ['Q'] = {"BINPERSID", NULL, 0},
    [0x82] = {"EXT1", NULL, 0},      [0x83] = {"EXT2", NULL, 0},      [0x84] = {"EXT4", NULL, 0},
    [0x97] = {"NEXT_BUFFER", NULL, 0},
    [0x98] = {"READONLY_BUFFER", NULL, 0},
};
/* clang-format on */

const char *bq_pickle_opcode_name(uint8_t byte)
{
    return opcodes[byte].name ? opcodes[byte].name : "unknown";
}

static bool step(struct bq_pickle *in)
{
    in->opcode = in->at;
    if (in->at == in->end) {
        in->status = bq_fail(in->err, BARQ_ERR_FORMAT, "pickle: it has no end: byte %zu is missing",
                             (size_t)(in->at - in->start));
        return false;
    }
    const struct opcode *opcode = &opcodes[*in->at++];
    in->operand = opcode->operand;
    return opcode->run ? opcode->run(in)
                       : bq_pickle_bad(in, "Python 3 never writes it for data in protocols 2 to 5");
}

static struct barq_value *run(struct bq_pickle *in)
{
    if (in->end - in->at < 2 || in->at[0] != 0x80) {
        (void)bq_pickle_bad(in, "a pickle starts with PROTO and its number");
        return NULL;
    }
    in->protocol = in->at[1];
    if (in->protocol < PROTOCOL_MIN || in->protocol > PROTOCOL_MAX) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "protocol %d, not %d to %d", in->protocol,
                              PROTOCOL_MIN, PROTOCOL_MAX);
    }

    in->at += 2;
    while (!in->stopped) {
        if (!step(in)) {
            return NULL;
        }
    }
    struct barq_value *value = bq_pickle_pop(in);
    if (value && (in->depth > 0 || in->at < in->end)) {
        (void)bq_pickle_bad(in, in->depth > 0 ? "more than one value is left"
                                              : "there is more after it");
        return NULL;
    }
    return value ? bq_pickle_use(in, value) : NULL;
}

enum barq_status bq_pickle_read(struct barq_arena *arena, const void *bytes, size_t len,
                                struct barq_value **out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    /* Stack and memo grow by doubling, and neither has more places than there are bytes. */
    bq_arena_init(&scratch, (8 * sizeof(void *) * (len + BQ_PICKLE_FIRST_CAPACITY)));
    const uint8_t *start = len > 0 ? bytes : (const uint8_t *)"";
    struct bq_pickle in = {
        .arena = arena,
        .scratch = &scratch,
        .start = start,
        .opcode = start,
        .at = start,
        .end = start + len,
        .err = err,
    };

    struct barq_value *value = run(&in);
    if (!value) {
        return in.status;
    }
    *out = value;
    return BARQ_OK;
}
