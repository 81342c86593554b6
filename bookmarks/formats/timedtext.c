/* Timed text, YouTube's XML: <transcript><text start dur>, or <timedtext><body><p t d>. */
#include <string.h>

#include "base/text.h"
#include "formats/cues.h"
#include "formats/xml.h"

enum { TIME_BYTES = 32 };

struct reader {
    struct bm_cues *cues;
    bool in_cue;
    int64_t start_ms;
    int64_t end_ms;
    struct bq_buf text;  /* of the cue, decoded once */
    struct bq_buf plain; /* without tags, decoded twice */
    struct bq_buf value; /* of an attribute */
};

/* An attribute as milliseconds: "1.54" seconds, or "1540" when `in_ms`; -1 when there is none. */
static int64_t time_of(struct reader *reader, const struct bm_xml *xml, const char *name,
                       bool in_ms)
{
    int64_t ms = 0;
    if (!bm_xml_attribute(xml, name, &reader->value)) {
        return -1;
    }
    const char *text = bq_buf_cstr(&reader->value);
    if (!text) {
        return -1;
    }

    if (in_ms) {
        return bq_parse_int(text, &ms) ? ms : -1;
    }
    return bq_parse_seconds_ms(text, &ms) ? ms : -1;
}

static void begin_cue(struct reader *reader, const struct bm_xml *xml, bool in_ms)
{
    int64_t lasts_ms = time_of(reader, xml, in_ms ? "d" : "dur", in_ms);

    reader->start_ms = time_of(reader, xml, in_ms ? "t" : "start", in_ms);
    reader->end_ms = lasts_ms >= 0 ? reader->start_ms + lasts_ms : -1;
    reader->in_cue = reader->start_ms >= 0;
    bq_buf_reset(&reader->text);
}

/* The text of a cue is HTML within the XML: tags are dropped, and entities there are of their own. */
static void put_plain(struct reader *reader)
{
    const char *at = reader->text.data;
    const char *end = at + reader->text.len;

    bq_buf_reset(&reader->plain);
    while (at < end) {
        const char *tag = memchr(at, '<', (size_t)(end - at));
        const char *close = tag ? memchr(tag, '>', (size_t)(end - tag)) : NULL;
        const char *stop = close ? tag : end;
        bm_put_decoded(&reader->plain, at, (size_t)(stop - at));
        at = close ? close + 1 : end;
    }
}

static void end_cue(struct reader *reader)
{
    if (reader->in_cue && reader->text.len > 0) {
        put_plain(reader);
        if (reader->plain.len > 0) {
            bm_cues_add(reader->cues, reader->start_ms, reader->end_ms, reader->plain.data,
                        reader->plain.len);
        }
    }
    reader->in_cue = false;
}

static void read_part(struct reader *reader, const struct bm_xml *xml)
{
    bool is_text = xml->kind != BM_XML_TEXT && bm_xml_is(xml, "text");
    bool is_p = xml->kind != BM_XML_TEXT && bm_xml_is(xml, "p");

    if (xml->kind == BM_XML_TEXT && reader->in_cue) {
        bm_xml_put_text(xml, &reader->text);
    } else if (xml->kind == BM_XML_OPEN && (is_text || is_p)) {
        begin_cue(reader, xml, is_p);
    } else if (xml->kind == BM_XML_CLOSE && (is_text || is_p)) {
        end_cue(reader);
    } else if (xml->kind == BM_XML_OPEN && reader->in_cue && bm_xml_is(xml, "br")) {
        bq_buf_put_u8(&reader->text, ' ');
    }
}

void bm_timedtext_read(const char *text, size_t len, struct bm_cues *cues)
{
    struct bm_xml xml = bm_xml_of(text, len);
    struct reader reader = {.cues = cues};

    bq_buf_init(&reader.text, BM_CAPTIONS_MAX_BYTES);
    bq_buf_init(&reader.plain, BM_CAPTIONS_MAX_BYTES);
    bq_buf_init(&reader.value, TIME_BYTES);
    while (!cues->full && !cues->too_many && bm_xml_next(&xml)) {
        read_part(&reader, &xml);
    }
    cues->full |= reader.text.starved || reader.plain.starved;
    bq_buf_clear(&reader.text);
    bq_buf_clear(&reader.plain);
    bq_buf_clear(&reader.value);
}
