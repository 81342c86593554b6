#include "formats/feed.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/xml.h"
#include "video/url.h"

enum { TEXT_MAX_BYTES = 64 * 1024 }; /* of one element */

struct reader {
    struct barq_arena *arena;
    struct bm_feed *feed;
    struct bm_metadata *videos;
    bool *shorts;
    struct bm_metadata *video; /* within an entry, else NULL */
    struct bq_buf text;        /* of the element that is open */
    struct bq_buf value;       /* of an attribute */
    bool seen;                 /* a <feed> */
    bool closed;               /* and its end */
    bool full;
};

static const char *text_of(struct bq_buf *buf)
{
    const char *text = bq_buf_cstr(buf);

    return text ? text : "";
}

/* Its id is not asked for: who is listed without a valid one is dropped. */
static void begin_entry(struct reader *reader)
{
    struct bm_feed *feed = reader->feed;

    if (feed->count < BM_FEED_MAX_VIDEOS) {
        reader->video = &reader->videos[feed->count];
        *reader->video = bm_metadata_unknown(NULL);
        reader->video->found = true;
        reader->video->origin = "feed";
        reader->shorts[feed->count] = false;
    }
}

static void end_entry(struct reader *reader)
{
    if (reader->video && reader->video->youtube_id) {
        reader->feed->count++;
    }
    reader->video = NULL;
}

static void open_element(struct reader *reader, const struct bm_xml *xml)
{
    bq_buf_reset(&reader->text);
    if (bm_xml_is(xml, "feed")) {
        reader->seen = true;
    } else if (bm_xml_is(xml, "entry")) {
        begin_entry(reader);
    } else if (!reader->video) {
        return;
    } else if (bm_xml_is(xml, "link") && bm_xml_attribute(xml, "href", &reader->value)) {
        reader->shorts[reader->feed->count] = strstr(text_of(&reader->value), "/shorts/") != NULL;
    } else if (bm_xml_is(xml, "media:thumbnail") && bm_xml_attribute(xml, "url", &reader->value)) {
        reader->video->thumbnail_url =
            bm_metadata_keep(reader->arena, text_of(&reader->value), &reader->full);
    } else if (bm_xml_is(xml, "media:statistics") &&
               bm_xml_attribute(xml, "views", &reader->value)) {
        int64_t views = -1;
        reader->video->views =
            bq_parse_int(text_of(&reader->value), &views) && views >= 0 ? views : -1;
    }
}

static void close_in_entry(struct reader *reader, const struct bm_xml *xml, const char *text)
{
    struct bm_metadata *video = reader->video;
    bool *full = &reader->full;

    if (bm_xml_is(xml, "yt:videoId") && bm_video_id_valid(text)) {
        video->youtube_id = bm_metadata_keep(reader->arena, text, full);
    } else if (bm_xml_is(xml, "yt:channelId")) {
        video->channel_id = bm_metadata_keep(reader->arena, text, full);
    } else if (bm_xml_is(xml, "title")) {
        video->title = bm_metadata_keep(reader->arena, text, full);
    } else if (bm_xml_is(xml, "name")) {
        video->channel = bm_metadata_keep(reader->arena, text, full);
    } else if (bm_xml_is(xml, "media:description")) {
        video->description =
            bm_metadata_keep_most(reader->arena, text, BM_METADATA_DESCRIPTION_BYTES, full);
    } else if (bm_xml_is(xml, "published") && !bq_time_parse(text, &video->published_at_ms)) {
        video->published_at_ms = INT64_MIN;
    }
}

static void close_in_feed(struct reader *reader, const struct bm_xml *xml, const char *text)
{
    struct bm_feed *feed = reader->feed;

    if (bm_xml_is(xml, "title") && !feed->title) {
        feed->title = bm_metadata_keep(reader->arena, text, &reader->full);
    } else if (bm_xml_is(xml, "yt:channelId") && !feed->channel_id && *text) {
        feed->channel_id = bq_arena_format(reader->arena, "%s%.100s",
                                           bq_starts_with(text, "UC") ? "" : "UC", text);
        reader->full |= !feed->channel_id;
    }
}

static void close_element(struct reader *reader, const struct bm_xml *xml)
{
    if (bm_xml_is(xml, "entry")) {
        end_entry(reader);
    } else if (bm_xml_is(xml, "feed")) {
        reader->closed = true;
    } else if (reader->video) {
        close_in_entry(reader, xml, text_of(&reader->text));
    } else {
        close_in_feed(reader, xml, text_of(&reader->text));
    }
    bq_buf_reset(&reader->text);
}

static void read_all(struct reader *reader, const char *text, size_t len)
{
    struct bm_xml xml = bm_xml_of(text, len);

    while (!reader->full && bm_xml_next(&xml)) {
        if (xml.kind == BM_XML_OPEN) {
            open_element(reader, &xml);
        } else if (xml.kind == BM_XML_CLOSE) {
            close_element(reader, &xml);
        } else if (reader->text.len + xml.len < TEXT_MAX_BYTES) {
            bm_xml_put_text(&xml, &reader->text);
        }
    }
}

enum barq_status bm_feed_read(const char *text, size_t len, struct barq_arena *arena,
                              struct bm_feed *out, struct barq_error *err)
{
    struct bm_feed feed = {.count = 0};
    struct reader reader = {
        .arena = arena,
        .feed = &feed,
        .videos = bq_arena_array(arena, BM_FEED_MAX_VIDEOS, sizeof(*reader.videos)),
        .shorts = bq_arena_array(arena, BM_FEED_MAX_VIDEOS, sizeof(*reader.shorts)),
    };
    if (!reader.videos || !reader.shorts) {
        return bq_fail(err, BARQ_ERR_NOMEM, "feed: arena is full");
    }
    if (!bq_utf8_valid(text, len)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "feed: not UTF-8");
    }

    bq_buf_init(&reader.text, (size_t)2 * TEXT_MAX_BYTES);
    bq_buf_init(&reader.value, TEXT_MAX_BYTES);
    read_all(&reader, text, len);
    bool starved = reader.text.starved || reader.value.starved;
    bq_buf_clear(&reader.text);
    bq_buf_clear(&reader.value);
    if (reader.full || starved) {
        return bq_fail(err, BARQ_ERR_NOMEM, "feed: arena is full");
    }
    if (!reader.seen || !reader.closed) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       reader.seen ? "feed: it breaks off" : "feed: this is no feed");
    }
    feed.videos = reader.videos;
    feed.shorts = reader.shorts;
    *out = feed;
    return BARQ_OK;
}
