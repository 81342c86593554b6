/*
 * xml.h - the tags and the text of an XML document, one after the other.
 *
 *     struct bm_xml xml = bm_xml_of(text, len);
 *     while (bm_xml_next(&xml)) {
 *         if (xml.kind == BM_XML_OPEN && bm_xml_is(&xml, "entry")) ...
 *     }
 *
 * As much as feeds and captions need. Nothing is resolved: no document type,
 * no namespaces (a name is with its prefix), no entities but the five and
 * numbers. So what is hostile is at worst read as what it isn't. Whether tags
 * match is for whoever counts them.
 */
#ifndef BM_XML_H
#define BM_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum bm_xml_kind {
    BM_XML_END,
    BM_XML_OPEN,
    BM_XML_CLOSE, /* also after a tag that closes itself */
    BM_XML_TEXT,
};

/* Borrows the document. */
struct bm_xml {
    enum bm_xml_kind kind;
    const char *text; /* of a tag its name, of TEXT what is between the tags, not decoded */
    size_t len;
    bool plain;             /* TEXT of a CDATA section: means what it says */
    const char *attributes; /* of an OPEN, not decoded */
    size_t attributes_len;
    bool broken; /* at the END: the document breaks off within a tag */
    const char *at;
    const char *end;
    bool closes_itself;
};

struct bm_xml bm_xml_of(const char *text, size_t len);
/* False at the end, and then always. */
bool bm_xml_next(struct bm_xml *xml);

bool bm_xml_is(const struct bm_xml *xml, const char *name);
/* Adds the TEXT, decoded. */
void bm_xml_put_text(const struct bm_xml *xml, struct bq_buf *out);
/* The decoded value of an OPEN's attribute into `out` (emptied before); false when there is none. */
bool bm_xml_attribute(const struct bm_xml *xml, const char *name, struct bq_buf *out);

/* Adds `text` with &amp; &lt; &gt; &quot; &apos; &nbsp; &#39; &#x27; decoded; all others stay. */
void bm_put_decoded(struct bq_buf *out, const char *text, size_t len);

#endif
