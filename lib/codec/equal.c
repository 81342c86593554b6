/*
 * equal.c - when two values are the same; what is the same has the same hash.
 */
#include <math.h>
#include <string.h>

#include <barq/value.h>

#include "codec/hash.h"
#include "codec/value.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t pair[2] = {a, b};

    return bq_keyed_hash(pair, sizeof(pair));
}

static uint64_t hash(const struct barq_value *value);

static uint64_t hash_double(double number)
{
    uint64_t bits = 0; /* both zeros are equal, and so are all NaN */

    if (isnan(number)) {
        return mix(BARQ_DOUBLE, UINT64_MAX);
    }
    if (number < 0 || number > 0) {
        memcpy(&bits, &number, sizeof(bits));
    }
    return mix(BARQ_DOUBLE, bits);
}

static uint64_t hash_in_order(const struct barq_value *list)
{
    uint64_t sum = list->kind;

    for (size_t i = 0; i < barq_count(list); i++) {
        sum = mix(sum, hash(barq_at(list, i)));
    }
    return sum;
}

static uint64_t hash_in_any_order(const struct barq_value *box)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < barq_count(box); i++) {
        const struct barq_value *key = barq_key_at(box, i);
        uint64_t own = hash(barq_at(box, i));
        sum += key ? mix(hash(key), own) : own;
    }
    return mix(box->kind, sum);
}

static uint64_t hash(const struct barq_value *value)
{
    if (!value) {
        return mix(BARQ_NULL, 0);
    }
    switch ((enum barq_kind)value->kind) {
    case BARQ_NULL:
        return mix(BARQ_NULL, 0);
    case BARQ_BOOL:
        return mix(BARQ_BOOL, value->as.truth);
    case BARQ_INT:
        return mix(BARQ_INT, (uint64_t)value->as.number);
    case BARQ_DOUBLE:
        return hash_double(value->as.real);
    case BARQ_BIGINT:
    case BARQ_STRING:
    case BARQ_BYTES:
        return bq_keyed_hash(value->as.text.bytes, value->as.text.len) + value->kind;
    case BARQ_LIST:
    case BARQ_TUPLE:
        return hash_in_order(value);
    case BARQ_SET:
    case BARQ_MAP:
        return hash_in_any_order(value);
    case BARQ_TIMESTAMP:
        return mix((uint64_t)value->as.time.at_us, (uint32_t)value->as.time.zone_minutes);
    case BARQ_NAMED:
        return mix(bq_keyed_hash(value->as.named.name, strlen(value->as.named.name)),
                   hash(value->as.named.content));
    }
    return 0;
}

uint32_t bq_value_hash(const struct barq_value *value)
{
    if (value && value->hash != 0) {
        return value->hash;
    }
    uint32_t short_hash = (uint32_t)hash(value);
    return short_hash != 0 ? short_hash : 1;
}

static bool equal_doubles(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a <= b && a >= b);
}

static bool equal_texts(const struct barq_value *a, const struct barq_value *b)
{
    return a->as.text.len == b->as.text.len &&
           memcmp(a->as.text.bytes, b->as.text.bytes, a->as.text.len) == 0;
}

static bool equal_in_order(const struct barq_value *a, const struct barq_value *b)
{
    if (barq_count(a) != barq_count(b)) {
        return false;
    }
    for (size_t i = 0; i < barq_count(a); i++) {
        if (!barq_equal(barq_at(a, i), barq_at(b, i))) {
            return false;
        }
    }
    return true;
}

static bool equal_sets(const struct barq_value *a, const struct barq_value *b)
{
    if (barq_count(a) != barq_count(b)) {
        return false;
    }
    for (size_t i = 0; i < barq_count(a); i++) {
        if (!bq_holds(b, barq_at(a, i))) {
            return false;
        }
    }
    return true;
}

static bool equal_maps(const struct barq_value *a, const struct barq_value *b)
{
    if (barq_count(a) != barq_count(b)) {
        return false;
    }
    for (size_t i = 0; i < barq_count(a); i++) {
        const struct barq_value *other;
        if (!bq_find_key(b, barq_key_at(a, i), &other) || !barq_equal(barq_at(a, i), other)) {
            return false;
        }
    }
    return true;
}

static bool equal_named(const struct barq_value *a, const struct barq_value *b)
{
    return strcmp(a->as.named.name, b->as.named.name) == 0 &&
           barq_equal(a->as.named.content, b->as.named.content);
}

bool barq_equal(const struct barq_value *a, const struct barq_value *b)
{
    if (!a || !b) {
        return barq_is_null(a) && barq_is_null(b);
    }
    if (a->kind != b->kind) {
        return false;
    }
    switch ((enum barq_kind)a->kind) {
    case BARQ_NULL:
        return true;
    case BARQ_BOOL:
        return a->as.truth == b->as.truth;
    case BARQ_INT:
        return a->as.number == b->as.number;
    case BARQ_DOUBLE:
        return equal_doubles(a->as.real, b->as.real);
    case BARQ_BIGINT:
    case BARQ_STRING:
    case BARQ_BYTES:
        return equal_texts(a, b);
    case BARQ_LIST:
    case BARQ_TUPLE:
        return equal_in_order(a, b);
    case BARQ_SET:
        return equal_sets(a, b);
    case BARQ_MAP:
        return equal_maps(a, b);
    case BARQ_TIMESTAMP:
        return a->as.time.at_us == b->as.time.at_us &&
               a->as.time.zone_minutes == b->as.time.zone_minutes;
    case BARQ_NAMED:
        return equal_named(a, b);
    }
    return false;
}
