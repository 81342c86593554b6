#include "fields/field.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "fields/label.h"

static const char *const type_names[BM_FIELD_TYPES] = {
    [BM_TEXT] = "text",       [BM_SELECT] = "select", [BM_MULTI_SELECT] = "multi-select",
    [BM_NUMBER] = "number",   [BM_RATING] = "rating", [BM_DURATION] = "duration",
    [BM_BOOLEAN] = "boolean", [BM_DATE] = "date",     [BM_LINK] = "link",
};

const char *bm_field_type_name(enum bm_field_type type)
{
    return type < BM_FIELD_TYPES ? type_names[type] : "?";
}

bool bm_field_type_parse(const char *name, enum bm_field_type *out)
{
    for (int i = 0; i < BM_FIELD_TYPES; i++) {
        if (strcmp(name, type_names[i]) == 0) {
            *out = (enum bm_field_type)i;
            return true;
        }
    }
    return false;
}

bool bm_field_is_number(enum bm_field_type type)
{
    return type == BM_NUMBER || type == BM_RATING || type == BM_DURATION;
}

double bm_field_min(const struct bm_field *field)
{
    double least = field->type == BM_NUMBER ? -HUGE_VAL : 0;

    return field->has_min ? field->min : least;
}

double bm_field_max(const struct bm_field *field)
{
    double most = field->type == BM_RATING ? BM_RATING_DEFAULT : HUGE_VAL;

    return field->has_max ? field->max : most;
}

/* -- names -- */

static bool is_name(const char *name)
{
    size_t len = strnlen(name, BM_FIELD_NAME_BYTES);

    return len > 0 && len < BM_FIELD_NAME_BYTES && *name >= 'a' && *name <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

void bm_field_name_of(const char *label, char out[BM_FIELD_NAME_BYTES])
{
    size_t len = 0;

    for (; *label != '\0' && len + 1 < BM_FIELD_NAME_BYTES; label++) {
        unsigned char c = (unsigned char)*label;
        bool taken = c < 0x80 && (len > 0 ? isalnum(c) : isalpha(c));
        if (taken) {
            out[len++] = (char)tolower(c);
        } else if (len > 0 && out[len - 1] != '_') {
            out[len++] = '_';
        }
    }
    while (len > 0 && out[len - 1] == '_') {
        len--;
    }
    out[len] = '\0';
    if (len == 0) {
        snprintf(out, BM_FIELD_NAME_BYTES, "field");
    }
}

/* -- a definition that makes sense: each part says what is wrong, or NULL -- */

static const char *wrong_names(const struct bm_field *field)
{
    if (!is_name(field->name)) {
        return "a name begins with a letter and has at most 64 of a to z, 0 to 9 and _";
    }
    if (!bm_is_label(field->label, BM_FIELD_LABEL_BYTES)) {
        return "a label has 1 to 255 bytes of UTF-8 without control characters";
    }
    if (field->instruction && !bm_is_prose(field->instruction, BM_FIELD_INSTRUCTION_BYTES)) {
        return "an instruction has at most 4000 bytes of UTF-8 without control characters";
    }
    if (field->unit && !bm_is_label(field->unit, BM_FIELD_UNIT_BYTES)) {
        return "a unit has 1 to 32 bytes of UTF-8 without control characters";
    }
    return NULL;
}

static bool is_option(const struct barq_value *option)
{
    const char *text = barq_as_string(option, NULL);
    size_t len = 0;

    (void)barq_as_bytes(option, &len);
    return barq_kind(option) == BARQ_STRING && strlen(text) == len &&
           bm_is_label(text, BM_FIELD_LABEL_BYTES) && *text != ' ' && text[len - 1] != ' ';
}

static bool has_twice(const struct barq_value *options, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (barq_equal(barq_at(options, i), barq_at(options, index))) {
            return true;
        }
    }
    return false;
}

static const char *wrong_options(const struct bm_field *field)
{
    size_t count = barq_count(field->options);

    if (field->options && barq_kind(field->options) != BARQ_LIST) {
        return "options are a list";
    }
    if (count > 0 && field->type != BM_SELECT && field->type != BM_MULTI_SELECT) {
        return "only a select and a multi-select have options";
    }
    if (count == 0 && field->type == BM_SELECT) {
        return "a select needs options";
    }
    if (count > BM_FIELD_OPTIONS_MAX) {
        return "there are at most 200 options";
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_option(barq_at(field->options, i))) {
            return "an option has 1 to 255 bytes of UTF-8, no blanks around it, no control "
                   "characters";
        }
        if (has_twice(field->options, i)) {
            return "an option is there twice";
        }
    }
    return NULL;
}

static const char *wrong_bounds(const struct bm_field *field)
{
    if ((field->has_min || field->has_max) && !bm_field_is_number(field->type)) {
        return "only a number, a rating and a duration have bounds";
    }
    if ((field->has_min && !isfinite(field->min)) || (field->has_max && !isfinite(field->max))) {
        return "a bound is a number";
    }
    if (bm_field_min(field) > bm_field_max(field)) {
        return "its least value is above its greatest";
    }
    if (field->type == BM_RATING && (bm_field_min(field) < 0 || bm_field_max(field) < 1 ||
                                     bm_field_max(field) > BM_RATING_MAX)) {
        return "a rating goes from 0 or more to 10 or less";
    }
    if (field->type == BM_DURATION && bm_field_min(field) < 0) {
        return "a duration is not negative";
    }
    if (field->max_length != 0 && field->type != BM_TEXT) {
        return "only a text has a greatest length";
    }
    if (field->max_length < 0 || field->max_length > BM_FIELD_TEXT_BYTES) {
        return "the greatest length of a text is 1 to 16384 characters";
    }
    return NULL;
}

enum barq_status bm_field_check_definition(const struct bm_field *field, struct barq_error *err)
{
    const char *wrong = wrong_names(field);

    wrong = wrong ? wrong : wrong_options(field);
    wrong = wrong ? wrong : wrong_bounds(field);
    return wrong ? bq_fail(err, BARQ_ERR_ARG, "fields: %.64s: %s", field->name, wrong) : BARQ_OK;
}
