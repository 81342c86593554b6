#include "services/youtube_answer.h"

#include <ctype.h>
#include <string.h>

#include <barq/value.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

enum {
    MAX_TAGS = 250, /* YouTube allows 500 characters of them */
    MOST_DURATION_S = 366 * 86400,
    COUNTRIES_MAX_BYTES = 1024, /* there are 249 */
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

static const char *text_of(const struct barq_value *value)
{
    return barq_kind(value) == BARQ_STRING ? barq_as_string(value, NULL) : NULL;
}

const char *bm_youtube_keep(struct barq_arena *arena, const struct barq_value *value, bool *full)
{
    return bm_metadata_keep(arena, text_of(value), full);
}

const char *bm_youtube_thumbnail(struct barq_arena *arena, const struct barq_value *snippet,
                                 bool *full)
{
    static const char *const sizes[] = {"medium", "high",
                                        "default"}; /* the best for a list first */
    const struct barq_value *thumbnails = barq_get(snippet, "thumbnails");

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct barq_value *url = barq_get(barq_get(thumbnails, sizes[i]), "url");
        if (barq_kind(url) == BARQ_STRING) {
            return bm_youtube_keep(arena, url, full);
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
        const char *tag = bm_youtube_keep(arena, barq_at(tags, i), full);
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

/* "123": YouTube writes counts as text. */
static int64_t count_of(const struct barq_value *value)
{
    int64_t count = -1;

    return bq_parse_int(barq_as_string(value, ""), &count) && count >= 0 ? count : -1;
}

static enum bm_answer answer_of(const struct barq_value *value)
{
    if (barq_kind(value) == BARQ_BOOL) {
        return barq_as_bool(value, false) ? BM_YES : BM_NO;
    }
    if (strcmp(barq_as_string(value, ""), "true") == 0) {
        return BM_YES;
    }
    return strcmp(barq_as_string(value, ""), "false") == 0 ? BM_NO : BM_UNKNOWN;
}

/* ["AT", "DE"] as "AT,DE" */
static const char *join_countries(struct barq_arena *arena, const struct barq_value *list,
                                  bool *full)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, COUNTRIES_MAX_BYTES);

    for (size_t i = 0; i < barq_count(list); i++) {
        const char *code = barq_as_string(barq_at(list, i), "");
        if (strlen(code) == 2 && isalpha((unsigned char)code[0]) &&
            isalpha((unsigned char)code[1])) {
            bq_buf_printf(&text, "%s%s", text.len ? "," : "", code);
        }
    }
    const char *joined = bq_arena_strndup(arena, text.data ? text.data : "", text.len);
    *full |= !joined;
    return joined;
}

static void read_region(const struct barq_value *item, struct barq_arena *arena,
                        struct bm_metadata *video, bool *full)
{
    const struct barq_value *region =
        barq_get(barq_get(item, "contentDetails"), "regionRestriction");
    const struct barq_value *allowed = barq_get(region, "allowed");
    const struct barq_value *blocked = barq_get(region, "blocked");

    if (barq_kind(allowed) == BARQ_LIST) { /* an empty one: nowhere */
        video->region = BM_ONLY_IN;
        video->countries = join_countries(arena, allowed, full);
    } else if (barq_kind(blocked) == BARQ_LIST && barq_count(blocked) > 0) {
        video->region = BM_NOT_IN;
        video->countries = join_countries(arena, blocked, full);
    }
}

static void read_live(const struct barq_value *item, struct bm_metadata *video)
{
    const struct barq_value *live = barq_get(item, "liveStreamingDetails");
    const char *said =
        barq_as_string(barq_get(barq_get(item, "snippet"), "liveBroadcastContent"), "");
    const char *actual = barq_as_string(barq_get(live, "actualStartTime"), NULL);
    const char *planned = barq_as_string(barq_get(live, "scheduledStartTime"), "");

    if (strcmp(said, "live") == 0 || strcmp(said, "upcoming") == 0) {
        video->live = *said == 'l' ? "live" : "upcoming";
    } else if (barq_get(live, "actualEndTime") || actual) {
        video->live = "was";
    } else if (strcmp(said, "none") == 0) {
        video->live = "none";
    }
    if (!bq_time_parse(actual ? actual : planned, &video->live_at_ms)) {
        video->live_at_ms = INT64_MIN;
    }
}

static void read_details(const struct barq_value *item, struct barq_arena *arena,
                         struct bm_metadata *video, bool *full)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *details = barq_get(item, "contentDetails");
    const struct barq_value *statistics = barq_get(item, "statistics");
    const struct barq_value *state = barq_get(item, "status");

    video->description = bm_metadata_keep_most(arena, text_of(barq_get(snippet, "description")),
                                               BM_METADATA_DESCRIPTION_BYTES, full);
    video->category_id = bm_youtube_keep(arena, barq_get(snippet, "categoryId"), full);
    video->privacy = bm_youtube_keep(arena, barq_get(state, "privacyStatus"), full);
    video->definition = bm_youtube_keep(arena, barq_get(details, "definition"), full);
    video->views = count_of(barq_get(statistics, "viewCount"));
    video->likes = count_of(barq_get(statistics, "likeCount"));
    video->comments = count_of(barq_get(statistics, "commentCount"));
    video->embeddable = answer_of(barq_get(state, "embeddable"));
    video->captioned = answer_of(barq_get(details, "caption"));
}

static void read_video(const struct barq_value *item, struct barq_arena *arena,
                       struct bm_metadata *video, bool *full)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *spoken = barq_get(snippet, "defaultAudioLanguage");
    const struct barq_value *written = barq_get(snippet, "defaultLanguage");

    video->found = true;
    video->reason = NULL;
    video->refusal = BM_REFUSAL_NONE;
    video->origin = "api";
    video->title = bm_youtube_keep(arena, barq_get(snippet, "title"), full);
    video->channel = bm_youtube_keep(arena, barq_get(snippet, "channelTitle"), full);
    video->channel_id = bm_youtube_keep(arena, barq_get(snippet, "channelId"), full);
    video->language = bm_youtube_keep(arena, spoken ? spoken : written, full);
    video->thumbnail_url = bm_youtube_thumbnail(arena, snippet, full);
    read_tags(barq_get(snippet, "tags"), arena, video, full);
    read_numbers(item, video);
    read_details(item, arena, video, full);
    read_region(item, arena, video, full);
    read_live(item, video);
}

/* -- all of them -- */

enum barq_status bm_youtube_take_videos(const struct barq_value *answer, const char *const *ids,
                                        size_t count, struct barq_arena *arena,
                                        const struct bm_metadata **out, struct barq_error *err)
{
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
