#include "services/youtube_listed.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/xml.h"
#include "services/youtube_answer.h"
#include "video/url.h"

enum { TITLE_MAX_BYTES = 4096 };

static int64_t time_of(const struct barq_value *value)
{
    int64_t at_ms = INT64_MIN;

    return bq_time_parse(barq_as_string(value, ""), &at_ms) ? at_ms : INT64_MIN;
}

static bool begin_page(const struct barq_value *answer, struct barq_arena *arena,
                       struct bm_listed_page *page, struct bm_listed **videos)
{
    size_t most = barq_count(barq_get(answer, "items"));
    const struct barq_value *total = barq_get(barq_get(answer, "pageInfo"), "totalResults");
    bool full = false;

    *page = (struct bm_listed_page){.total = barq_as_int(total, -1)};
    page->next = bm_youtube_keep(arena, barq_get(answer, "nextPageToken"), &full);
    *videos = most ? bq_arena_array(arena, most, sizeof(**videos)) : NULL;
    page->videos = *videos;
    return !full && (*videos || most == 0);
}

/* -- playlists -- */

/* A list keeps what is gone, under these names: YouTube writes them in English whatever is asked. */
static enum bm_refusal death_of(const struct barq_value *item, const struct bm_listed *video)
{
    const char *privacy = barq_as_string(barq_get(barq_get(item, "status"), "privacyStatus"), "");

    if (strcmp(privacy, "private") == 0) {
        return BM_REFUSAL_PRIVATE;
    }
    if (video->published_at_ms != INT64_MIN || !video->title || video->channel_id) {
        return BM_REFUSAL_NONE;
    }
    if (strcmp(video->title, "Private video") == 0) {
        return BM_REFUSAL_PRIVATE;
    }
    return strcmp(video->title, "Deleted video") == 0 ? BM_REFUSAL_GONE : BM_REFUSAL_NONE;
}

static bool take_listed(const struct barq_value *item, struct barq_arena *arena,
                        struct bm_listed *video, bool *full)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *details = barq_get(item, "contentDetails");
    const struct barq_value *id = barq_get(details, "videoId");
    const struct barq_value *resource = barq_get(barq_get(snippet, "resourceId"), "videoId");
    const char *text = barq_as_string(id ? id : resource, "");
    if (!bm_video_id_valid(text)) {
        return false;
    }

    *video = (struct bm_listed){
        .youtube_id = bm_youtube_keep(arena, id ? id : resource, full),
        .title = bm_youtube_keep(arena, barq_get(snippet, "title"), full),
        .channel = bm_youtube_keep(arena, barq_get(snippet, "videoOwnerChannelTitle"), full),
        .channel_id = bm_youtube_keep(arena, barq_get(snippet, "videoOwnerChannelId"), full),
        .thumbnail_url = bm_youtube_thumbnail(arena, snippet, full),
        .added_at_ms = time_of(barq_get(snippet, "publishedAt")),
        .published_at_ms = time_of(barq_get(details, "videoPublishedAt")),
    };
    video->dead = death_of(item, video);
    return true;
}

bool bm_take_playlist_items(const struct barq_value *answer, struct barq_arena *arena,
                            struct bm_listed_page *out)
{
    const struct barq_value *items = barq_get(answer, "items");
    struct bm_listed_page page;
    struct bm_listed *videos = NULL;
    bool full = !begin_page(answer, arena, &page, &videos);

    for (size_t i = 0; videos && !full && i < barq_count(items); i++) {
        page.count += take_listed(barq_at(items, i), arena, &videos[page.count], &full);
    }
    if (!full) {
        *out = page;
    }
    return !full;
}

/* -- search -- */

static const char *keep_escaped(struct barq_arena *arena, const struct barq_value *value,
                                bool *full)
{
    bq_auto(buf) struct bq_buf text;
    const char *escaped = barq_as_string(value, "");
    size_t len = strnlen(escaped, TITLE_MAX_BYTES);

    bq_buf_init(&text, (size_t)2 * TITLE_MAX_BYTES);
    bm_put_decoded(&text, escaped, len);
    const char *plain = bq_buf_cstr(&text);
    *full |= !plain;
    return plain ? bm_metadata_keep(arena, plain, full) : NULL;
}

static bool take_found(const struct barq_value *item, struct barq_arena *arena,
                       struct bm_listed *video, bool *full)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *id = barq_get(barq_get(item, "id"), "videoId");
    if (!bm_video_id_valid(barq_as_string(id, ""))) {
        return false;
    }

    *video = (struct bm_listed){
        .youtube_id = bm_youtube_keep(arena, id, full),
        .title = keep_escaped(arena, barq_get(snippet, "title"), full),
        .channel = keep_escaped(arena, barq_get(snippet, "channelTitle"), full),
        .channel_id = bm_youtube_keep(arena, barq_get(snippet, "channelId"), full),
        .thumbnail_url = bm_youtube_thumbnail(arena, snippet, full),
        .added_at_ms = INT64_MIN,
        .published_at_ms = time_of(barq_get(snippet, "publishedAt")),
    };
    return true;
}

bool bm_take_found(const struct barq_value *answer, struct barq_arena *arena,
                   struct bm_listed_page *out)
{
    const struct barq_value *items = barq_get(answer, "items");
    struct bm_listed_page page;
    struct bm_listed *videos = NULL;
    bool full = !begin_page(answer, arena, &page, &videos);

    for (size_t i = 0; videos && !full && i < barq_count(items); i++) {
        page.count += take_found(barq_at(items, i), arena, &videos[page.count], &full);
    }
    if (!full) {
        *out = page;
    }
    return !full;
}

/* -- playlists and channels as such -- */

static int64_t count_of(const struct barq_value *item)
{
    const struct barq_value *number = barq_get(barq_get(item, "contentDetails"), "itemCount");
    const struct barq_value *text = barq_get(barq_get(item, "statistics"), "videoCount");
    int64_t count = -1;

    if (number) {
        return barq_as_int(number, -1);
    }
    return bq_parse_int(barq_as_string(text, ""), &count) ? count : -1;
}

bool bm_take_source(const struct barq_value *item, struct barq_arena *arena,
                    struct bm_list_source *out)
{
    const struct barq_value *snippet = barq_get(item, "snippet");
    const struct barq_value *owner = barq_get(snippet, "channelId");
    const struct barq_value *name = barq_get(snippet, "channelTitle");
    const struct barq_value *lists = barq_get(barq_get(item, "contentDetails"), "relatedPlaylists");
    const char *about = barq_as_string(barq_get(snippet, "description"), NULL);
    const char *handle = barq_as_string(barq_get(snippet, "customUrl"), "");
    bool full = false;

    struct bm_list_source source = {
        .id = bm_youtube_keep(arena, barq_get(item, "id"), &full),
        .title = bm_youtube_keep(arena, barq_get(snippet, "title"), &full),
        .description = bm_metadata_keep_most(arena, about, BM_METADATA_DESCRIPTION_BYTES, &full),
        .channel_id = bm_youtube_keep(arena, owner ? owner : barq_get(item, "id"), &full),
        .channel = bm_youtube_keep(arena, name ? name : barq_get(snippet, "title"), &full),
        .handle = *handle == '@' ? bm_metadata_keep(arena, handle, &full) : NULL,
        .thumbnail_url = bm_youtube_thumbnail(arena, snippet, &full),
        .uploads = bm_youtube_keep(arena, barq_get(lists, "uploads"), &full),
        .videos = count_of(item),
    };
    if (!full) {
        *out = source;
    }
    return !full;
}
