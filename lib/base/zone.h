/*
 * zone.h - time zones: by how much the clocks of a place differ from UTC, and
 * when.
 *
 * The rules come from the system's files (/usr/share/zoneinfo, or $TZDIR) in
 * the format TZif (RFC 8536, versions 1 to 4), or are a POSIX TZ string:
 *
 *     Europe/Berlin
 *     CET-1CEST,M3.5.0,M10.5.0/3
 *
 * libc can be asked for one zone a process only, and that through the
 * environment; here a zone is a value, and what is in a file is checked.
 * Files that count leap seconds ("right/...") are refused: our clock does not.
 */
#ifndef BQ_BASE_ZONE_H
#define BQ_BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum {
    BQ_ZONE_NAME_MAX_BYTES = 255,
    BQ_ZONE_FILE_MAX_BYTES = 64 * 1024, /* those of 2025 have 4 KiB at most */
    BQ_ZONE_ARENA_BYTES = 512 * 1024,   /* enough for any file */
    BQ_ZONE_OFFSET_MAX_S = 26 * 3600,   /* either way, and less than this */
};

/* Before and after all times, in seconds since 1970 UTC. */
#define BQ_ZONE_BEGIN (-(INT64_C(1) << 60))
#define BQ_ZONE_END   (INT64_C(1) << 60)

struct bq_zone;

/* A stretch of time in which the clocks are not set. */
struct bq_zone_span {
    int64_t from_s;   /* BQ_ZONE_BEGIN: it has no beginning */
    int64_t until_s;  /* and this is not in it any more; BQ_ZONE_END: it has no end */
    int32_t offset_s; /* what the clocks show is UTC plus this */
    int32_t
        before_s; /* the offset until `from_s`; the same as `offset_s` when it has no beginning */
};

/*
 * The zone of that name, in `arena`. NULL or "" is the system's: $TZ, which may begin with a colon,
 * else /etc/localtime, else UTC.
 *
 * BARQ_ERR_NOTFOUND  neither such a file nor a POSIX TZ string
 * BARQ_ERR_ARG       the name leaves the folder of zones ("..", a leading slash), or is too long
 * BARQ_ERR_FORMAT    its file is no TZif
 */
enum barq_status bq_zone_open(struct barq_arena *arena, const char *name, struct bq_zone **out,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The same from the bytes of a TZif file, or from a POSIX TZ string. */
enum barq_status bq_zone_read(struct barq_arena *arena, const void *bytes, size_t len,
                              struct bq_zone **out, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_zone_parse(struct barq_arena *arena, const char *text, struct bq_zone **out,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* As it was asked for; the system's by what it is called there, as far as that can be known. */
const char *bq_zone_name(const struct bq_zone *zone);

/* The span that `at_s`, an instant of the years 0 to 9999, is in. */
void bq_zone_at(const struct bq_zone *zone, int64_t at_s, struct bq_zone_span *out);

#endif
