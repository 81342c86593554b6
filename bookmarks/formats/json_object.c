#include "formats/json_object.h"

#include <string.h>

#include "base/text.h"

enum { DEPTH_MAX = 8 };

static const char *text_of(const struct barq_value *value, const char *key)
{
    const char *text = barq_as_string(barq_get(value, key), "");

    return *text != '\0' ? text : NULL;
}

const char *bm_json_name(const struct barq_value *value)
{
    static const char *const keys[] = {"playlistName", "name", "title"};
    const char *name = NULL;

    for (size_t i = 0; !name && i < sizeof(keys) / sizeof(keys[0]); i++) {
        name = text_of(value, keys[i]);
    }
    return name;
}

/* A history names YouTube in each entry, and an entry may have lost its address. */
static bool is_watched(const struct barq_value *value)
{
    return barq_get(value, "titleUrl") ||
           (bq_starts_with(barq_as_string(barq_get(value, "header"), ""), "YouTube") &&
            barq_get(value, "products"));
}

/* The surest first. "id" is one of YouTube's only when it has the form of one. */
static const char *address_of(const struct barq_value *value)
{
    static const char *const keys[] = {"titleUrl", "webpage_url", "url",       "original_url",
                                       "link",     "href",        "video_url", "youtube_id",
                                       "video_id", "videoId"};
    struct bm_target target;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *text = text_of(value, keys[i]);
        if (text) {
            return text;
        }
    }
    const char *content = text_of(barq_get(value, "content"), "url"); /* of Karakeep */
    if (content) {
        return content;
    }
    const char *id = text_of(value, "id");
    bool is_id = id && bm_target_parse(id, strlen(id), &target, NULL) == BARQ_OK;
    return is_id ? id : NULL;
}

static int64_t time_of(const struct barq_value *value)
{
    static const char *const keys[] = {"added_at",  "added",      "createdAt", "created_at",
                                       "timeAdded", "time_added", "time"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct barq_value *time = barq_get(value, keys[i]);
        int64_t at_ms = barq_kind(time) == BARQ_STRING ? bm_item_time(barq_as_string(time, ""))
                                                       : bm_item_instant(barq_as_double(time, 0));
        if (at_ms != INT64_MIN) {
            return at_ms;
        }
    }
    return INT64_MIN;
}

/* Words of a person: what was kept somewhere has a time, what YouTube says of itself has not. */
static bool is_kept(const struct barq_value *value)
{
    return barq_get(value, "createdAt") || barq_get(value, "created_at") ||
           barq_get(value, "added_at") || barq_get(value, "added");
}

static void take_tags(const struct barq_value *value, struct bm_item *item)
{
    const struct barq_value *tags = barq_get(value, "tags");

    for (size_t i = 0; i < barq_count(tags) && item->n_tags < BM_ITEM_TAGS_MAX; i++) {
        const struct barq_value *tag = barq_at(tags, i);
        const char *name =
            barq_kind(tag) == BARQ_MAP ? text_of(tag, "name") : barq_as_string(tag, NULL);
        if (name && *name != '\0') {
            item->tags[item->n_tags++] = name;
        }
    }
}

static enum barq_status give_skipped(const struct bm_json_context *context, const char *why,
                                     struct barq_error *err)
{
    const struct bm_item item = {.reading = BM_READ_SKIPPED,
                                 .line = context->line,
                                 .why = why,
                                 .text = "",
                                 .added_at_ms = INT64_MIN};

    return context->sink->item(context->sink->context, &item, err);
}

static const char *plain_title(const char *title)
{
    return title && bq_starts_with(title, "Watched ") ? title + strlen("Watched ") : title;
}

static enum barq_status take_watched(const struct bm_json_context *context,
                                     const struct barq_value *value, struct barq_error *err)
{
    struct bm_item item = {.line = context->line,
                           .title = plain_title(text_of(value, "title")),
                           .added_at_ms = time_of(value)};

    if (context->inside) {
        return give_skipped(context, "only watched: to have a history, import its file itself",
                            err);
    }
    if (barq_get(value, "details")) {
        return give_skipped(context, "an advertisement", err);
    }
    if (!text_of(value, "titleUrl")) {
        return bm_item_fail(context->sink, context->line, "",
                            "no address: the video was removed from YouTube", err);
    }
    return bm_item_give(context->sink, &item, text_of(value, "titleUrl"), true, err);
}

static enum barq_status take_address(const struct bm_json_context *context,
                                     const struct barq_value *value, const char *address,
                                     struct barq_error *err)
{
    struct bm_item item = {.line = context->line,
                           .title = text_of(value, "title"),
                           .folder = context->folder,
                           .record = context->own ? value : NULL,
                           .added_at_ms = time_of(value)};

    item.title = item.title ? item.title : text_of(value, "name");
    item.note = text_of(value, "note");
    if (is_kept(value)) {
        /* Of an export of ours that is YouTube's, and its notes have their own place. */
        item.note = item.note || context->own ? item.note : text_of(value, "description");
        take_tags(value, &item);
    }
    return bm_item_give(context->sink, &item, address, is_kept(value), err);
}

static enum barq_status search(const struct bm_json_context *context,
                               const struct barq_value *value, int depth, size_t *found,
                               struct barq_error *err);

/* Of the members of a list or an object. */
static enum barq_status search_members(const struct bm_json_context *context,
                                       const struct barq_value *value, int depth, size_t *found,
                                       struct barq_error *err)
{
    struct bm_json_context inner = *context;
    enum barq_status status = BARQ_OK;

    if (barq_kind(value) == BARQ_MAP && bm_json_name(value)) {
        inner.folder = bm_json_name(value);
    }
    for (size_t i = 0; status == BARQ_OK && i < barq_count(value); i++) {
        status = search(&inner, barq_at(value, i), depth + 1, found, err);
    }
    return status;
}

static enum barq_status search(const struct bm_json_context *context,
                               const struct barq_value *value, int depth, size_t *found,
                               struct barq_error *err)
{
    bool is_map = barq_kind(value) == BARQ_MAP;
    bool is_list = barq_kind(value) == BARQ_LIST;

    if (is_map && is_watched(value)) {
        *found += 1;
        return take_watched(context, value, err);
    }
    const char *address = is_map ? address_of(value) : NULL;
    if (address) {
        *found += 1;
        return take_address(context, value, address, err);
    }
    if ((is_map || is_list) && depth < DEPTH_MAX) {
        return search_members(context, value, depth, found, err);
    }
    return BARQ_OK;
}

enum barq_status bm_json_object(const struct bm_json_context *context,
                                const struct barq_value *value, struct barq_error *err)
{
    size_t found = 0;

    if (barq_kind(value) == BARQ_STRING) { /* ["https://...", ...] */
        struct bm_item item = {
            .line = context->line, .folder = context->folder, .added_at_ms = INT64_MIN};
        return bm_item_give(context->sink, &item, barq_as_string(value, ""), false, err);
    }
    enum barq_status status = search(context, value, 0, &found, err);
    if (status == BARQ_OK && found == 0) {
        return context->listed
                   ? give_skipped(context, "no address in it", err)
                   : bm_item_fail(context->sink, context->line, "", "no address in it", err);
    }
    return status;
}
