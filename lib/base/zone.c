#include "base/zone.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/zone_rule.h"

#define ZONES     "/usr/share/zoneinfo"
#define LOCALTIME "/etc/localtime"

const char *bq_zone_name(const struct bq_zone *zone)
{
    return zone->name;
}

static enum barq_status set_name(struct barq_arena *arena, const char *name, struct bq_zone *zone,
                                 struct barq_error *err)
{
    zone->name = bq_arena_strdup(arena, name);
    return zone->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "zone: arena is full");
}

enum barq_status bq_zone_parse(struct barq_arena *arena, const char *text, struct bq_zone **out,
                               struct barq_error *err)
{
    struct bq_zone *zone = bq_arena_alloc(arena, sizeof(*zone));

    if (!zone) {
        return bq_fail(err, BARQ_ERR_NOMEM, "zone: arena is full");
    }
    if (!bq_zone_rule_parse(text, &zone->rule)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "zone: this is no POSIX TZ string");
    }
    zone->has_rule = true;
    enum barq_status status = set_name(arena, text, zone, err);
    if (status == BARQ_OK) {
        *out = zone;
    }
    return status;
}

/* Reads a file that has at most `size` - 1 bytes; of a larger one, `size`. */
static enum barq_status read_bytes(const char *path, char *bytes, size_t size, size_t *out,
                                   struct barq_error *err)
{
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
    size_t len = 0;
    ssize_t got = 1;

    while (fd >= 0 && got > 0 && len < size) {
        got = read(fd, bytes + len, size - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (fd < 0 || got < 0) {
        return bq_fail_errno(err, "zone: %s", path);
    }
    *out = len;
    return BARQ_OK;
}

/* The zone in a file; `name` is what it is called. */
static enum barq_status read_file(struct barq_arena *arena, const char *path, const char *name,
                                  struct bq_zone **out, struct barq_error *err)
{
    bq_auto(memory) char *bytes = malloc(BQ_ZONE_FILE_MAX_BYTES + 1);
    struct bq_zone *zone = NULL;
    size_t len = 0;

    if (!bytes) {
        return bq_fail(err, BARQ_ERR_NOMEM, "zone: out of memory");
    }
    enum barq_status status = read_bytes(path, bytes, BQ_ZONE_FILE_MAX_BYTES + 1, &len, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (len > BQ_ZONE_FILE_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_FORMAT, "zone: %s is larger than any zone", path);
    }
    status = bq_zone_read(arena, bytes, len, &zone, err);
    if (status == BARQ_OK) {
        status = set_name(arena, name, zone, err);
    }
    if (status == BARQ_OK) {
        *out = zone;
    }
    return status;
}

/* Does a name stay within the folder of zones? */
static bool stays_inside(const char *name)
{
    for (const char *part = name; *part != '\0';) {
        size_t len = strcspn(part, "/");
        if (len == 0 || (len <= 2 && strncmp(part, "..", len) == 0)) {
            return false;
        }
        part += len;
        part += *part == '/' && part[1] != '\0';
    }
    return name[0] != '\0';
}

static enum barq_status not_found(const char *name, const char *folder, struct barq_error *err)
{
    if (access(folder, X_OK) != 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND,
                       "zone: '%s': there are no time zones in %s; install the package tzdata",
                       name, folder);
    }
    return bq_fail(err, BARQ_ERR_NOTFOUND,
                   "zone: '%s' is neither a time zone in %s nor a POSIX TZ string", name, folder);
}

static enum barq_status open_named(struct barq_arena *arena, const char *name, struct bq_zone **out,
                                   struct barq_error *err)
{
    const char *tzdir = getenv("TZDIR");
    const char *folder = tzdir && tzdir[0] != '\0' ? tzdir : ZONES;
    char path[PATH_MAX];

    if (strlen(name) > BQ_ZONE_NAME_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG, "zone: a time zone's name has at most %d bytes",
                       BQ_ZONE_NAME_MAX_BYTES);
    }
    if (strchr(name, ',') == NULL && !stays_inside(name)) {
        return bq_fail(err, BARQ_ERR_ARG, "zone: '%s' is no name of a time zone", name);
    }
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (len > 0 && (size_t)len < sizeof(path) && stays_inside(name) && access(path, F_OK) == 0) {
        enum barq_status status = read_file(arena, path, name, out, err);
        return status == BARQ_OK ? status : bq_fail_add(err, name);
    }
    if (bq_zone_parse(arena, name, out, NULL) == BARQ_OK) {
        return BARQ_OK;
    }
    if (bq_equal_nocase(name, "UTC")) { /* it needs no file */
        enum barq_status status = bq_zone_parse(arena, "UTC0", out, err);
        return status == BARQ_OK ? set_name(arena, name, *out, err) : status;
    }
    return not_found(name, folder, err);
}

/* What the link /etc/localtime names; "localtime" when it is a copy. */
static const char *local_name(char *target, size_t size)
{
    static const char folder[] = "/zoneinfo/";
    ssize_t len = readlink(LOCALTIME, target, size - 1);

    if (len <= 0) {
        return "localtime";
    }
    target[len] = '\0';
    const char *name = strstr(target, folder);
    return name ? name + strlen(folder) : "localtime";
}

static enum barq_status open_local(struct barq_arena *arena, struct bq_zone **out,
                                   struct barq_error *err)
{
    char target[PATH_MAX];

    if (access(LOCALTIME, F_OK) != 0) {
        return open_named(arena, "UTC", out, err);
    }
    return read_file(arena, LOCALTIME, local_name(target, sizeof(target)), out, err);
}

enum barq_status bq_zone_open(struct barq_arena *arena, const char *name, struct bq_zone **out,
                              struct barq_error *err)
{
    if (name && name[0] != '\0') {
        return open_named(arena, name, out, err);
    }
    const char *tz = getenv("TZ");
    if (!tz) {
        return open_local(arena, out, err);
    }
    tz += tz[0] == ':';
    if (tz[0] == '/') {
        return read_file(arena, tz, tz, out, err);
    }
    return open_named(arena, tz[0] != '\0' ? tz : "UTC", out, err);
}

static void set_span(const struct bq_zone *zone, size_t n_before, struct bq_zone_span *out)
{
    bool first = n_before == 0;

    out->from_s = first ? BQ_ZONE_BEGIN : zone->changes_s[n_before - 1];
    out->until_s = n_before < zone->n_changes ? zone->changes_s[n_before] : BQ_ZONE_END;
    out->offset_s = first ? zone->first_offset_s : zone->offsets_s[n_before - 1];
    out->before_s = n_before >= 2 ? zone->offsets_s[n_before - 2] : zone->first_offset_s;
}

/* How many changes have come until then. */
static size_t changes_until(const struct bq_zone *zone, int64_t at_s)
{
    size_t low = 0;
    size_t high = zone->n_changes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes_s[middle] <= at_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void bq_zone_at(const struct bq_zone *zone, int64_t at_s, struct bq_zone_span *out)
{
    size_t n_before = changes_until(zone, at_s);

    if (!zone->has_rule || n_before < zone->n_changes) {
        set_span(zone, n_before, out);
        return;
    }
    bq_zone_rule_at(&zone->rule, at_s, out);
    if (zone->n_changes > 0) {
        struct bq_zone_span last;
        set_span(zone, n_before, &last);
        if (out->from_s <= last.from_s) {
            out->from_s = last.from_s;
            out->before_s = last.before_s;
        }
    }
}
