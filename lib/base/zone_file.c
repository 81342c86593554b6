/*
 * zone_file.c - TZif, RFC 8536: a header and a block of 32 bit times; from
 * version 2 on another header, a block of 64 bit times, and a POSIX TZ string
 * for the time after them, between newlines. Integers are big-endian.
 */
#include <string.h>

#include "base/zone_rule.h"

enum {
    HEADER_BYTES = 44,
    TYPE_BYTES = 6, /* i32 offset, u8 daylight saving, u8 where its abbreviation begins */
    RULE_MAX_BYTES = 255,
    MAX_CHANGES = 8192,
};

struct header {
    int version;
    uint32_t n_isut, n_isstd, n_leaps, n_changes, n_types, n_chars;
};

struct bytes {
    const unsigned char *at;
    size_t left;
};

static uint32_t u32_of(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t i64_of(const unsigned char *at)
{
    return (int64_t)((uint64_t)u32_of(at) << 32 | u32_of(at + 4));
}

/* NULL when there are not that many. */
static const unsigned char *take(struct bytes *bytes, size_t len)
{
    const unsigned char *at = bytes->at;

    if (bytes->left < len) {
        return NULL;
    }
    bytes->at += len;
    bytes->left -= len;
    return at;
}

static bool read_header(struct bytes *bytes, struct header *out)
{
    const unsigned char *at = take(bytes, HEADER_BYTES);

    if (!at || memcmp(at, "TZif", 4) != 0) {
        return false;
    }
    *out = (struct header){
        .version = at[4] == '\0' ? 1 : at[4] - '0',
        .n_isut = u32_of(at + 20),
        .n_isstd = u32_of(at + 24),
        .n_leaps = u32_of(at + 28),
        .n_changes = u32_of(at + 32),
        .n_types = u32_of(at + 36),
        .n_chars = u32_of(at + 40),
    };
    return out->version >= 1 && out->n_types >= 1 && out->n_types <= 256 && out->n_chars >= 1 &&
           out->n_chars <= 4096 && out->n_changes <= MAX_CHANGES && out->n_leaps <= MAX_CHANGES &&
           (out->n_isut == 0 || out->n_isut == out->n_types) &&
           (out->n_isstd == 0 || out->n_isstd == out->n_types);
}

/* What is in a block behind its changes. */
static size_t rest_bytes(const struct header *header, size_t time_bytes)
{
    return header->n_chars + header->n_leaps * (time_bytes + 4) + header->n_isstd + header->n_isut;
}

static bool skip_block(struct bytes *bytes, const struct header *header)
{
    return take(bytes, (size_t)header->n_changes * 5 + (size_t)header->n_types * TYPE_BYTES +
                           rest_bytes(header, 4)) != NULL;
}

static bool read_offset(const struct header *header, const unsigned char *types, size_t type,
                        int32_t *out)
{
    const unsigned char *at = types + type * TYPE_BYTES;
    int32_t offset_s = (int32_t)u32_of(at);

    *out = offset_s;
    return offset_s > -BQ_ZONE_OFFSET_MAX_S && offset_s < BQ_ZONE_OFFSET_MAX_S && at[4] <= 1 &&
           at[5] < header->n_chars;
}

static bool read_block(struct bytes *bytes, const struct header *header, size_t time_bytes,
                       struct bq_zone *zone)
{
    const unsigned char *times = take(bytes, header->n_changes * time_bytes);
    const unsigned char *indexes = take(bytes, header->n_changes);
    const unsigned char *types = take(bytes, (size_t)header->n_types * TYPE_BYTES);
    int64_t last_s = BQ_ZONE_BEGIN;

    if (!times || !indexes || !types || !take(bytes, rest_bytes(header, time_bytes)) ||
        !read_offset(header, types, 0, &zone->first_offset_s)) {
        return false;
    }
    for (uint32_t i = 0; i < header->n_changes; i++) {
        int64_t at_s = time_bytes == 8 ? i64_of(times + (size_t)i * 8)
                                       : (int32_t)u32_of(times + (size_t)i * 4);
        if (at_s <= last_s || at_s >= BQ_ZONE_END || indexes[i] >= header->n_types ||
            !read_offset(header, types, indexes[i], &zone->offsets_s[i])) {
            return false;
        }
        zone->changes_s[i] = last_s = at_s;
    }
    zone->n_changes = header->n_changes;
    return true;
}

/* Between two newlines; there may be nothing. */
static bool read_footer(struct bytes *bytes, struct bq_zone *zone)
{
    char text[RULE_MAX_BYTES + 1];
    const unsigned char *newline = take(bytes, 1);
    const unsigned char *end = newline ? memchr(bytes->at, '\n', bytes->left) : NULL;

    if (!end || *newline != '\n' || (size_t)(end - bytes->at) > RULE_MAX_BYTES) {
        return false;
    }
    size_t len = (size_t)(end - bytes->at);
    memcpy(text, bytes->at, len);
    text[len] = '\0';
    zone->has_rule = len > 0;
    return len == 0 || (strlen(text) == len && bq_zone_rule_parse(text, &zone->rule));
}

static bool make_room(struct barq_arena *arena, const struct header *header, struct bq_zone *zone)
{
    size_t count = header->n_changes + 1;

    zone->changes_s = bq_arena_array(arena, count, sizeof(zone->changes_s[0]));
    zone->offsets_s = bq_arena_array(arena, count, sizeof(zone->offsets_s[0]));
    return zone->changes_s && zone->offsets_s;
}

static enum barq_status no_tzif(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_FORMAT, "zone: the file is damaged, or no TZif");
}

enum barq_status bq_zone_read(struct barq_arena *arena, const void *bytes, size_t len,
                              struct bq_zone **out, struct barq_error *err)
{
    struct bytes left = {bytes, len};
    struct header header;
    struct bq_zone *zone = bq_arena_alloc(arena, sizeof(*zone));

    if (!read_header(&left, &header)) {
        return no_tzif(err);
    }
    bool long_times = header.version >= 2;
    if (long_times && (!skip_block(&left, &header) || !read_header(&left, &header))) {
        return no_tzif(err);
    }
    if (header.n_leaps > 0) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "zone: the file counts leap seconds, which the system's clock does not");
    }
    if (!zone || !make_room(arena, &header, zone)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "zone: arena is full");
    }
    if (!read_block(&left, &header, long_times ? 8 : 4, zone) ||
        (long_times && !read_footer(&left, zone))) {
        return no_tzif(err);
    }
    zone->name = "";
    *out = zone;
    return BARQ_OK;
}
