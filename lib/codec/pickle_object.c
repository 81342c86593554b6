/*
 * pickle_object.c - references, calls and objects of a pickle.
 *
 * An object can go on growing after it was first pushed: attributes (BUILD)
 * and members (APPENDS, SETITEMS) come later, while the memo already knows it.
 * So it is a struct object until it is put into another value; then it gets
 * its content, as pickle.h describes it, and stays as it is.
 */
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/text.h"
#include "codec/integer.h"
#include "codec/pickle.h"

enum { NAME_MAX_BYTES = 512, UUID_BYTES = 16, UUID_TEXT_BYTES = 37 };

enum how { REFERENCE, CALL, NEW };

/* Its value is of kind BARQ_NAMED, and without content while the object is unfinished. */
struct object {
    struct barq_value value; /* first: a pointer to it is one to the object */
    enum how how;
    struct barq_value *args;    /* a tuple; CALL, NEW */
    struct barq_value *state;   /* NULL: none */
    struct barq_value *members; /* a list or a map; NULL: none */
};

/* NULL when it is none, or finished. */
static struct object *unfinished(struct barq_value *value)
{
    bool open = value->kind == BARQ_NAMED && !value->as.named.content;

    return open ? (struct object *)(void *)value : NULL;
}

/* The name of what a reference refers to; NULL when it is none. */
static const char *referred(struct barq_value *value)
{
    const struct object *object = unfinished(value);
    bool is_reference = object ? object->how == REFERENCE
                               : value->kind == BARQ_NAMED && barq_is_null(barq_content_of(value));

    return is_reference ? barq_name_of(value) : NULL;
}

static struct barq_value *make(struct bq_pickle *in, enum how how, const char *name,
                               struct barq_value *args)
{
    struct object *object = bq_arena_alloc(in->arena, sizeof(*object));
    if (!object) {
        return bq_pickle_made(in, NULL);
    }

    object->value.kind = BARQ_NAMED;
    object->value.depth = 1;
    object->value.as.named.name = name;
    object->how = how;
    object->args = args;
    return &object->value;
}

/* Python 3 writes protocol 2 with the names that Python 2 had; these are the ones that data uses. */
static const char *module_today(const char *module)
{
    static const char *const renamed[][2] = {
        {"__builtin__", "builtins"},
        {"exceptions", "builtins"},
        {"copy_reg", "copyreg"},
    };

    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (strcmp(module, renamed[i][0]) == 0) {
            return renamed[i][1];
        }
    }
    return module;
}

static const char *name_today(const char *module, const char *name)
{
    if (strcmp(module, "__builtin__") != 0) {
        return name;
    }
    if (strcmp(name, "xrange") == 0) {
        return "range";
    }
    if (strcmp(name, "unicode") == 0) {
        return "str";
    }
    return strcmp(name, "long") == 0 ? "int" : name;
}

/* Copies a part of a name into `arena`; NULL also when it is none. */
static const char *name_part(struct bq_pickle *in, const char *text, size_t len)
{
    bool fine = len > 0 && len <= NAME_MAX_BYTES && bq_utf8_valid(text, len) &&
                !memchr(text, '\0', len) && !memchr(text, ':', len);
    if (!fine) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "a reference whose name is none");
    }
    const char *copy = bq_arena_strndup(in->arena, text, len);
    return copy ? copy : bq_pickle_fail(in, BARQ_ERR_NOMEM, "no memory is left for its values");
}

struct barq_value *bq_pickle_global(struct bq_pickle *in, const char *module, size_t module_len,
                                    const char *name, size_t name_len)
{
    const char *place = name_part(in, module, module_len);
    const char *what = place ? name_part(in, name, name_len) : NULL;
    if (!what) {
        return NULL;
    }
    if (in->protocol < 3) {
        what = name_today(place, what);
        place = module_today(place);
    }
    const char *whole =
        bq_arena_format(in->arena, "%s%c%s", place, strchr(what, '.') ? ':' : '.', what);
    return whole ? make(in, REFERENCE, whole, NULL) : bq_pickle_made(in, NULL);
}

/* -- calls that are plain data; each returns NULL where it is none, or when the pickle has failed -- */

typedef struct barq_value *known_call(struct bq_pickle *in, const struct barq_value *args);

static bool is_text(const struct barq_value *value, const char *wanted)
{
    const char *text = barq_kind(value) == BARQ_STRING ? barq_as_string(value, "") : "";

    return strcmp(text, wanted) == 0;
}

static struct barq_value *call_set(struct bq_pickle *in, const struct barq_value *args)
{
    const struct barq_value *from = barq_at(args, 0);
    bool fine = barq_count(args) == 0 || (barq_count(args) == 1 && barq_kind(from) == BARQ_LIST);
    struct barq_value *set = fine ? bq_pickle_made(in, barq_set(in->arena)) : NULL;

    for (size_t i = 0; set && i < barq_count(from); i++) {
        struct barq_value *copy = barq_copy(in->arena, barq_at(from, i));
        if (!bq_pickle_made(in, copy) || !bq_pickle_add(in, set, copy)) {
            return NULL;
        }
    }
    return set;
}

/* Text whose characters are bytes: protocol 2 has no bytes of its own. */
static struct barq_value *latin1_bytes(struct bq_pickle *in, const struct barq_value *string)
{
    size_t len;
    const uint8_t *text = barq_as_bytes(string, &len);
    char *room;
    struct barq_value *bytes = bq_text_new(in->arena, BARQ_BYTES, len, &room);
    size_t count = 0;

    for (size_t i = 0; bytes && i < len; i++) {
        if (text[i] >= 0xc4) {
            return bq_pickle_fail(in, BARQ_ERR_FORMAT, "bytes with a character above U+00FF");
        }
        if (text[i] >= 0xc0) {
            i++;
            room[count++] = (char)((text[i - 1] & 0x03) << 6 | (text[i] & 0x3f));
        } else {
            room[count++] = (char)text[i];
        }
    }
    if (bytes) {
        bytes->as.text.len = count;
        room[count] = '\0';
    }
    return bq_pickle_made(in, bytes);
}

static struct barq_value *call_encode(struct bq_pickle *in, const struct barq_value *args)
{
    bool fine = barq_count(args) == 2 && barq_kind(barq_at(args, 0)) == BARQ_STRING &&
                (is_text(barq_at(args, 1), "latin1") || is_text(barq_at(args, 1), "latin-1"));

    return fine ? latin1_bytes(in, barq_at(args, 0)) : NULL;
}

static struct barq_value *call_bytes(struct bq_pickle *in, const struct barq_value *args)
{
    size_t len;
    const void *bytes = barq_as_bytes(barq_at(args, 0), &len);
    if (barq_count(args) == 0 ||
        (barq_count(args) == 1 && barq_kind(barq_at(args, 0)) == BARQ_BYTES)) {
        return bq_pickle_made(in, barq_bytes(in->arena, bytes, len));
    }
    return call_encode(in, args);
}

/* What follows are its pairs; a map keeps their order, too. */
static struct barq_value *call_ordered_dict(struct bq_pickle *in, const struct barq_value *args)
{
    return barq_count(args) == 0 ? bq_pickle_made(in, barq_map(in->arena)) : NULL;
}

/* Protocols 2 and 3 refer to what is inside of a class by asking the class for it. */
static struct barq_value *call_getattr(struct bq_pickle *in, const struct barq_value *args)
{
    const struct barq_value *outer = barq_at(args, 0);
    const char *name = barq_kind(outer) == BARQ_NAMED && barq_is_null(barq_content_of(outer))
                           ? barq_name_of(outer)
                           : NULL;
    size_t len;
    const char *inner = barq_as_bytes(barq_at(args, 1), &len);
    const char *cut = name ? strchr(name, ':') : NULL;
    if (!cut && name) {
        cut = strrchr(name, '.');
    }
    if (!cut || barq_count(args) != 2 || barq_kind(barq_at(args, 1)) != BARQ_STRING) {
        return NULL;
    }

    const char *whole = bq_arena_format(in->arena, "%s.%s", cut + 1, inner);
    if (!whole) {
        return bq_pickle_made(in, NULL);
    }
    return bq_pickle_global(in, name, (size_t)(cut - name), whole, strlen(whole));
}

static struct barq_value *call_date(struct bq_pickle *in, const struct barq_value *args)
{
    struct barq_value *plain = bq_pickle_date_args(in, args);

    return plain ? make(in, CALL, "datetime.date", plain) : NULL;
}

static struct barq_value *call_time(struct bq_pickle *in, const struct barq_value *args)
{
    struct barq_value *plain = bq_pickle_time_args(in, args);

    return plain ? make(in, CALL, "datetime.time", plain) : NULL;
}

static const struct {
    const char *name;
    known_call *call;
} known_calls[] = {
    {"builtins.set", call_set},
    {"builtins.frozenset", call_set},
    {"builtins.bytes", call_bytes},
    {"builtins.bytearray", call_bytes},
    {"builtins.getattr", call_getattr},
    {"_codecs.encode", call_encode},
    {"collections.OrderedDict", call_ordered_dict},
    {"datetime.datetime", bq_pickle_datetime},
    {"datetime.date", call_date},
    {"datetime.time", call_time},
};

static struct barq_value *call_known(struct bq_pickle *in, const char *name,
                                     const struct barq_value *args)
{
    for (size_t i = 0; i < sizeof(known_calls) / sizeof(known_calls[0]); i++) {
        if (strcmp(known_calls[i].name, name) == 0) {
            return known_calls[i].call(in, args);
        }
    }
    return NULL;
}

struct barq_value *bq_pickle_call(struct bq_pickle *in, struct barq_value *callable,
                                  struct barq_value *args)
{
    const char *name = referred(callable);
    if (!name || args->kind != BARQ_TUPLE) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "what is called is no name with arguments");
    }

    /* Arguments are closed by what was made of them, so that what uses them again counts as sharing. */
    struct barq_value *own = bq_pickle_use(in, args);
    struct barq_value *plain = own ? call_known(in, name, own) : NULL;
    if (plain) {
        own->closed = true;
    }
    return plain || in->status != BARQ_OK ? plain : make(in, CALL, name, own);
}

struct barq_value *bq_pickle_new(struct bq_pickle *in, struct barq_value *class,
                                 struct barq_value *args)
{
    const char *name = referred(class);

    if (!name || args->kind != BARQ_TUPLE) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "what is made is no name with arguments");
    }
    /* What takes arguments when it is made takes the same when it is called, and is written so. */
    return barq_count(args) > 0 ? bq_pickle_call(in, class, args) : make(in, NEW, name, args);
}

/* -- what comes to an object later -- */

static struct object *growing(struct bq_pickle *in, struct barq_value *value)
{
    struct object *object = unfinished(value);

    if (object && object->how != REFERENCE) {
        return object;
    }
    return bq_pickle_fail(in, BARQ_ERR_FORMAT, "%s",
                          value->kind == BARQ_NAMED
                              ? "it changes an object that is in use, perhaps in itself"
                              : "what it changes is no object");
}

bool bq_pickle_build(struct bq_pickle *in, struct barq_value *object, struct barq_value *state)
{
    if (!bq_pickle_finish(in, state)) {
        return false;
    }
    struct object *of = growing(in, object);
    if (!of) {
        return false;
    }
    if (of->state) {
        (void)bq_pickle_fail(in, BARQ_ERR_FORMAT, "an object's state for the second time");
        return false;
    }
    of->state = barq_is_null(state) ? NULL : state; /* to Python, None is no state */
    return true;
}

struct barq_value *bq_pickle_members(struct bq_pickle *in, struct barq_value *object, bool is_map)
{
    struct object *of = growing(in, object);
    if (!of) {
        return NULL;
    }
    if (!of->members) {
        of->members = bq_pickle_made(in, is_map ? barq_map(in->arena) : barq_list(in->arena));
    } else if ((of->members->kind == BARQ_MAP) != is_map) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "an object with both items and pairs");
    }
    return of->members;
}

/* -- its content -- */

static bool add_or_null(struct bq_pickle *in, struct barq_value *list, struct barq_value *item)
{
    struct barq_value *whole = item ? item : bq_pickle_made(in, barq_null(in->arena));

    return whole && bq_pickle_add(in, list, whole);
}

static struct barq_value *whole_content(struct bq_pickle *in, const struct object *object)
{
    struct barq_value *list = bq_pickle_made(in, barq_list(in->arena));
    if (!list || !add_or_null(in, list, object->how == NEW ? NULL : object->args) ||
        !add_or_null(in, list, object->state) || !add_or_null(in, list, object->members)) {
        return NULL;
    }
    return list;
}

/* "01234567-89ab-cdef-0123-456789abcdef", of the number that Python keeps; NULL when it is no such number. */
static struct barq_value *uuid_text(struct bq_pickle *in, const struct barq_value *state)
{
    const struct barq_value *number = barq_get(state, "int");
    enum barq_kind kind = barq_kind(number);
    uint8_t bytes[BQ_INTEGER_MAX_BYTES] = {0};
    size_t len = kind == BARQ_INT || kind == BARQ_BIGINT ? bq_integer_bytes(number, bytes) : 0;
    bool fits = len > 0 && (bytes[len - 1] & 0x80) == 0 &&
                (len <= UUID_BYTES || (len == UUID_BYTES + 1 && bytes[UUID_BYTES] == 0));
    char text[UUID_TEXT_BYTES];
    char *at = text;
    if (!fits) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "a UUID that is no number of 128 bits");
    }

    for (int i = UUID_BYTES - 1; i >= 0; i--) {
        at += snprintf(at, 3, "%02x", bytes[i]);
        if (i == 12 || i == 10 || i == 8 || i == 6) {
            *at++ = '-';
        }
    }
    return bq_pickle_made(in, barq_string_of(in->arena, text, (size_t)(at - text)));
}

static struct barq_value *new_content(struct bq_pickle *in, struct object *object)
{
    bool has_map = object->state && object->state->kind == BARQ_MAP;

    if (has_map && strcmp(object->value.as.named.name, "uuid.UUID") == 0) {
        return uuid_text(in, object->state);
    }
    if (has_map) {
        return bq_pickle_use(in, object->state);
    }
    return object->state ? whole_content(in, object) : bq_pickle_made(in, barq_map(in->arena));
}

static struct barq_value *content(struct bq_pickle *in, struct object *object)
{
    if (object->how == REFERENCE) {
        return bq_pickle_made(in, barq_null(in->arena));
    }
    if (object->how == NEW && !object->members) {
        return new_content(in, object);
    }
    return object->state || object->members ? whole_content(in, object)
                                            : bq_pickle_use(in, object->args);
}

/* The lone argument of a call, if it can stand for the tuple that it is in. */
static const struct barq_value *lone_scalar(const struct object *object)
{
    bool alone = object->how != REFERENCE && !object->state && !object->members &&
                 barq_count(object->args) == 1;
    const struct barq_value *one = alone ? barq_at(object->args, 0) : NULL;

    return one && one->depth == 0 && !barq_is_null(one) ? one : NULL;
}

bool bq_pickle_finish(struct bq_pickle *in, struct barq_value *value)
{
    struct object *object = unfinished(value);
    if (!object) {
        return true;
    }
    const struct barq_value *one = lone_scalar(object);
    if (one) {
        object->value.as.named.content = one;
        return true;
    }
    struct barq_value *inside = content(in, object);
    if (!inside) {
        return false;
    }

    struct barq_value *named = barq_named(in->arena, object->value.as.named.name, inside);
    if (!bq_pickle_made(in, named)) {
        return false;
    }
    if (named->flaw != BQ_FLAW_NONE) {
        (void)bq_pickle_fail(in, BARQ_ERR_LIMIT, "more than %d containers in each other",
                             BARQ_VALUE_MAX_DEPTH);
        return false;
    }
    object->value = *named;
    return true;
}
