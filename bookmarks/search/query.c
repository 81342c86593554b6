#include "search/query.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "search/bounds.h"
#include "search/fold.h"

enum { SHOWN_BYTES = 40, OPERATOR_MAX_BYTES = 16 };

#define OPERATORS                                                                                  \
    "tag:, channel:, list:, is:, in:, field:, dur:, added:, published: and views: are known"

struct parser {
    struct barq_arena *arena;
    const char *text;
    size_t at;
    struct bm_query *query;
};

static const char *const is_words[] = {
    [BM_IS_FAILED] = "failed",   [BM_IS_PENDING] = "pending",     [BM_IS_COMPLETED] = "completed",
    [BM_IS_WATCHED] = "watched", [BM_IS_UNWATCHED] = "unwatched", [BM_IS_GONE] = "gone",
    [BM_IS_PRIVATE] = "private", [BM_IS_LIVE] = "live",
};
enum { IS_WORDS = sizeof(is_words) / sizeof(is_words[0]) };

static const char *const where_words[] = {"title", "description", "transcript", "notes"};
enum { WHERE_WORDS = sizeof(where_words) / sizeof(where_words[0]) };

/* -- errors -- */

/* The place of a byte, for a person: characters from 1. */
static size_t place_of(const char *text, size_t at)
{
    size_t place = 1;

    for (size_t i = 0; i < at; i++) {
        place += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return place;
}

static enum barq_status wrong(const struct parser *parser, const struct bm_part *part,
                              const char *what, const char *help, struct barq_error *err)
{
    size_t len = strcspn(parser->text + part->at, " \t\r\n");

    len = bq_utf8_cut(parser->text + part->at, len, SHOWN_BYTES);
    return bq_fail(err, BARQ_ERR_ARG, "search: at character %zu: %.*s %s: %s",
                   place_of(parser->text, part->at), (int)len, parser->text + part->at, what, help);
}

static enum barq_status starved(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full");
}

/* -- reading -- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Up to a blank that stands outside of quotes, without them; NULL: no memory. `*open`: a quote is missing. */
static char *read_value(struct parser *parser, bool *open)
{
    const char *from = parser->text + parser->at;
    bool quoted = false;
    size_t len = 0;
    size_t n = 0;

    for (; from[len] != '\0' && (quoted || !is_blank(from[len])); len++) {
        quoted ^= from[len] == '"';
    }
    char *value = bq_arena_alloc(parser->arena, len + 1);
    for (size_t i = 0; value && i < len; i++) {
        if (from[i] != '"') {
            value[n++] = from[i];
        }
    }
    parser->at += len;
    *open = quoted;
    return value;
}

/* -- operators -- */

static enum barq_status take_name(const struct parser *parser, struct bm_part *part,
                                  const char *value, struct barq_error *err)
{
    part->text = value;
    return *value == '\0' ? wrong(parser, part, "names nothing", "put a name behind the colon", err)
                          : BARQ_OK;
}

static enum barq_status take_is(const struct parser *parser, struct bm_part *part,
                                const char *value, struct barq_error *err)
{
    for (int i = 0; i < IS_WORDS; i++) {
        if (bq_equal_nocase(value, is_words[i])) {
            part->is = (enum bm_is)i;
            return BARQ_OK;
        }
    }
    return wrong(parser, part, "is nothing that a video can be",
                 "failed, pending, completed, watched, unwatched, gone, private or live", err);
}

static enum barq_status take_where(const struct parser *parser, const struct bm_part *part,
                                   const char *value, struct barq_error *err)
{
    if (part->is_not) {
        return wrong(parser, part, "cannot be excluded", "name where to look instead", err);
    }
    for (unsigned i = 0; i < WHERE_WORDS; i++) {
        if (bq_equal_nocase(value, where_words[i])) {
            parser->query->where |= 1U << i;
            return BARQ_OK;
        }
    }
    return wrong(parser, part, "is no place to look in", "title, description, transcript or notes",
                 err);
}

static enum barq_status take_range(const struct parser *parser, struct bm_part *part,
                                   const char *value, struct barq_error *err)
{
    enum bm_measure measure = part->kind == BM_PART_DURATION ? BM_SECONDS
                              : part->kind == BM_PART_VIEWS  ? BM_COUNT
                                                             : BM_DAYS;

    return bm_bounds_parse(value, measure, &part->range)
               ? BARQ_OK
               : wrong(parser, part, "cannot be understood", bm_bounds_help(measure), err);
}

/* NAME, or NAME, how it is compared, and with what. */
static enum barq_status take_field(const struct parser *parser, struct bm_part *part, char *value,
                                   struct barq_error *err)
{
    static const struct {
        const char *text;
        enum bm_compare compare;
    } signs[] = {{"!=", BM_UNEQUAL}, {">=", BM_AT_LEAST}, {"<=", BM_AT_MOST}, {"=", BM_EQUAL},
                 {">", BM_MORE},     {"<", BM_LESS},      {"~", BM_CONTAINS}};
    char *sign = value + strcspn(value, "!=<>~");

    if (sign == value) {
        return wrong(parser, part, "names no field", "field:NAME or field:NAME=VALUE", err);
    }
    part->field = value;
    part->compare = BM_HAS_VALUE;
    part->text = "";
    if (*sign == '\0') {
        return BARQ_OK;
    }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (bq_starts_with(sign, signs[i].text)) {
            part->compare = signs[i].compare;
            part->text = sign + strlen(signs[i].text);
            *sign = '\0';
            return *part->text != '\0' ? BARQ_OK
                                       : wrong(parser, part, "has no value to compare with",
                                               "field:NAME alone finds any value", err);
        }
    }
    return wrong(parser, part, "compares in no known way", "=, !=, >, <, >=, <= or ~ (contains)",
                 err);
}

static enum barq_status take_operator(const struct parser *parser, struct bm_part *part,
                                      const char *name, char *value, struct barq_error *err)
{
    static const struct {
        const char *name;
        enum bm_part_kind kind;
    } operators[] = {
        {"tag", BM_PART_TAG},     {"channel", BM_PART_CHANNEL},
        {"list", BM_PART_LIST},   {"is", BM_PART_IS},
        {"field", BM_PART_FIELD}, {"dur", BM_PART_DURATION},
        {"added", BM_PART_ADDED}, {"published", BM_PART_PUBLISHED},
        {"views", BM_PART_VIEWS}, {"duration", BM_PART_DURATION},
    };
    size_t i = 0;

    while (i < sizeof(operators) / sizeof(operators[0]) &&
           !bq_equal_nocase(name, operators[i].name)) {
        i++;
    }
    if (i == sizeof(operators) / sizeof(operators[0])) {
        return wrong(parser, part, "has an operator that there is not",
                     OPERATORS "; text with a colon goes into quotes", err);
    }
    part->kind = operators[i].kind;
    switch (part->kind) {
    case BM_PART_TAG:
    case BM_PART_CHANNEL:
    case BM_PART_LIST:
        return take_name(parser, part, value, err);
    case BM_PART_IS:
        return take_is(parser, part, value, err);
    case BM_PART_FIELD:
        return take_field(parser, part, value, err);
    case BM_PART_DURATION:
    case BM_PART_ADDED:
    case BM_PART_PUBLISHED:
    case BM_PART_VIEWS:
        return take_range(parser, part, value, err);
    case BM_PART_TEXT: /* no operator */
        break;
    }
    return BARQ_ERR_BUG;
}

/* The letters before a colon; false when this is no operator, but text ("10:30", "https://"). */
static bool read_operator(struct parser *parser, char name[OPERATOR_MAX_BYTES])
{
    const char *from = parser->text + parser->at;
    size_t len = strspn(from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (len == 0 || len >= OPERATOR_MAX_BYTES || from[len] != ':' || from[len + 1] == '/') {
        return false;
    }
    memcpy(name, from, len);
    name[len] = '\0';
    parser->at += len + 1;
    return true;
}

/* -- words -- */

static enum barq_status take_text(const struct parser *parser, struct bm_part *part, char *value,
                                  bool is_phrase, struct barq_error *err)
{
    struct bm_word word;
    size_t len = strlen(value);

    part->kind = BM_PART_TEXT;
    part->text = value;
    if (!is_phrase && len > 1 && value[len - 1] == '*') {
        value[len - 1] = '\0';
        part->is_prefix = true;
    }
    return bm_next_word(value, 0, &word)
               ? BARQ_OK
               : wrong(parser, part, "has no letter or digit to look for", "leave it out", err);
}

/* -- parts -- */

static enum barq_status take_part(struct parser *parser, struct bm_part *part, bool *is_part,
                                  struct barq_error *err)
{
    char name[OPERATOR_MAX_BYTES];
    bool open = false;

    *part = (struct bm_part){.at = parser->at};
    if (parser->text[parser->at] == '-' && parser->text[parser->at + 1] != '\0' &&
        !is_blank(parser->text[parser->at + 1])) {
        part->is_not = true;
        parser->at++;
    }
    bool is_phrase = parser->text[parser->at] == '"';
    bool is_operator = !is_phrase && read_operator(parser, name);
    char *value = read_value(parser, &open);
    if (!value) {
        return starved(err);
    }
    if (open) {
        return wrong(parser, part, "begins a quote that does not end", "put a \" behind it", err);
    }
    *is_part = !is_operator || !bq_equal_nocase(name, "in");
    if (!*is_part) {
        return take_where(parser, part, value, err);
    }
    return is_operator ? take_operator(parser, part, name, value, err)
                       : take_text(parser, part, value, is_phrase, err);
}

enum barq_status bm_query_parse(struct barq_arena *arena, const char *text, struct bm_query *out,
                                struct barq_error *err)
{
    struct bm_query query = {.count = 0};
    struct parser parser = {.arena = arena, .text = text, .query = &query};
    enum barq_status status = BARQ_OK;

    if (strlen(text) > BM_QUERY_MAX_BYTES || !bq_utf8_valid(text, strlen(text))) {
        return bq_fail(err, BARQ_ERR_ARG, "search: a query has at most %d bytes of UTF-8",
                       BM_QUERY_MAX_BYTES);
    }
    query.parts = bq_arena_array(arena, BM_QUERY_PARTS_MAX, sizeof(*query.parts));
    if (!query.parts) {
        return starved(err);
    }
    for (;;) {
        bool is_part = true;
        while (is_blank(text[parser.at])) {
            parser.at++;
        }
        if (text[parser.at] == '\0') {
            break;
        }
        if (query.count == BM_QUERY_PARTS_MAX) {
            return bq_fail(err, BARQ_ERR_ARG, "search: a query has at most %d parts",
                           BM_QUERY_PARTS_MAX);
        }
        status = take_part(&parser, &query.parts[query.count], &is_part, err);
        if (status != BARQ_OK) {
            return status;
        }
        query.count += is_part;
    }
    *out = query;
    return BARQ_OK;
}
