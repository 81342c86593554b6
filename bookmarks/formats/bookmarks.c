#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "formats/format.h"
#include "formats/html.h"

enum {
    DEPTH_MAX = 64, /* of folders whose names are kept */
    NAME_BYTES = 256,
    FOLDER_BYTES = 1024,
    TITLE_BYTES = 1024,
    NOTE_BYTES = 16 * 1024,
};

/* What the text before the next tag belongs to. */
enum belongs { TO_NOTHING, TO_FOLDER, TO_TITLE, TO_NOTE };

struct bookmarks {
    const struct bm_sink *sink; /* borrowed */
    struct bm_html html;
    bool netscape; /* else any HTML with links, e.g. a history of Takeout */
    bool after_dt; /* the next <A> is a bookmark, and not a link within a note */
    bool has_item; /* it is given when its note has ended */
    enum belongs belongs;
    char names[DEPTH_MAX][NAME_BYTES]; /* of the folders we are in */
    size_t depth;
    char next_name[NAME_BYTES]; /* of the folder that the next <DL> opens */
    int64_t line;
    int64_t added_at_ms;
    char address[BM_HTML_VALUE_MAX_BYTES];
    char tags[BM_HTML_VALUE_MAX_BYTES];
    char title[TITLE_BYTES];
    char note[NOTE_BYTES];
};

static bool is_netscape(const struct bm_head *head)
{
    return memmem(head->bytes, head->len, "NETSCAPE-Bookmark", strlen("NETSCAPE-Bookmark")) ||
           memmem(head->bytes, head->len, "<DT>", 4) || memmem(head->bytes, head->len, "<dt>", 4);
}

static enum barq_status open_bookmarks(const struct bm_sink *sink, const struct bm_head *head,
                                       void **out, struct barq_error *err)
{
    struct bookmarks *self = calloc(1, sizeof(*self));
    if (!self) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    self->sink = sink;
    self->netscape = is_netscape(head);
    bm_html_init(&self->html, NOTE_BYTES);
    *out = self;
    return BARQ_OK;
}

static void close_bookmarks(void *context)
{
    struct bookmarks *self = context;

    if (self) {
        bm_html_clear(&self->html);
        free(self);
    }
}

/* -- the bookmark at hand -- */

/* "Bookmarks bar/Talks"; names of which there are none are left out. */
static void folder_path(const struct bookmarks *self, char out[FOLDER_BYTES])
{
    size_t used = 0;
    *out = '\0';

    for (size_t i = 0; i < self->depth && i < DEPTH_MAX; i++) {
        size_t len = strlen(self->names[i]);
        if (len > 0 && used + len + 2 < FOLDER_BYTES) {
            used += (size_t)snprintf(out + used, FOLDER_BYTES - used, "%s%s", used > 0 ? "/" : "",
                                     self->names[i]);
        }
    }
}

/* What is no UTF-8 is left out; it is only said about the video. */
static const char *if_text(const char *text)
{
    return *text != '\0' && bq_utf8_valid(text, strlen(text)) ? text : NULL;
}

/* Of a page, of which a browser takes the title. */
static void plain_title(char *title)
{
    static const char end[] = " - YouTube";

    if (bq_ends_with(title, end)) {
        title[strlen(title) - strlen(end)] = '\0';
    }
}

static enum barq_status give_item(struct bookmarks *self, struct barq_error *err)
{
    char folder[FOLDER_BYTES];
    struct bm_item item = {.line = self->line, .added_at_ms = self->added_at_ms};
    if (!self->has_item) {
        return BARQ_OK;
    }

    self->has_item = false;
    folder_path(self, folder);
    item.folder = if_text(folder);
    plain_title(self->title);
    item.title = if_text(self->title);
    item.note = if_text(self->note);
    if (if_text(self->tags)) {
        bm_item_tags(&item, self->tags, ',');
    }
    if (!bq_utf8_valid(self->address, strlen(self->address))) {
        return bm_item_fail(self->sink, self->line, "", "an address that is not UTF-8", err);
    }
    return bm_item_give(self->sink, &item, self->address, true, err);
}

/* A page of another kind links channels beside its videos: they were not meant. */
static bool is_meant(const struct bookmarks *self)
{
    struct bm_target target;

    return self->netscape ||
           (bm_target_parse(self->address, strlen(self->address), &target, NULL) == BARQ_OK &&
            target.kind != BM_TARGET_CHANNEL);
}

static void begin_item(struct bookmarks *self)
{
    char date[32];

    self->line = self->html.tag_line;
    self->added_at_ms = INT64_MIN;
    *self->title = *self->note = *self->tags = '\0';
    if (!bm_html_attribute(&self->html, "href", self->address, sizeof(self->address))) {
        *self->address = '\0';
    }
    if (!bm_html_attribute(&self->html, "tags", self->tags, sizeof(self->tags))) {
        *self->tags = '\0';
    }
    if (bm_html_attribute(&self->html, "add_date", date, sizeof(date)) &&
        strspn(date, "0123456789") == strlen(date)) {
        self->added_at_ms = bm_item_time(date);
    }
    self->has_item = is_meant(self);
    self->after_dt = false;
}

/* -- tags -- */

/* The text before this tag, trimmed, decoded and added to what it belongs to. */
static void take_text(struct bookmarks *self)
{
    char *to[] = {[TO_FOLDER] = self->next_name, [TO_TITLE] = self->title, [TO_NOTE] = self->note};
    static const size_t sizes[] = {
        [TO_FOLDER] = NAME_BYTES, [TO_TITLE] = TITLE_BYTES, [TO_NOTE] = NOTE_BYTES};
    if (self->belongs == TO_NOTHING || self->html.text.len == 0) {
        return;
    }

    char *out = to[self->belongs];
    size_t used = strlen(out);
    size_t room = sizes[self->belongs] - used - 1;
    const char *text = self->html.text.data;
    size_t len = bq_utf8_cut(text, self->html.text.len, room);
    memcpy(out + used, text, len);
    out[used + len] = '\0';
}

static void finish_text(struct bookmarks *self)
{
    char *texts[] = {
        [TO_FOLDER] = self->next_name, [TO_TITLE] = self->title, [TO_NOTE] = self->note};
    if (self->belongs == TO_NOTHING) {
        return;
    }

    char *text = texts[self->belongs];
    size_t blanks = strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len > blanks && strchr(" \t\r\n", text[len - 1])) {
        len--;
    }
    memmove(text, text + blanks, len - blanks);
    text[len - blanks] = '\0';
    bm_html_decode(text);
    self->belongs = TO_NOTHING;
}

static void open_folder(struct bookmarks *self)
{
    if (self->depth < DEPTH_MAX) {
        memcpy(self->names[self->depth], self->next_name, NAME_BYTES);
    }
    self->depth++;
    *self->next_name = '\0';
}

/* What a tag of the structure begins; whatever was read before it has ended. */
static enum barq_status take_structure(struct bookmarks *self, struct barq_error *err)
{
    const struct bm_html *html = &self->html;
    bool is_link = bm_html_is(html, "a") && (self->after_dt || !self->netscape);
    bool is_note = bm_html_is(html, "dd");
    bool is_other = bm_html_is(html, "dt") || bm_html_is(html, "dl") || bm_html_is(html, "/dl") ||
                    bm_html_is(html, "h3");
    if (!is_link && !is_note && !is_other) {
        return BARQ_OK;
    }

    finish_text(self);
    enum barq_status status = is_note ? BARQ_OK : give_item(self, err);
    if (is_link) {
        begin_item(self);
        self->belongs = TO_TITLE;
    } else if (is_note) {
        self->belongs = self->has_item ? TO_NOTE : TO_NOTHING;
    } else if (bm_html_is(html, "dt")) {
        self->after_dt = true;
    } else if (bm_html_is(html, "dl")) {
        open_folder(self);
    } else if (bm_html_is(html, "/dl")) {
        self->depth -= self->depth > 0;
    } else {
        *self->next_name = '\0';
        self->belongs = TO_FOLDER;
    }
    return status;
}

static enum barq_status take_tag(struct bookmarks *self, struct barq_error *err)
{
    take_text(self);
    if ((self->belongs == TO_TITLE && bm_html_is(&self->html, "/a")) ||
        (self->belongs == TO_FOLDER && bm_html_is(&self->html, "/h3"))) {
        finish_text(self);
        return BARQ_OK;
    }
    return take_structure(self, err);
}

static enum barq_status push_bookmarks(void *context, const char *bytes, size_t len,
                                       struct barq_error *err)
{
    struct bookmarks *self = context;
    const char *end = bytes + len;
    enum barq_status status = BARQ_OK;

    for (const char *at = bytes; at < end && status == BARQ_OK;) {
        bool tag;
        at = bm_html_push(&self->html, at, end, &tag);
        if (tag) {
            status = take_tag(self, err);
        }
    }
    return status;
}

static enum barq_status end_bookmarks(void *context, struct barq_error *err)
{
    struct bookmarks *self = context;

    take_text(self);
    finish_text(self);
    return give_item(self, err);
}

const struct bm_format bm_format_bookmarks = {"bookmarks", open_bookmarks, push_bookmarks,
                                              end_bookmarks, close_bookmarks};
