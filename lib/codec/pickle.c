/*
 * pickle.c - the pickle codec, and its writer; pickle_read.c is its reader.
 *
 * Protocol 4 without frames and memo: every Python from 3.4 on reads it. What
 * Python calls when it reads this is said by named values alone.
 */
#include "codec/pickle.h"

#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "codec/integer.h"

/* clang-format off */
enum {
    PROTO = 0x80, STOP = '.', MARK = '(',
    NONE = 'N', NEWTRUE = 0x88, NEWFALSE = 0x89,
    BININT = 'J', BININT1 = 'K', BININT2 = 'M', LONG1 = 0x8a, LONG4 = 0x8b, BINFLOAT = 'G',
    SHORT_BINUNICODE = 0x8c, BINUNICODE = 'X', BINUNICODE8 = 0x8d,
    SHORT_BINBYTES = 'C', BINBYTES = 'B', BINBYTES8 = 0x8e,
    EMPTY_TUPLE = ')', TUPLE1 = 0x85, TUPLE = 't',
    EMPTY_LIST = ']', APPENDS = 'e', EMPTY_DICT = '}', SETITEMS = 'u',
    EMPTY_SET = 0x8f, ADDITEMS = 0x90, FROZENSET = 0x91,
    STACK_GLOBAL = 0x93, REDUCE = 'R', NEWOBJ = 0x81, BUILD = 'b',
};
/* clang-format on */

enum { PROTOCOL = 4, DAY_MINUTES = 24 * 60 };

struct writer {
    struct bq_buf *out;
    bool hashed; /* within a key, or a member of a set, where Python takes no list, dict and set */
    struct barq_error *err;
};

static enum barq_status refuse(const struct writer *to, const struct bq_step *step, const char *why)
{
    char path[BQ_PATH_TEXT_BYTES];

    bq_path_text(step, path);
    return bq_fail(to->err, BARQ_ERR_TYPE, "pickle: %s: %s", path, why);
}

static void put(const struct writer *to, unsigned byte)
{
    bq_buf_put_u8(to->out, (uint8_t)byte);
}

/* A number of `bytes` bytes, the lowest first. */
static void put_number(const struct writer *to, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        put(to, (unsigned)(number >> (8 * i) & 0xff));
    }
}

static void put_sized(const struct writer *to, const uint8_t opcodes[3], const void *bytes,
                      size_t len)
{
    if (len <= UINT8_MAX) {
        put(to, opcodes[0]);
        put_number(to, len, 1);
    } else if (len <= UINT32_MAX) {
        put(to, opcodes[1]);
        put_number(to, len, 4);
    } else {
        put(to, opcodes[2]);
        put_number(to, len, 8);
    }
    bq_buf_put(to->out, bytes, len);
}

static void put_text(const struct writer *to, const char *text, size_t len)
{
    put_sized(to, (const uint8_t[]){SHORT_BINUNICODE, BINUNICODE, BINUNICODE8}, text, len);
}

static void put_bytes(const struct writer *to, const void *bytes, size_t len)
{
    put_sized(to, (const uint8_t[]){SHORT_BINBYTES, BINBYTES, BINBYTES8}, bytes, len);
}

static void put_global(const struct writer *to, const char *module, size_t module_len,
                       const char *name)
{
    put_text(to, module, module_len);
    put_text(to, name, strlen(name));
    put(to, STACK_GLOBAL);
}

static enum barq_status write_int(const struct writer *to, const struct barq_value *value,
                                  const struct bq_step *up)
{
    int64_t number = barq_as_int(value, INT64_MAX);
    uint8_t bytes[BQ_INTEGER_MAX_BYTES];
    if (number >= 0 && number <= UINT16_MAX) {
        put(to, number <= UINT8_MAX ? BININT1 : BININT2);
        put_number(to, (uint64_t)number, number <= UINT8_MAX ? 1 : 2);
        return BARQ_OK;
    }
    if (number >= INT32_MIN && number <= INT32_MAX) {
        put(to, BININT);
        put_number(to, (uint64_t)number, 4);
        return BARQ_OK;
    }

    size_t len = bq_integer_bytes(value, bytes);
    if (len == 0) {
        return refuse(to, up, "an integer of too many digits");
    }
    put(to, len <= UINT8_MAX ? LONG1 : LONG4);
    put_number(to, len, len <= UINT8_MAX ? 1 : 4);
    bq_buf_put(to->out, bytes, len);
    return BARQ_OK;
}

static void write_double(const struct writer *to, double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    put(to, BINFLOAT);
    for (int shift = 56; shift >= 0; shift -= 8) {
        put(to, (unsigned)(bits >> shift & 0xff));
    }
}

static void put_small(const struct writer *to, int32_t number)
{
    put(to, BININT);
    put_number(to, (uint64_t)number, 4);
}

/* datetime.timezone(datetime.timedelta(days, seconds, 0)), as Python writes it and pickle_time.c reads it. */
static void put_zone(const struct writer *to, int32_t minutes)
{
    static const char module[] = "datetime";
    int32_t days = minutes < 0 ? -1 : 0;

    put_global(to, module, strlen(module), "timezone");
    put_global(to, module, strlen(module), "timedelta");
    put_small(to, days);
    put_small(to, (minutes - days * DAY_MINUTES) * 60);
    put_small(to, 0);
    put(to, TUPLE1 + 2);
    put(to, REDUCE);
    put(to, TUPLE1);
    put(to, REDUCE);
}

static enum barq_status write_timestamp(const struct writer *to, const struct barq_value *value,
                                        const struct bq_step *up)
{
    static const char module[] = "datetime";
    uint8_t packed[BQ_PICKLE_DATETIME_BYTES];
    int64_t wall_us = barq_timestamp_us(value);
    int32_t zone = barq_timestamp_zone(value);
    bool has_zone = zone != BARQ_NO_ZONE;
    if (has_zone && (zone <= -DAY_MINUTES || zone >= DAY_MINUTES)) {
        return refuse(to, up, "a time zone a day or more from UTC");
    }
    if ((has_zone && __builtin_add_overflow(wall_us, zone * INT64_C(60000000), &wall_us)) ||
        !bq_pickle_pack_datetime(wall_us, packed)) {
        return refuse(to, up, "Python's years are 1 to 9999");
    }

    put_global(to, module, strlen(module), "datetime");
    put_bytes(to, packed, sizeof(packed));
    if (has_zone) {
        put_zone(to, zone);
    }
    put(to, has_zone ? TUPLE1 + 1 : TUPLE1);
    put(to, REDUCE);
    return BARQ_OK;
}

static enum barq_status write_value(const struct writer *to, const struct barq_value *value,
                                    const struct bq_step *up);

static enum barq_status write_members(const struct writer *to, const struct barq_value *box,
                                      const struct bq_step *up)
{
    struct bq_step step = {.up = up, .container = box};
    enum barq_status status = BARQ_OK;

    for (; status == BARQ_OK && step.index < barq_count(box); step.index++) {
        status = write_value(to, barq_at(box, step.index), &step);
    }
    return status;
}

static enum barq_status write_pairs(const struct writer *to, const struct barq_value *map,
                                    const struct bq_step *up)
{
    struct bq_step step = {.up = up, .container = map};
    struct writer key = {.out = to->out, .hashed = true, .err = to->err};
    enum barq_status status = BARQ_OK;

    for (; status == BARQ_OK && step.index < barq_count(map); step.index++) {
        status = write_value(&key, barq_key_at(map, step.index), &step);
        if (status == BARQ_OK) {
            status = write_value(to, barq_at(map, step.index), &step);
        }
    }
    return status;
}

/* MARK, what is in `box`, and the opcode that takes it: adds it to what lies below. */
static enum barq_status write_batch(const struct writer *to, const struct barq_value *box,
                                    const struct bq_step *up, unsigned opcode)
{
    if (barq_count(box) == 0) {
        return BARQ_OK;
    }
    put(to, MARK);
    enum barq_status status =
        barq_kind(box) == BARQ_MAP ? write_pairs(to, box, up) : write_members(to, box, up);
    put(to, opcode);
    return status;
}

static enum barq_status write_tuple(const struct writer *to, const struct barq_value *tuple,
                                    const struct bq_step *up)
{
    size_t count = barq_count(tuple);
    if (count > 3) {
        return write_batch(to, tuple, up, TUPLE);
    }
    enum barq_status status = write_members(to, tuple, up);
    put(to, count == 0 ? EMPTY_TUPLE : TUPLE1 + (unsigned)count - 1);
    return status;
}

static enum barq_status write_set(const struct writer *to, const struct barq_value *set,
                                  const struct bq_step *up)
{
    struct writer member = {.out = to->out, .hashed = true, .err = to->err};

    if (!to->hashed) {
        put(to, EMPTY_SET);
        return write_batch(&member, set, up, ADDITEMS);
    }
    put(to, MARK);
    enum barq_status status = write_members(&member, set, up);
    put(to, FROZENSET);
    return status;
}

/* The parts of a list's form of content; see pickle.h. */
static bool split_content(const struct barq_value *list, const struct barq_value **args,
                          const struct barq_value **state, const struct barq_value **members)
{
    *args = barq_at(list, 0);
    *state = barq_at(list, 1);
    *members = barq_at(list, 2);
    enum barq_kind kind = barq_kind(*members);
    return barq_count(list) == 3 && (barq_is_null(*args) || barq_kind(*args) == BARQ_TUPLE) &&
           (kind == BARQ_NULL || kind == BARQ_LIST || kind == BARQ_MAP);
}

/* After the class: an object with arguments, members and state. */
static enum barq_status write_object(const struct writer *to, const struct barq_value *list,
                                     const struct bq_step *up)
{
    const struct barq_value *args;
    const struct barq_value *state;
    const struct barq_value *members;
    if (!split_content(list, &args, &state, &members)) {
        return refuse(to, up, "a list that is not [arguments, state, members] of a named value");
    }

    struct bq_step step = {.up = up, .container = list};
    bool called = !barq_is_null(args);
    enum barq_status status = write_tuple(to, args, &step);
    put(to, called ? REDUCE : NEWOBJ);
    if (status == BARQ_OK) {
        step.index = 2;
        status =
            write_batch(to, members, &step, barq_kind(members) == BARQ_MAP ? SETITEMS : APPENDS);
    }
    if (status == BARQ_OK && !barq_is_null(state)) {
        step.index = 1;
        status = write_value(to, state, &step);
        put(to, BUILD);
    }
    return status;
}

/* An object with these attributes, made without its constructor. */
static enum barq_status write_attributes(const struct writer *to, const struct barq_value *map,
                                         const struct bq_step *up)
{
    enum barq_status status = BARQ_OK;

    put(to, EMPTY_TUPLE);
    put(to, NEWOBJ);
    if (barq_count(map) > 0) {
        status = write_value(to, map, up);
        put(to, BUILD);
    }
    return status;
}

static enum barq_status write_content(const struct writer *to, const struct barq_value *content,
                                      const struct bq_step *up)
{
    enum barq_kind kind = barq_kind(content);
    if (kind == BARQ_NULL) {
        return BARQ_OK;
    }
    if (kind == BARQ_MAP) {
        return write_attributes(to, content, up);
    }
    if (kind == BARQ_LIST) {
        return write_object(to, content, up);
    }

    enum barq_status status = write_value(to, content, up);
    if (kind != BARQ_TUPLE) {
        put(to, TUPLE1);
    }
    put(to, REDUCE);
    return status;
}

static enum barq_status write_named(const struct writer *to, const struct barq_value *named,
                                    const struct bq_step *up)
{
    const char *name = barq_name_of(named);
    const char *cut = strchr(name, ':');
    if (!cut) {
        cut = strrchr(name, '.');
    }
    if (!cut || cut == name || cut[1] == '\0') {
        return refuse(to, up, "a named value whose name has no module, as in \"decimal.Decimal\"");
    }

    struct bq_step step = {.up = up, .container = named};
    /* What an object is made of may be a list although the object is a key. */
    struct writer inside = {.out = to->out, .err = to->err};
    put_global(to, name, (size_t)(cut - name), cut + 1);
    return write_content(&inside, barq_content_of(named), &step);
}

static enum barq_status write_whole(const struct writer *to, const struct barq_value *value,
                                    const struct bq_step *up)
{
    size_t len;
    const void *bytes = barq_as_bytes(value, &len);

    switch ((enum barq_kind)value->kind) {
    case BARQ_NULL:
        put(to, NONE);
        return BARQ_OK;
    case BARQ_BOOL:
        put(to, value->as.truth ? NEWTRUE : NEWFALSE);
        return BARQ_OK;
    case BARQ_INT:
    case BARQ_BIGINT:
        return write_int(to, value, up);
    case BARQ_DOUBLE:
        write_double(to, value->as.real);
        return BARQ_OK;
    case BARQ_STRING:
        put_text(to, bytes, len);
        return BARQ_OK;
    case BARQ_BYTES:
        put_bytes(to, bytes, len);
        return BARQ_OK;
    case BARQ_TUPLE:
        return write_tuple(to, value, up);
    case BARQ_LIST:
        put(to, EMPTY_LIST);
        return write_batch(to, value, up, APPENDS);
    case BARQ_SET:
        return write_set(to, value, up);
    case BARQ_MAP:
        put(to, EMPTY_DICT);
        return write_batch(to, value, up, SETITEMS);
    case BARQ_TIMESTAMP:
        return write_timestamp(to, value, up);
    case BARQ_NAMED:
        return write_named(to, value, up);
    }
    return refuse(to, up, "a value of no known kind");
}

static enum barq_status write_value(const struct writer *to, const struct barq_value *value,
                                    const struct bq_step *up)
{
    enum barq_status status = bq_flaw_check(value, up, to->err);
    if (status == BARQ_OK && to->hashed && (value->kind == BARQ_LIST || value->kind == BARQ_MAP)) {
        status = refuse(to, up, "in Python, a list or map can be no key and no member of a set");
    }
    if (status == BARQ_OK) {
        status = write_whole(to, value, up);
    }
    if (status == BARQ_OK && to->out->failed) {
        return to->out->starved ? bq_fail(to->err, BARQ_ERR_NOMEM, "pickle: out of memory")
                                : bq_fail(to->err, BARQ_ERR_LIMIT, "pickle: longer than %zu bytes",
                                          to->out->limit);
    }
    return status;
}

static enum barq_status pickle_write(const struct barq_value *value, struct bq_buf *out,
                                     struct barq_error *err)
{
    struct bq_buf before = *out;
    struct writer to = {.out = out, .err = err};

    put(&to, PROTO);
    put(&to, PROTOCOL);
    enum barq_status status = write_value(&to, value, NULL);
    put(&to, STOP);
    if (status == BARQ_OK && out->failed) {
        status = out->starved
                     ? bq_fail(err, BARQ_ERR_NOMEM, "pickle: out of memory")
                     : bq_fail(err, BARQ_ERR_LIMIT, "pickle: longer than %zu bytes", out->limit);
    }
    if (status != BARQ_OK) {
        out->len = before.len;
        out->failed = before.failed;
        out->starved = before.starved;
    }
    return status;
}

const struct bq_codec bq_codec_pickle = {
    .name = "pickle",
    .has_names = true,
    .encode = pickle_write,
    .decode = bq_pickle_read,
};
