#include "http/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static enum barq_status malformed(struct barq_error *err, const char *why)
{
    return bq_fail(err, BARQ_ERR_FORMAT, "http: malformed multipart: %s", why);
}

/* -- parameters of a header: form-data; name="file"; filename="a.csv" -- */

/* Copies a quoted string without its quotes; `*at` goes behind it. NULL: it has no end, or no memory. */
static char *unquote(const char **at, struct barq_arena *arena)
{
    const char *from = *at + 1;
    char *text = bq_arena_strdup(arena, from);
    char *to = text;

    while (text && *from != '"') {
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\')) {
            from++;
        }
        if (*from == '\0') {
            return NULL;
        }
        *to++ = *from++;
    }
    if (text) {
        *to = '\0';
        *at = from + 1;
    }
    return text;
}

/* One ";name=value", to which `*at` points; false when it is none. */
static bool next_parameter(const char **at, struct barq_arena *arena, const char **name,
                           const char **value)
{
    *at += strspn(*at, "; \t");
    size_t len = strcspn(*at, "=; \t");
    if (len == 0 || (*at)[len] != '=') {
        return false;
    }
    *name = bq_arena_strndup(arena, *at, len);
    *at += len + 1;
    if (**at == '"') {
        *value = unquote(at, arena);
    } else {
        len = strcspn(*at, "; \t\"");
        *value = bq_arena_strndup(arena, *at, len);
        *at += len;
    }
    return *name && *value && (**at == '\0' || strchr("; \t", **at));
}

/* -- the form -- */

bool bq_multipart_is(const char *content_type)
{
    static const char type[] = "multipart/form-data";

    return content_type && strncasecmp(content_type, type, sizeof(type) - 1) == 0 &&
           strchr("; \t", content_type[sizeof(type) - 1]) != NULL;
}

static bool is_boundary(const char *text)
{
    size_t len = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "'()+_,-./:=? ");

    return len > 0 && len <= BQ_MULTIPART_BOUNDARY_MAX_BYTES && text[len] == '\0' &&
           text[len - 1] != ' ';
}

static const char *find_boundary(const char *content_type, struct barq_arena *arena)
{
    const char *at = content_type + strcspn(content_type, ";");
    const char *found = NULL;
    const char *name = NULL;
    const char *value = NULL;

    while (next_parameter(&at, arena, &name, &value)) {
        if (bq_equal_nocase(name, "boundary")) {
            if (found) {
                return NULL;
            }
            found = value;
        }
    }
    return *at == '\0' ? found : NULL;
}

enum barq_status bq_multipart_open(struct bq_multipart *form, const char *content_type,
                                   const char *body, size_t len, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, (size_t)4 * BQ_MULTIPART_HEAD_MAX_BYTES);

    const char *boundary =
        bq_multipart_is(content_type) ? find_boundary(content_type, &arena) : NULL;
    if (!boundary || !is_boundary(boundary)) {
        return malformed(err, "the content type has no proper boundary");
    }
    *form = (struct bq_multipart){.end = body + len};
    form->delimiter_len =
        (size_t)snprintf(form->delimiter, sizeof(form->delimiter), "\r\n--%s", boundary);
    /* The first may stand at the very begin, without a line's end before it. */
    size_t first_len = form->delimiter_len - 2;
    if (len >= first_len && memcmp(body, form->delimiter + 2, first_len) == 0) {
        form->at = body + first_len;
        return BARQ_OK;
    }
    return malformed(err, "it does not begin with its boundary");
}

/* -- a part -- */

/* What follows a delimiter: "--" at the end of all, or a line's end. */
static enum barq_status end_delimiter(struct bq_multipart *form, bool *more, struct barq_error *err)
{
    size_t left = (size_t)(form->end - form->at);

    if (left >= 2 && memcmp(form->at, "--", 2) == 0) {
        *more = false;
        return BARQ_OK;
    }
    while (form->at < form->end && (*form->at == ' ' || *form->at == '\t')) {
        form->at++;
    }
    left = (size_t)(form->end - form->at);
    if (left < 2 || memcmp(form->at, "\r\n", 2) != 0) {
        return malformed(err, "a boundary's line goes on");
    }
    form->at += 2;
    *more = true;
    return BARQ_OK;
}

static bool read_disposition(const char *text, struct barq_arena *arena,
                             struct bq_multipart_part *part)
{
    static const char type[] = "form-data";
    const char *at = text + sizeof(type) - 1;
    const char *name = NULL;
    const char *value = NULL;

    if (part->name || strncasecmp(text, type, sizeof(type) - 1) != 0) {
        return false;
    }
    while (next_parameter(&at, arena, &name, &value)) {
        if (bq_equal_nocase(name, "name") && !part->name) {
            part->name = value;
        } else if (bq_equal_nocase(name, "filename") && !part->filename) {
            part->filename = value;
        } else if (!bq_equal_nocase(name,
                                    "filename*")) { /* which RFC 7578 forbids, and some send */
            return false;
        }
    }
    return *at == '\0' && part->name && bq_utf8_valid(part->name, strlen(part->name)) &&
           (!part->filename || bq_utf8_valid(part->filename, strlen(part->filename)));
}

/* One line of the headers, ended by a NUL. */
static bool read_header(char *line, struct barq_arena *arena, struct bq_multipart_part *part)
{
    size_t name_len = strcspn(line, ":");
    char *value = line + name_len;

    if (name_len == 0 || *value == '\0' || strcspn(line, " \t") < name_len) {
        return false;
    }
    *value++ = '\0';
    value += strspn(value, " \t");
    if (bq_equal_nocase(line, "Content-Disposition")) {
        return read_disposition(value, arena, part);
    }
    if (bq_equal_nocase(line, "Content-Type")) {
        part->content_type = value;
    }
    return true;
}

/* `head` are the headers of a part, each with its line's end. */
static bool read_head(char *head, struct barq_arena *arena, struct bq_multipart_part *part)
{
    while (*head != '\0') {
        char *end = strstr(head, "\r\n");
        if (!end) {
            return false;
        }
        *end = '\0';
        if (!read_header(head, arena, part)) {
            return false;
        }
        head = end + 2;
    }
    return part->name != NULL;
}

static enum barq_status take_head(struct bq_multipart *form, struct barq_arena *arena,
                                  struct bq_multipart_part *part, struct barq_error *err)
{
    const char *blank = memmem(form->at, (size_t)(form->end - form->at), "\r\n\r\n", 4);
    if (!blank) {
        return malformed(err, "the headers of a part have no end");
    }
    size_t len = (size_t)(blank - form->at) + 2;
    if (len > BQ_MULTIPART_HEAD_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "http: the headers of a part are too long");
    }
    char *head = bq_arena_strndup(arena, form->at, len);
    if (!head) {
        return bq_fail(err, BARQ_ERR_NOMEM, "http: arena is full");
    }
    if (strlen(head) != len || !read_head(head, arena, part)) {
        return malformed(err, "the headers of a part are broken, or have no name");
    }
    form->at = blank + 4;
    return BARQ_OK;
}

enum barq_status bq_multipart_next(struct bq_multipart *form, struct barq_arena *arena,
                                   struct bq_multipart_part *out, bool *more,
                                   struct barq_error *err)
{
    struct bq_multipart_part part = {0};
    bool another = false;

    enum barq_status status = end_delimiter(form, &another, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!another) {
        *more = false;
        return BARQ_OK;
    }
    if (++form->n_parts > BQ_MULTIPART_MAX_PARTS) {
        return bq_fail(err, BARQ_ERR_LIMIT, "http: a form of more than %d parts",
                       BQ_MULTIPART_MAX_PARTS);
    }
    status = take_head(form, arena, &part, err);
    if (status != BARQ_OK) {
        return status;
    }
    const char *next =
        memmem(form->at, (size_t)(form->end - form->at), form->delimiter, form->delimiter_len);
    if (!next) {
        return malformed(err, "a part has no end");
    }
    part.data = form->at;
    part.len = (size_t)(next - form->at);
    form->at = next + form->delimiter_len;
    *out = part;
    *more = true;
    return BARQ_OK;
}
