#include "formats/xml.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum {
    ENTITY_MAX_BYTES = 12, /* "&#x10FFFF;" */
    REPLACEMENT = 0xfffd,
};

/* -- entities -- */

static void put_char(struct bq_buf *out, uint32_t code)
{
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        code = REPLACEMENT;
    }
    if (code < 0x80) {
        bq_buf_put_u8(out, (uint8_t)code);
    } else if (code < 0x800) {
        bq_buf_put_u8(out, (uint8_t)(0xc0 | code >> 6));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        bq_buf_put_u8(out, (uint8_t)(0xe0 | code >> 12));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    } else {
        bq_buf_put_u8(out, (uint8_t)(0xf0 | code >> 18));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        bq_buf_put_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    }
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* "#39" or "#x27"; false when it is no number. */
static bool read_number(const char *name, size_t len, uint32_t *code)
{
    int base = len > 1 && (name[1] | 0x20) == 'x' ? 16 : 10;
    size_t at = base == 16 ? 2 : 1;

    *code = 0;
    if (at >= len) {
        return false;
    }
    for (; at < len; at++) {
        int digit = digit_of(name[at]);
        if (digit >= base) {
            return false;
        }
        *code = *code * (uint32_t)base + (uint32_t)digit; /* at most 9 digits: no overflow below */
        if (*code > 0x10ffff) {
            *code = REPLACEMENT;
        }
    }
    return true;
}

static bool find_entity(const char *name, size_t len, uint32_t *code)
{
    static const struct {
        const char *name;
        uint32_t code;
    } known[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0},
    };

    if (len > 1 && name[0] == '#') {
        return read_number(name, len, code);
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0) {
            *code = known[i].code;
            return true;
        }
    }
    return false;
}

void bm_put_decoded(struct bq_buf *out, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        size_t left = (size_t)(end - text);
        const char *mark = memchr(text, '&', left);
        size_t plain = mark ? (size_t)(mark - text) : left;
        bq_buf_put(out, text, plain);
        text += plain;
        if (text == end) {
            break;
        }
        left -= plain;
        const char *stop = memchr(text, ';', left < ENTITY_MAX_BYTES ? left : ENTITY_MAX_BYTES);
        uint32_t code = 0;
        if (stop && find_entity(text + 1, (size_t)(stop - text) - 1, &code)) {
            put_char(out, code);
            text = stop + 1;
        } else {
            bq_buf_put(out, text++, 1);
        }
    }
}

/* -- the document -- */

struct bm_xml bm_xml_of(const char *text, size_t len)
{
    return (struct bm_xml){.at = text, .end = text + len};
}

static bool begins(const struct bm_xml *xml, const char *prefix)
{
    size_t len = strlen(prefix);

    return (size_t)(xml->end - xml->at) >= len && memcmp(xml->at, prefix, len) == 0;
}

static const char *find(const char *at, const char *end, const char *mark)
{
    return memmem(at, (size_t)(end - at), mark, strlen(mark));
}

static bool stop(struct bm_xml *xml, bool broken)
{
    xml->kind = BM_XML_END;
    xml->broken |= broken;
    xml->at = xml->end;
    return false;
}

/* <!-- -->, <? ?>, <! >: skips it; false when it has no end. */
static bool skip(struct bm_xml *xml)
{
    const char *mark = ">";

    if (begins(xml, "<!--")) {
        mark = "-->";
    } else if (begins(xml, "<?")) {
        mark = "?>";
    }
    const char *after = find(xml->at + 2, xml->end, mark);
    if (after) {
        xml->at = after + strlen(mark);
    }
    return after;
}

static bool take_cdata(struct bm_xml *xml)
{
    static const char start[] = "<![CDATA[";
    const char *from = xml->at + sizeof(start) - 1;
    const char *to = find(from, xml->end, "]]>");
    if (!to) {
        return stop(xml, true);
    }

    xml->kind = BM_XML_TEXT;
    xml->plain = true;
    xml->text = from;
    xml->len = (size_t)(to - from);
    xml->at = to + 3;
    return true;
}

/* The ">" that ends a tag: not one in quotes. */
static const char *find_tag_end(const char *at, const char *end)
{
    char quote = '\0';

    for (; at < end; at++) {
        if (quote) {
            if (*at == quote) {
                quote = '\0';
            }
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '>') {
            return at;
        }
    }
    return NULL;
}

static size_t name_len(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && !isspace((unsigned char)*at) && *at != '/' && *at != '>') {
        at++;
    }
    return (size_t)(at - from);
}

static bool take_tag(struct bm_xml *xml)
{
    bool closes = begins(xml, "</");
    const char *name = xml->at + (closes ? 2 : 1);
    const char *end = find_tag_end(name, xml->end);
    if (!end) {
        return stop(xml, true);
    }

    xml->kind = closes ? BM_XML_CLOSE : BM_XML_OPEN;
    xml->text = name;
    xml->len = name_len(name, end);
    xml->attributes = name + xml->len;
    xml->attributes_len = (size_t)(end - xml->attributes);
    xml->closes_itself = !closes && end > name && end[-1] == '/';
    xml->at = end + 1;
    return true;
}

static bool take_text(struct bm_xml *xml)
{
    const char *tag = memchr(xml->at, '<', (size_t)(xml->end - xml->at));

    xml->kind = BM_XML_TEXT;
    xml->plain = false;
    xml->text = xml->at;
    xml->at = tag ? tag : xml->end;
    xml->len = (size_t)(xml->at - xml->text);
    return true;
}

bool bm_xml_next(struct bm_xml *xml)
{
    if (xml->closes_itself) {
        xml->closes_itself = false;
        xml->kind = BM_XML_CLOSE;
        return true;
    }
    while (xml->at < xml->end) {
        if (*xml->at != '<') {
            return take_text(xml);
        }
        if (begins(xml, "<![CDATA[")) {
            return take_cdata(xml);
        }
        if (!begins(xml, "<!") && !begins(xml, "<?")) {
            return take_tag(xml);
        }
        if (!skip(xml)) {
            return stop(xml, true);
        }
    }
    return stop(xml, false);
}

bool bm_xml_is(const struct bm_xml *xml, const char *name)
{
    return strlen(name) == xml->len && memcmp(xml->text, name, xml->len) == 0;
}

void bm_xml_put_text(const struct bm_xml *xml, struct bq_buf *out)
{
    if (xml->plain) {
        bq_buf_put(out, xml->text, xml->len);
    } else {
        bm_put_decoded(out, xml->text, xml->len);
    }
}

bool bm_xml_attribute(const struct bm_xml *xml, const char *name, struct bq_buf *out)
{
    const char *at = xml->attributes;
    const char *end = at + xml->attributes_len;
    size_t wanted = strlen(name);

    bq_buf_reset(out);
    while (at < end) {
        const char *equals = memchr(at, '=', (size_t)(end - at));
        const char *value = equals ? equals + 1 : end;
        while (at < end && isspace((unsigned char)*at)) {
            at++;
        }
        bool hit = equals && (size_t)(equals - at) == wanted && memcmp(at, name, wanted) == 0;
        while (value < end && isspace((unsigned char)*value)) {
            value++;
        }
        if (value == end || (*value != '"' && *value != '\'')) {
            return false;
        }
        const char *closing = memchr(value + 1, *value, (size_t)(end - value - 1));
        if (!closing) {
            return false;
        }
        if (hit) {
            bm_put_decoded(out, value + 1, (size_t)(closing - value - 1));
            return true;
        }
        at = closing + 1;
    }
    return false;
}
