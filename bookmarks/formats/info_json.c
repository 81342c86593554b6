#include "formats/info_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "video/url.h"

enum {
    PARSED_MAX_BYTES = 64 * 1024 * 1024,
    MAX_TAGS = 250,
    MOST_S = 366 * 86400,
};

static const char *text_at(const struct barq_value *info, const char *key)
{
    const struct barq_value *value = barq_get(info, key);

    return barq_kind(value) == BARQ_STRING ? barq_as_string(value, NULL) : NULL;
}

static const char *first_of(const struct barq_value *info, const char *key, const char *otherwise)
{
    const char *text = text_at(info, key);

    return text && *text ? text : text_at(info, otherwise);
}

/* Seconds, which Python may have written with a fraction; -1: unknown. */
static double seconds_of(const struct barq_value *value)
{
    double seconds = barq_as_double(value, -1);

    return isfinite(seconds) && seconds >= 0 && seconds <= MOST_S ? seconds : -1;
}

static int64_t count_at(const struct barq_value *info, const char *key)
{
    int64_t count = barq_as_int(barq_get(info, key), -1);

    return count >= 0 ? count : -1;
}

/* "20240229", or seconds since 1970. */
static int64_t published_at(const struct barq_value *info)
{
    int64_t at_s = barq_as_int(barq_get(info, "timestamp"), -1);
    const char *date = text_at(info, "upload_date");
    char text[16];
    int64_t at_ms = INT64_MIN;

    if (at_s > 0 && at_s < INT64_C(253402300800)) {
        return at_s * 1000;
    }
    if (!date || strlen(date) != 8) {
        return INT64_MIN;
    }
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", date, date + 4, date + 6);
    return bq_time_parse(text, &at_ms) ? at_ms : INT64_MIN;
}

/* As YouTube's own words are. */
static const char *live_of(const char *status)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } words[] = {
        {"not_live", "none"}, {"is_live", "live"},  {"is_upcoming", "upcoming"},
        {"was_live", "was"},  {"post_live", "was"},
    };

    for (size_t i = 0; status && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].theirs, status) == 0) {
            return words[i].ours;
        }
    }
    return NULL;
}

static enum bm_answer answer_of(const struct barq_value *value)
{
    if (barq_kind(value) != BARQ_BOOL) {
        return BM_UNKNOWN;
    }
    return barq_as_bool(value, false) ? BM_YES : BM_NO;
}

/* Those that people wrote; "live_chat" is none. */
static enum bm_answer captioned(const struct barq_value *info)
{
    const struct barq_value *subtitles = barq_get(info, "subtitles");
    size_t count = barq_count(subtitles);

    if (barq_kind(subtitles) != BARQ_MAP) {
        return BM_UNKNOWN;
    }
    return count > (barq_get(subtitles, "live_chat") ? 1 : 0) ? BM_YES : BM_NO;
}

static void take_tags(const struct barq_value *tags, struct barq_arena *arena,
                      struct bm_metadata *video, bool *full)
{
    size_t count = barq_count(tags) < MAX_TAGS ? barq_count(tags) : MAX_TAGS;
    if (barq_kind(tags) != BARQ_LIST || count == 0) {
        return;
    }

    const char **kept = bq_arena_array(arena, count, sizeof(*kept));
    *full |= !kept;
    for (size_t i = 0; kept && i < count; i++) {
        const char *tag = bm_metadata_keep(arena, barq_as_string(barq_at(tags, i), NULL), full);
        if (tag) {
            kept[video->n_tags++] = tag;
        }
    }
    video->tags = video->n_tags ? kept : NULL;
}

static void take_texts(const struct barq_value *info, struct barq_arena *arena,
                       struct bm_metadata *video, bool *full)
{
    const char *privacy = text_at(info, "availability");

    video->youtube_id = bm_metadata_keep(arena, text_at(info, "id"), full);
    video->title = bm_metadata_keep(arena, first_of(info, "fulltitle", "title"), full);
    video->channel = bm_metadata_keep(arena, first_of(info, "channel", "uploader"), full);
    video->channel_id = bm_metadata_keep(arena, text_at(info, "channel_id"), full);
    video->language = bm_metadata_keep(arena, text_at(info, "language"), full);
    video->thumbnail_url = bm_metadata_keep(arena, text_at(info, "thumbnail"), full);
    video->description = bm_metadata_keep_most(arena, text_at(info, "description"),
                                               BM_METADATA_DESCRIPTION_BYTES, full);
    if (privacy && (strcmp(privacy, "public") == 0 || strcmp(privacy, "unlisted") == 0 ||
                    strcmp(privacy, "private") == 0)) {
        video->privacy = bm_metadata_keep(arena, privacy, full);
    }
}

static void take_video(const struct barq_value *info, struct barq_arena *arena,
                       struct bm_metadata *video, bool *full)
{
    int64_t live_s = barq_as_int(barq_get(info, "release_timestamp"), -1);

    *video = bm_metadata_unknown(NULL);
    video->found = true;
    take_texts(info, arena, video, full);
    take_tags(barq_get(info, "tags"), arena, video, full);
    video->duration_s = (int64_t)seconds_of(barq_get(info, "duration"));
    video->published_at_ms = published_at(info);
    video->category_id =
        bm_category_id(barq_as_string(barq_at(barq_get(info, "categories"), 0), NULL));
    video->views = count_at(info, "view_count");
    video->likes = count_at(info, "like_count");
    video->comments = count_at(info, "comment_count");
    video->live = live_of(text_at(info, "live_status"));
    video->embeddable = answer_of(barq_get(info, "playable_in_embed"));
    video->captioned = captioned(info);
    if (video->live && strcmp(video->live, "none") != 0 && live_s > 0 && live_s < INT32_MAX) {
        video->live_at_ms = live_s * 1000;
    }
}

/* Those that it lists; in their order, or none at all. */
static void take_chapters(const struct barq_value *chapters, struct barq_arena *arena,
                          struct bm_info *info, bool *full)
{
    size_t count = barq_count(chapters) < BM_CHAPTERS_MAX ? barq_count(chapters) : BM_CHAPTERS_MAX;
    struct bm_chapter *kept = barq_kind(chapters) == BARQ_LIST && count
                                  ? bq_arena_array(arena, count, sizeof(*kept))
                                  : NULL;

    for (size_t i = 0; kept && i < count; i++) {
        const struct barq_value *chapter = barq_at(chapters, i);
        double start = seconds_of(barq_get(chapter, "start_time"));
        double end = seconds_of(barq_get(chapter, "end_time"));
        const char *title =
            bm_metadata_keep_most(arena, text_at(chapter, "title"), BM_CHAPTER_TITLE_BYTES, full);
        if (start < 0 || !title) {
            continue;
        }
        kept[info->n_chapters++] = (struct bm_chapter){
            .start_ms = (int64_t)(start * 1000),
            .end_ms = end < 0 ? -1 : (int64_t)(end * 1000),
            .title = title,
        };
    }
    info->chapters = info->n_chapters ? kept : NULL;
}

/* The address of a language's captions in the best of the forms that we read; NULL: in none. */
static const char *track_url(const struct barq_value *forms)
{
    static const char *const best[] = {"json3", "vtt", "srv1", "srv3"};

    for (size_t i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
        for (size_t j = 0; j < barq_count(forms); j++) {
            const char *ext = text_at(barq_at(forms, j), "ext");
            const char *url = text_at(barq_at(forms, j), "url");
            if (ext && url && strcmp(ext, best[i]) == 0 && strlen(url) < BM_TRACK_URL_BYTES) {
                return url;
            }
        }
    }
    return NULL;
}

static void take_tracks(const struct barq_value *languages, bool is_auto, struct barq_arena *arena,
                        struct bm_info *info, struct bm_track *tracks, bool *full)
{
    for (size_t i = 0; barq_kind(languages) == BARQ_MAP && i < barq_count(languages); i++) {
        const char *language = barq_as_string(barq_key_at(languages, i), "");
        const char *url = track_url(barq_at(languages, i));
        /* Of the automatic ones most are translations of one that was recognised. */
        bool translated = is_auto && url && strstr(url, "tlang=");
        if (!url || translated || info->n_tracks == BM_TRACKS_MAX || *full) {
            continue;
        }
        struct bm_track *track = &tracks[info->n_tracks++];
        track->url = bm_metadata_keep_most(arena, url, BM_TRACK_URL_BYTES, full);
        track->language = bm_metadata_keep(arena, language, full);
        track->is_auto = is_auto;
        *full |= !track->language;
    }
}

static void take_all_tracks(const struct barq_value *value, struct barq_arena *arena,
                            struct bm_info *info, bool *full)
{
    const struct barq_value *written = barq_get(value, "subtitles");
    const struct barq_value *heard = barq_get(value, "automatic_captions");
    size_t most = barq_count(written) + barq_count(heard);
    struct bm_track *tracks =
        most ? bq_arena_array(arena, most < BM_TRACKS_MAX ? most : BM_TRACKS_MAX, sizeof(*tracks))
             : NULL;

    *full |= most && !tracks;
    if (tracks) {
        take_tracks(written, false, arena, info, tracks, full);
        take_tracks(heard, true, arena, info, tracks, full);
    }
    info->tracks = info->n_tracks ? tracks : NULL;
}

static bool is_youtube(const struct barq_value *info)
{
    const char *id = text_at(info, "id");
    const char *extractor = text_at(info, "extractor_key");

    return id && bm_video_id_valid(id) && (!extractor || bq_equal_nocase(extractor, "youtube"));
}

enum barq_status bm_info_take(const struct barq_value *info, struct barq_arena *arena,
                              struct bm_info *out, struct barq_error *err)
{
    struct bm_info taken = {.n_chapters = 0};
    bool full = false;
    if (!is_youtube(info)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "info.json: this is no video of YouTube");
    }

    take_video(info, arena, &taken.video, &full);
    take_chapters(barq_get(info, "chapters"), arena, &taken, &full);
    take_all_tracks(info, arena, &taken, &full);
    if (taken.n_chapters == 0 && taken.video.description) {
        full |= !bm_chapters_of_description(taken.video.description, taken.video.duration_s, arena,
                                            &taken.chapters, &taken.n_chapters);
    }
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "info.json: arena is full");
    }
    *out = taken;
    return BARQ_OK;
}

enum barq_status bm_info_read(const char *text, size_t len, struct barq_arena *arena,
                              struct bm_info *out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *info = NULL;
    struct barq_error why = {0};
    bq_arena_init(&scratch, PARSED_MAX_BYTES);

    enum barq_status status = barq_from_json(&scratch, text, len, &info, &why);
    if (status != BARQ_OK) {
        return bq_fail(err, status, "info.json: %s", why.text);
    }
    return bm_info_take(info, arena, out, err);
}
