/*
 * container.c - lists, tuples, sets, maps and named values: what goes in, and
 * finding it again.
 *
 * Members lie in one array that doubles. In sets and maps of more than 8 a
 * hash index lies behind them in the same piece of memory: two slots for each
 * place, open addressing, a slot holding a position + 1. Hashes are keyed
 * (hash.c), so that nobody outside can choose keys that collide.
 */
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/text.h"
#include "codec/value.h"

enum {
    FIRST_CAPACITY = 4,
    INDEXED_CAPACITY = 16,
    MAX_CAPACITY = 1 << 28,
};

#define NOWHERE SIZE_MAX

static bool is_container(const struct barq_value *value)
{
    enum barq_kind kind = barq_kind(value);

    return kind == BARQ_LIST || kind == BARQ_TUPLE || kind == BARQ_SET || kind == BARQ_MAP;
}

/* Pointers for one member. */
static size_t width(const struct barq_value *box)
{
    return box->kind == BARQ_MAP ? 2 : 1;
}

/* The slots of the index, or 0 without one. */
static size_t slot_count(const struct barq_value *box, uint32_t capacity)
{
    bool searched = box->kind == BARQ_MAP || box->kind == BARQ_SET;

    return searched && capacity >= INDEXED_CAPACITY ? 2 * (size_t)capacity : 0;
}

static uint32_t *slots_of(const struct barq_value *box)
{
    return (uint32_t *)(void *)(box->as.members.items + box->as.members.capacity * width(box));
}

/* The member, or the key of the pair. */
static const struct barq_value *member(const struct barq_value *box, size_t at)
{
    return box->as.members.items[at * width(box)];
}

static bool is_at(const struct barq_value *box, size_t at, const struct barq_value *wanted,
                  uint32_t hash)
{
    const struct barq_value *here = member(box, at);

    return here->hash == hash && barq_equal(here, wanted);
}

/* The position of a key or of a set's member, or NOWHERE. */
static size_t find(const struct barq_value *box, const struct barq_value *wanted)
{
    size_t slots = slot_count(box, box->as.members.capacity);
    uint32_t hash = bq_value_hash(wanted);
    if (slots == 0) {
        for (size_t at = 0; at < box->as.members.count; at++) {
            if (is_at(box, at, wanted, hash)) {
                return at;
            }
        }
        return NOWHERE;
    }

    const uint32_t *index = slots_of(box);
    for (size_t slot = hash & (slots - 1); index[slot] != 0; slot = (slot + 1) & (slots - 1)) {
        size_t at = index[slot] - 1;
        if (is_at(box, at, wanted, hash)) {
            return at;
        }
    }
    return NOWHERE;
}

/* Notes the member at `at` in the index, if there is one; it always has a free slot. */
static void note(struct barq_value *box, size_t at)
{
    size_t slots = slot_count(box, box->as.members.capacity);
    if (slots == 0) {
        return;
    }

    uint32_t *index = slots_of(box);
    size_t slot = member(box, at)->hash & (slots - 1);
    while (index[slot] != 0) {
        slot = (slot + 1) & (slots - 1);
    }
    index[slot] = (uint32_t)at + 1;
}

static void flaw(struct barq_value *value, enum bq_flaw what)
{
    if (value->flaw == BQ_FLAW_NONE) {
        value->flaw = (uint8_t)what;
    }
}

/* Makes room for one more; on failure the container has its flaw. */
static bool grow(struct barq_value *box)
{
    struct bq_members *members = &box->as.members;
    if (members->count < members->capacity) {
        return true;
    }
    if (members->capacity >= MAX_CAPACITY) {
        flaw(box, BQ_FLAW_TOO_MANY);
        return false;
    }

    uint32_t capacity = members->capacity > 0 ? 2 * members->capacity : FIRST_CAPACITY;
    size_t bytes = capacity * width(box) * sizeof(void *);
    size_t index_bytes = slot_count(box, capacity) * sizeof(uint32_t);
    const struct barq_value **items = bq_arena_alloc(members->arena, bytes + index_bytes);
    if (!items) {
        flaw(box, BQ_FLAW_FULL);
        return false;
    }

    if (members->count > 0) {
        memcpy(items, members->items, members->count * width(box) * sizeof(void *));
    }
    members->items = items;
    members->capacity = capacity;
    for (size_t at = 0; at < members->count; at++) {
        note(box, at);
    }
    return true;
}

/* `second` only for a map. */
static void append(struct barq_value *box, const struct barq_value *first,
                   const struct barq_value *second)
{
    if (!grow(box)) {
        return;
    }
    struct bq_members *members = &box->as.members;
    const struct barq_value **place = members->items + members->count * width(box);
    place[0] = first;
    if (box->kind == BARQ_MAP) {
        place[1] = second;
    }
    members->count++;
    note(box, members->count - 1);
}

/* Why `item` may not go into `box`. */
static enum bq_flaw objection(const struct barq_value *box, const struct barq_value *item)
{
    if (box->closed) {
        return BQ_FLAW_CLOSED;
    }
    if (!item) {
        return BQ_FLAW_MISSING;
    }
    if (item == box) {
        return BQ_FLAW_ITSELF;
    }
    if (item->closed) {
        return BQ_FLAW_ELSEWHERE;
    }
    return item->depth >= BARQ_VALUE_MAX_DEPTH ? BQ_FLAW_TOO_DEEP : BQ_FLAW_NONE;
}

static void deepen(struct barq_value *box, const struct barq_value *item)
{
    if (item->depth >= box->depth) {
        box->depth = (uint8_t)(item->depth + 1);
    }
}

/* Closes `item` for `box`, or marks `box` as broken. */
static bool take(struct barq_value *box, struct barq_value *item)
{
    enum bq_flaw no = objection(box, item);
    if (no != BQ_FLAW_NONE) {
        flaw(box, no);
        return false;
    }
    item->closed = item->depth > 0;
    deepen(box, item);
    return true;
}

static struct barq_value *make(struct barq_arena *arena, enum barq_kind kind)
{
    struct barq_value *box = bq_arena_alloc(arena, sizeof(*box));

    if (box) {
        box->kind = (uint8_t)kind;
        box->depth = 1;
        box->as.members.arena = arena;
    }
    return box;
}

struct barq_value *barq_list(struct barq_arena *arena)
{
    return make(arena, BARQ_LIST);
}

struct barq_value *barq_tuple(struct barq_arena *arena)
{
    return make(arena, BARQ_TUPLE);
}

struct barq_value *barq_set(struct barq_arena *arena)
{
    return make(arena, BARQ_SET);
}

struct barq_value *barq_map(struct barq_arena *arena)
{
    return make(arena, BARQ_MAP);
}

struct barq_value *barq_named(struct barq_arena *arena, const char *name,
                              struct barq_value *content)
{
    if (!name || !bq_utf8_valid(name, strlen(name))) {
        return NULL;
    }
    struct barq_value *named = bq_arena_alloc(arena, sizeof(*named));
    char *copy = bq_arena_strdup(arena, name);
    if (!named || !copy) {
        return NULL;
    }

    named->kind = BARQ_NAMED;
    named->depth = 1;
    named->as.named.name = copy;
    if (take(named, content)) {
        named->as.named.content = content;
    }
    return named;
}

void barq_add(struct barq_value *container, struct barq_value *item)
{
    if (!container) {
        return;
    }
    if (!is_container(container) || container->kind == BARQ_MAP) {
        flaw(container, BQ_FLAW_NO_CONTAINER);
        return;
    }
    if (!take(container, item)) {
        return;
    }

    if (container->kind == BARQ_SET) {
        item->hash = bq_value_hash(item);
        if (find(container, item) != NOWHERE) {
            return;
        }
    }
    append(container, item, NULL);
}

void barq_put(struct barq_value *map, struct barq_value *key, struct barq_value *value)
{
    if (!map) {
        return;
    }
    if (map->kind != BARQ_MAP) {
        flaw(map, BQ_FLAW_NO_CONTAINER);
        return;
    }
    if (!take(map, key) || !take(map, value)) {
        return;
    }

    key->hash = bq_value_hash(key);
    size_t at = find(map, key);
    if (at != NOWHERE) {
        map->as.members.items[2 * at + 1] = value;
        return;
    }
    append(map, key, value);
}

/* A key of `map`'s own, or NULL. */
static struct barq_value *make_key(struct barq_value *map, const char *key)
{
    if (!key || barq_kind(map) != BARQ_MAP || map->closed) {
        return NULL;
    }
    return barq_string(map->as.members.arena, key);
}

void barq_set_key(struct barq_value *map, const char *key, struct barq_value *value)
{
    barq_put(map, make_key(map, key), value);
}

void bq_lend_key(struct barq_value *map, const char *key, const struct barq_value *value)
{
    struct barq_value *name = make_key(map, key);
    if (!map || !take(map, name)) {
        return;
    }
    if (!value || value->depth >= BARQ_VALUE_MAX_DEPTH) {
        flaw(map, value ? BQ_FLAW_TOO_DEEP : BQ_FLAW_MISSING);
        return;
    }

    deepen(map, value);
    name->hash = bq_value_hash(name);
    append(map, name, value);
}

bool bq_holds(const struct barq_value *set, const struct barq_value *wanted)
{
    return barq_kind(set) == BARQ_SET && find(set, wanted) != NOWHERE;
}

bool bq_find_key(const struct barq_value *map, const struct barq_value *key,
                 const struct barq_value **value)
{
    size_t at = barq_kind(map) == BARQ_MAP ? find(map, key) : NOWHERE;
    if (at == NOWHERE) {
        return false;
    }
    if (value) {
        *value = barq_at(map, at);
    }
    return true;
}

size_t barq_count(const struct barq_value *container)
{
    return is_container(container) ? container->as.members.count : 0;
}

const struct barq_value *barq_at(const struct barq_value *container, size_t index)
{
    if (index >= barq_count(container)) {
        return NULL;
    }
    size_t step = width(container);
    return container->as.members.items[index * step + step - 1];
}

const struct barq_value *barq_key_at(const struct barq_value *map, size_t index)
{
    return barq_kind(map) == BARQ_MAP && index < barq_count(map) ? member(map, index) : NULL;
}

const struct barq_value *barq_get(const struct barq_value *map, const char *key)
{
    if (barq_kind(map) != BARQ_MAP || !key) {
        return NULL;
    }
    struct barq_value wanted = {.kind = BARQ_STRING};
    wanted.as.text.bytes = key;
    wanted.as.text.len = strlen(key);
    const struct barq_value *value = NULL;
    (void)bq_find_key(map, &wanted, &value);
    return value;
}
