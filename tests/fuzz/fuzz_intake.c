/*
 * Any bytes for whatever reads a file that a person imports: nothing crashes,
 * what comes out is text, and it is the same whatever the pieces.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "auto.h"
#include "base/text.h"
#include "formats/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct seen {
    uint64_t sum; /* which any difference in the items would change */
    size_t items;
};

static void add_text(struct seen *seen, const char *text)
{
    if (text) {
        assert(bq_utf8_valid(text, strlen(text)));
        seen->sum = seen->sum * 31 + bq_hash(text, strlen(text));
    }
}

static enum barq_status take_item(void *context, const struct bm_item *item, struct barq_error *err)
{
    struct seen *seen = context;

    (void)err;
    assert(item->line >= 0);
    if (item->reading == BM_READ_TARGET) {
        char url[BM_TARGET_URL_BYTES];
        struct bm_target again;
        bm_target_url(&item->target, url);
        assert(bm_target_parse(url, strlen(url), &again, NULL) == BARQ_OK);
        assert(again.kind == item->target.kind && strcmp(again.id, item->target.id) == 0);
        add_text(seen, url);
    } else {
        assert(item->why);
    }
    seen->items++;
    seen->sum = seen->sum * 31 + (uint64_t)item->line;
    add_text(seen, item->title);
    add_text(seen, item->note);
    add_text(seen, item->folder);
    add_text(seen, item->member);
    for (size_t i = 0; i < item->n_tags; i++) {
        add_text(seen, item->tags[i]);
    }
    for (size_t i = 0; i < item->n_fields; i++) {
        add_text(seen, item->fields[i].text);
    }
    return BARQ_OK;
}

static struct seen read_pieces(const char *bytes, size_t len, size_t piece)
{
    bm_auto(reader) struct bm_reader *reader = NULL;
    struct seen seen = {.sum = 0};
    const struct bm_sink sink = {.context = &seen, .item = take_item};
    struct barq_error err;

    enum barq_status status = bm_reader_open(&sink, false, &reader, &err);
    for (size_t at = 0; status == BARQ_OK && at < len; at += piece) {
        status = bm_reader_push(reader, bytes + at, len - at < piece ? len - at : piece, &err);
    }
    if (status == BARQ_OK) {
        status = bm_reader_end(reader, &err);
    }
    seen.sum = seen.sum * 31 + (uint64_t)status;
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;

    struct seen whole = read_pieces(text, len, len + 1);
    struct seen small = read_pieces(text, len, 7);
    assert(whole.sum == small.sum && whole.items == small.items);
    return 0;
}
