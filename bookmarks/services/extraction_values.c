#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "services/extraction.h"
#include "video/metadata.h"

enum { FOLDED_MAX_BYTES = 32 * 1024 * 1024 };

struct reader {
    const struct bm_subject *subject;
    struct barq_arena *arena;
    struct bq_buf folded; /* all that is known and said, for quotes to be looked up in */
    struct bm_extracted *values;
    struct bm_dropped *dropped;
    struct bm_extraction *out;
    bool full;
};

/* -- quotes -- */

/* Letters and digits only, ASCII ones small: a model sets its own commas and capitals. */
static void fold(struct bq_buf *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x80 || isalnum(c)) {
            bq_buf_put_u8(out, (uint8_t)(c < 0x80 ? tolower(c) : c));
        }
    }
}

static void fold_subject(struct reader *reader)
{
    const struct bm_metadata *video = reader->subject->video;

    bq_buf_init(&reader->folded, FOLDED_MAX_BYTES);
    fold(&reader->folded, video->title ? video->title : "");
    fold(&reader->folded, video->description ? video->description : "");
    for (size_t i = 0; i < reader->subject->n_cues; i++) {
        fold(&reader->folded, reader->subject->cues[i].text);
    }
    reader->full |= reader->folded.starved;
}

/* The words are there; what a model has watched itself can't be looked up. */
static bool is_quoted(const struct reader *reader, const char *quote)
{
    bq_auto(buf) struct bq_buf words;
    bq_buf_init(&words, BM_QUOTE_BYTES + 1);
    fold(&words, quote);
    if (words.failed || words.len == 0) {
        return false;
    }
    return reader->subject->watch ||
           (reader->folded.len > 0 &&
            memmem(reader->folded.data, reader->folded.len, words.data, words.len));
}

static void take_evidence(struct reader *reader, const struct barq_value *cell,
                          struct bm_extracted *value)
{
    int64_t at_s = barq_as_int(barq_get(cell, "at_seconds"), -1);
    const char *quote = barq_as_string(barq_get(cell, "quote"), "");
    int64_t end_s = reader->subject->video->duration_s;
    size_t n_cues = reader->subject->n_cues;
    bool timed = n_cues > 0 || reader->subject->watch;

    if (end_s <= 0 && n_cues > 0) {
        end_s = reader->subject->cues[n_cues - 1].end_ms / 1000;
    }
    value->has_time = timed && at_s >= 0 && (end_s <= 0 || at_s <= end_s);
    value->at_seconds = value->has_time ? at_s : 0;
    if (is_quoted(reader, quote)) {
        value->quote = bm_metadata_keep_most(reader->arena, quote, BM_QUOTE_BYTES, &reader->full);
    }
}

/* -- values -- */

/* An option that differs in capitals and blanks only, as the field spells it; else NULL. */
static const struct barq_value *find_option(const struct bm_field *field, const char *text)
{
    size_t from = strspn(text, " \t\r\n");
    size_t len = strlen(text + from);
    while (len > 0 && isspace((unsigned char)text[from + len - 1])) {
        len--;
    }

    for (size_t i = 0; i < barq_count(field->options); i++) {
        const struct barq_value *option = barq_at(field->options, i);
        const char *spelled = barq_as_string(option, "");
        if (strlen(spelled) == len && strncasecmp(spelled, text + from, len) == 0) {
            return option;
        }
    }
    return NULL;
}

static struct barq_value *spell(const struct bm_field *field, const struct barq_value *said,
                                struct barq_arena *arena)
{
    const struct barq_value *option =
        barq_kind(said) == BARQ_STRING ? find_option(field, barq_as_string(said, "")) : NULL;

    return barq_copy(arena, option ? option : said);
}

static struct barq_value *spell_all(const struct bm_field *field, const struct barq_value *said,
                                    struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < barq_count(said); i++) {
        struct barq_value *option = spell(field, barq_at(said, i), arena);
        bool there = false;
        for (size_t j = 0; option && j < barq_count(list); j++) {
            there |= barq_equal(barq_at(list, j), option);
        }
        if (!there) {
            barq_add(list, option);
        }
    }
    return list;
}

/* What a model may write otherwise than the field wants it, without meaning anything else. */
static struct barq_value *normalize(const struct bm_field *field, const struct barq_value *said,
                                    struct barq_arena *arena)
{
    int64_t number = 0;

    if (field->type == BM_SELECT) {
        return spell(field, said, arena);
    }
    if (field->type == BM_MULTI_SELECT && barq_kind(said) == BARQ_LIST) {
        return spell_all(field, said, arena);
    }
    if (bm_field_is_number(field->type) && barq_kind(said) == BARQ_STRING &&
        bq_parse_int(barq_as_string(said, ""), &number)) {
        return barq_int(arena, number);
    }
    return barq_copy(arena, said);
}

static void drop(struct reader *reader, const struct bm_field *field, const char *why)
{
    const char *kept = bq_arena_strdup(reader->arena, why);

    reader->full |= !kept;
    reader->dropped[reader->out->n_dropped++] = (struct bm_dropped){.field = field, .why = kept};
}

/* Nothing: null, no text, none of the options. */
static bool is_empty(const struct barq_value *said)
{
    enum barq_kind kind = barq_kind(said);
    const char *text = barq_as_string(said, "x");

    return barq_is_null(said) || (kind == BARQ_LIST && barq_count(said) == 0) ||
           (kind == BARQ_STRING && text[strspn(text, " \t\r\n")] == '\0');
}

static void take_field(struct reader *reader, const struct bm_field *field,
                       const struct barq_value *cell)
{
    struct barq_error why = {0};
    /* In plain mode some models leave the evidence out, and write the value alone. */
    const struct barq_value *said = barq_kind(cell) == BARQ_MAP ? barq_get(cell, "value") : cell;
    if (!cell) {
        drop(reader, field, "the answer leaves it out");
        return;
    }
    if (is_empty(said)) {
        reader->out->n_empty++;
        return;
    }

    struct barq_value *value = normalize(field, said, reader->arena);
    if (!value) {
        reader->full = true;
    } else if (bm_field_check(field, value, &why) != BARQ_OK) {
        drop(reader, field, why.text);
    } else {
        struct bm_extracted *taken = &reader->values[reader->out->n_values++];
        *taken = (struct bm_extracted){.field = field, .value = value};
        take_evidence(reader, cell, taken);
    }
}

bool bm_extraction_take(const struct barq_value *answer, const struct bm_subject *subject,
                        const struct bm_field *fields, size_t n_fields, struct barq_arena *arena,
                        struct bm_extraction *out)
{
    struct reader reader = {
        .subject = subject,
        .arena = arena,
        .values = bq_arena_array(arena, n_fields, sizeof(*reader.values)),
        .dropped = bq_arena_array(arena, n_fields, sizeof(*reader.dropped)),
        .out = out,
    };
    if (!reader.values || !reader.dropped) {
        return false;
    }

    out->n_values = out->n_dropped = out->n_empty = 0;
    fold_subject(&reader);
    for (size_t i = 0; i < n_fields && !reader.full; i++) {
        take_field(&reader, &fields[i], barq_get(answer, fields[i].name));
    }
    bq_buf_clear(&reader.folded);
    out->values = reader.values;
    out->dropped = reader.dropped;
    return !reader.full;
}
