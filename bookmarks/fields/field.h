/*
 * field.h - a column that a person has given a list: what its values are.
 *
 *     text          text, of at most `max_length` characters if that is set
 *     select        one of the options
 *     multi-select  a list of the options, each once; without options, of any text
 *     number        between the bounds, if there are any
 *     rating        from 0 (or `min`) to `max`, which is 10 at most; 5 unless it is set
 *     duration      minutes, within the bounds, if there are any
 *     boolean       true or false
 *     date          "2026-11-30"
 *     link          an http or https address
 */
#ifndef BM_FIELD_H
#define BM_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/value.h>

enum {
    BM_FIELDS_MAX = 50,         /* of a list */
    BM_FIELD_CARDS_MAX = 3,     /* of them, shown on a card */
    BM_FIELD_NAME_BYTES = 65,   /* of a name, with its NUL */
    BM_FIELD_LABEL_BYTES = 255, /* of a label, and of an option */
    BM_FIELD_OPTIONS_MAX = 200,
    BM_FIELD_TEXT_BYTES = 16 * 1024, /* of a text; what a model or an import sends ends there */
    BM_FIELD_LINK_BYTES = 2048,
    BM_FIELD_INSTRUCTION_BYTES = 4000,
    BM_FIELD_UNIT_BYTES = 32,
    BM_RATING_DEFAULT = 5,
    BM_RATING_MAX = 10,
};

enum bm_field_type {
    BM_TEXT,
    BM_SELECT,
    BM_MULTI_SELECT,
    BM_NUMBER,
    BM_RATING,
    BM_DURATION,
    BM_BOOLEAN,
    BM_DATE,
    BM_LINK,
    BM_FIELD_TYPES,
};
const char *bm_field_type_name(enum bm_field_type type); /* "text", "select", "multi-select", ... */
bool bm_field_type_parse(const char *name, enum bm_field_type *out);

/* What is zero is not set. Strings and values belong to the arena of whoever made it. */
struct bm_field {
    const char *id; /* NULL: it is in no list yet */
    const char
        *name; /* for files and programs: letters a to z, digits and "_"; one of each in a list */
    const char *label; /* for people */
    enum bm_field_type type;
    bool is_required;
    const char *instruction;          /* what a model is to look for, in the user's words */
    const struct barq_value *options; /* a list */
    bool has_min;
    bool has_max;
    double min;
    double max;
    int64_t max_length; /* of a text, in characters */
    const char *unit;
    const struct barq_value *rule; /* as rules.h says */
    bool show_on_card;
};

/* What is not set is what the type says; infinite when that is nothing. */
double bm_field_min(const struct bm_field *field);
double bm_field_max(const struct bm_field *field);
bool bm_field_is_number(enum bm_field_type type); /* number, rating, duration */

/*
 * Is `value` allowed? BARQ_ERR_TYPE when it is not; the error names the field,
 * the value and what is allowed.
 */
enum barq_status bm_field_check(const struct bm_field *field, const struct barq_value *value,
                                struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Does the field itself make sense?
 *
 * BARQ_ERR_ARG  the error names the field and what is wrong with it
 */
enum barq_status bm_field_check_definition(const struct bm_field *field, struct barq_error *err)
    BARQ_MUST_CHECK;

/* A name for a label: "Take-aways (short)" becomes "take_aways_short"; "field" of nothing. */
void bm_field_name_of(const char *label, char out[BM_FIELD_NAME_BYTES]);

#endif
