#include "services/youtube_answer.h"

#include <ctype.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/time.h"

enum {
    PARSED_MAX_BYTES = 64 * 1024 * 1024, /* of an answer as values; its text is bounded before */
    MAX_TAGS = 250,                      /* YouTube allows 500 characters of them */
    MOST_DURATION_S = 366 * 86400,
};

/* -- durations -- */

struct unit {
    char letter;
    bool after_t;
    int64_t seconds;
};

static const struct unit units[] = {
    {'W', false, 604800}, {'D', false, 86400}, {'H', true, 3600}, {'M', true, 60}, {'S', true, 1},
};

/* One to nine digits, moving on; false when there are none, or more. */
static bool read_digits(const char **at, int64_t *number)
{
    const char *start = *at;

    *number = 0;
    while (isdigit((unsigned char)**at) && *at - start < 9) {
        *number = *number * 10 + (*(*at)++ - '0');
    }
    return *at > start && !isdigit((unsigned char)**at);
}

/* The unit of this letter from `next` on, since each comes at most once and in their order. */
static const struct unit *find_unit(const struct unit *next, char letter, bool after_t)
{
    const struct unit *end = units + sizeof(units) / sizeof(units[0]);

    while (next < end && (next->letter != letter || next->after_t != after_t)) {
        next++;
    }
    return next < end ? next : NULL;
}

bool bm_duration_parse(const char *text, int64_t *out_s)
{
    const struct unit *next = units;
    const char *at = text;
    bool after_t = false;
    int64_t total_s = 0;

    if (*at++ != 'P' || *at == '\0') {
        return false;
    }
    while (*at) {
        int64_t number = 0;
        if (!after_t && *at == 'T') {
            after_t = true;
            at++;
        }
        const struct unit *unit = read_digits(&at, &number) ? find_unit(next, *at, after_t) : NULL;
        if (!unit) {
            return false;
        }
        total_s += number * unit->seconds;
        next = unit + 1;
        at++;
    }
    *out_s = total_s;
    return true;
}

/* -- one video -- */

static const char *keep(struct barq_arena *arena, const struct barq_value *value, bool *full)
{
    bool is_text = barq_kind(value) == BARQ_STRING;

    return bm_metadata_keep(arena, is_text ? barq_as_string(value, NULL) : NULL, full);
}

static const struct barq_value *thumbnail_of(const struct barq_value *snippet)
{
    static const char *const sizes[] = {"medium", "high",
                                        "default"}; /* the best for a list first */
    const struct barq_value *thumbnails = barq_get(snippet, "thumbnails");

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct barq_value *url = barq_get(barq_get(thumbnails, sizes[i]), "url");
        if (barq_kind(url) == BARQ_STRING) {
            return url;
        }
    }
    return NULL;
}

static void read_tags(const struct barq_value *tags, struct barq_arena *arena,
                      struct bm_metadata *video, bool *full)
{
    size_t count = barq_count(tags) < MAX_TAGS ? barq_count(tags) : MAX_TAGS;
    if (barq_kind(tags) != BARQ_LIST || count == 0) {
        return;
    }

    const char **kept = bq_arena_array(arena, count, sizeof(*kept));
    *full |= !kept;
    for (size_t i = 0; kept && i < count; i++) {
        const char *tag = keep(arena, barq_at(tags, i), full);
        if (tag) {
            kept[video->n_tags++] = tag;
        }
    }
    video->tags = video->n_tags ? kept : NULL;
}

static void read_numbers(const struct barq_value *item, struct bm_metadata *video)
{
    const struct barq_value *duration = barq_get(barq_get(item, "contentDetails"), "duration");
    const struct barq_value *published = barq_get(barq_get(item, "snippet"), "publishedAt");

    if (!bm_duration_parse(barq_as_string(duration, ""), &video->duration_s) ||
        video->duration_s > MOST_DURATION_S) {
        video->duration_s = -1;
    }
    if (!bq_time_parse(barq_as_string(published, ""), &video->published_at_ms)) {
        video->published_at_ms = INT64_MIN;
    }
}

static void read_video(const struct barq_value *item, struct barq_arena *arena,
                       struct bm_metadata *video, bool *full)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *spoken = barq_get(snippet, "defaultAudioLanguage");
    const struct barq_value *written = barq_get(snippet, "defaultLanguage");

    video->found = true;
    video->reason = NULL;
    video->title = keep(arena, barq_get(snippet, "title"), full);
    video->channel = keep(arena, barq_get(snippet, "channelTitle"), full);
    video->channel_id = keep(arena, barq_get(snippet, "channelId"), full);
    video->language = keep(arena, spoken ? spoken : written, full);
    video->thumbnail_url = keep(arena, thumbnail_of(snippet), full);
    read_tags(barq_get(snippet, "tags"), arena, video, full);
    read_numbers(item, video);
}

/* -- all of them -- */

/* When none was found, `items` may be left out. */
static bool is_video_list(const struct barq_value *answer)
{
    const struct barq_value *items = barq_get(answer, "items");
    const char *kind = barq_as_string(barq_get(answer, "kind"), "");

    return items ? barq_kind(items) == BARQ_LIST : strcmp(kind, "youtube#videoListResponse") == 0;
}

enum barq_status bm_youtube_read_videos(const char *text, size_t len, const char *const *ids,
                                        size_t count, struct barq_arena *arena,
                                        const struct bm_metadata **out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    struct barq_value *answer = NULL;
    struct barq_error why = {0};
    enum barq_status status = barq_from_json(&scratch, text, len, &answer, &why);
    if (status != BARQ_OK) {
        return bq_fail(err, status == BARQ_ERR_NOMEM ? BARQ_ERR_NOMEM : BARQ_ERR_FORMAT,
                       "youtube: the answer is not JSON: %s", why.text);
    }
    if (!is_video_list(answer)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "youtube: the answer is no list of videos");
    }

    struct bm_metadata *videos = bm_metadata_none(
        ids, count, "YouTube does not know it: deleted, private, or never there", arena);
    bool full = !videos;
    const struct barq_value *items = barq_get(answer, "items");
    for (size_t i = 0; !full && i < barq_count(items); i++) {
        const struct barq_value *item = barq_at(items, i);
        struct bm_metadata *video =
            bm_metadata_wanted(videos, count, barq_as_string(barq_get(item, "id"), ""));
        if (video) {
            read_video(item, arena, video, &full);
        }
    }
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "youtube: arena is full");
    }
    *out = videos;
    return BARQ_OK;
}
