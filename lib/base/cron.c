#include "base/cron.h"

#include <string.h>

#include "base/cron_fields.h"
#include "base/text.h"

enum { MAX_DIGITS = 4 };

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

const struct bq_cron_field bq_cron_fields_of[BQ_CRON_FIELDS] = {
    [BQ_CRON_SECOND] = {"second", 0, 59, NULL, 0},
    [BQ_CRON_MINUTE] = {"minute", 0, 59, NULL, 0},
    [BQ_CRON_HOUR] = {"hour", 0, 23, NULL, 0},
    [BQ_CRON_DAY] = {"day", 1, 31, NULL, 0},
    [BQ_CRON_MONTH] = {"month", 1, 12, month_names, 12},
    [BQ_CRON_WEEKDAY] = {"weekday", 0, 7, weekday_names, 7},
};

static const struct {
    const char *name;
    const char *expression;
} macros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

/* -- one field -- */

/* What is left of a field, and where to complain. */
struct scan {
    const struct bq_cron_field *field;
    const char *at;
    struct barq_error *err;
};

static const char separators[] = ",-/";

/* Complains about the word that `at` is at. */
static bool bad_word(const struct scan *scan, const char *at, const char *what)
{
    (void)bq_fail(scan->err, BARQ_ERR_FORMAT, "cron: %s: '%.*s' %s", scan->field->name,
                  (int)(strcspn(at, separators) < 40 ? strcspn(at, separators) : 40), at, what);
    return false;
}

static bool out_of_range(const struct scan *scan, int number)
{
    (void)bq_fail(scan->err, BARQ_ERR_FORMAT, "cron: %s: %d is not from %d to %d",
                  scan->field->name, number, scan->field->min, scan->field->max);
    return false;
}

static bool take_digits(struct scan *scan, int *out)
{
    const char *begin = scan->at;
    size_t len = strspn(begin, "0123456789");
    int number = 0;

    if (len == 0 || len > MAX_DIGITS || (begin[len] != '\0' && !strchr(separators, begin[len]))) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        number = number * 10 + (begin[i] - '0');
    }
    scan->at += len;
    *out = number;
    return true;
}

/* Three letters; or arq's "tues" and "thurs". */
static bool is_name(const char *word, const char *name)
{
    return bq_equal_nocase(word, name) ||
           (bq_equal_nocase(word, "tues") && bq_equal_nocase(name, "tue")) ||
           (bq_equal_nocase(word, "thurs") && bq_equal_nocase(name, "thu"));
}

static bool take_name(struct scan *scan, int *out)
{
    char word[6] = "";
    size_t len = strcspn(scan->at, separators);

    if (len >= sizeof(word)) {
        return false;
    }
    memcpy(word, scan->at, len);
    for (int i = 0; i < scan->field->n_names; i++) {
        if (is_name(word, scan->field->names[i])) {
            scan->at += len;
            *out = scan->field->min + i;
            return true;
        }
    }
    return false;
}

static bool take_value(struct scan *scan, int *out)
{
    const struct bq_cron_field *field = scan->field;

    if (take_name(scan, out)) {
        return true;
    }
    if (!take_digits(scan, out)) {
        return bad_word(scan, scan->at,
                        field->names ? "is neither a number nor a name of three letters"
                                     : "is no number");
    }
    return (*out >= field->min && *out <= field->max) || out_of_range(scan, *out);
}

/* "*", "5", "mon-fri": the first and last of it. */
static bool take_range(struct scan *scan, int *first, int *last)
{
    const struct bq_cron_field *field = scan->field;
    const char *begin = scan->at;

    if (*scan->at == '*') {
        scan->at++;
        *first = field->min;
        *last = field->names == weekday_names ? 6 : field->max;
        return *scan->at == '\0' || strchr(",/", *scan->at) || bad_word(scan, begin, "is no field");
    }
    if (!take_value(scan, first)) {
        return false;
    }
    *last = *first;
    if (*scan->at == '/') {
        return bad_word(scan, begin, "is no range, so it cannot have a step");
    }
    if (*scan->at != '-') {
        return true;
    }
    scan->at++;
    if (!take_value(scan, last)) {
        return false;
    }
    if (field->names == weekday_names && *last == 0 && *first > 0) {
        *last = 7; /* sat-sun */
    }
    return *last >= *first || bad_word(scan, begin, "begins a range that ends before it");
}

static bool take_step(struct scan *scan, int *step)
{
    const char *begin = scan->at + 1;

    *step = 1;
    if (*scan->at != '/') {
        return true;
    }
    scan->at++;
    return (take_digits(scan, step) && *step >= 1 && *step <= scan->field->max) ||
           bad_word(scan, begin, "is no step of it");
}

static bool read_field(enum bq_cron_field_number number, const char *text, uint64_t *out,
                       struct barq_error *err)
{
    struct scan scan = {&bq_cron_fields_of[number], text, err};
    uint64_t bits = 0;

    do {
        int first;
        int last;
        int step;

        scan.at += scan.at > text; /* the comma */
        if (!take_range(&scan, &first, &last) || !take_step(&scan, &step)) {
            return false;
        }
        for (int at = first; at <= last; at += step) {
            bits |= UINT64_C(1) << (number == BQ_CRON_WEEKDAY ? at % 7 : at);
        }
    } while (*scan.at == ',');
    if (*scan.at != '\0') {
        return bad_word(&scan, scan.at, "is too much");
    }
    *out = bits;
    return true;
}

/* -- all fields -- */

static bool begins_with_star(const char *text)
{
    return text[0] == '*';
}

/* Is there a day that matches? 29 February is each weekday at some time. */
static bool can_match(const struct bq_cron *cron)
{
    static const int longest[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    for (int month = 1; month <= 12; month++) {
        uint64_t days = (UINT64_C(2) << longest[month]) - 2;
        if ((cron->months >> month & 1) && ((cron->days & days) || cron->either)) {
            return true;
        }
    }
    return false;
}

static enum barq_status read_all(const char *const *texts, bool may_be_either, struct bq_cron *out,
                                 struct barq_error *err)
{
    struct bq_cron cron = {.any_hour = begins_with_star(texts[BQ_CRON_HOUR])};
    uint64_t *const bits[BQ_CRON_FIELDS] = {&cron.seconds, &cron.minutes, &cron.hours,
                                            &cron.days,    &cron.months,  &cron.weekdays};

    cron.either = may_be_either && !begins_with_star(texts[BQ_CRON_DAY]) &&
                  !begins_with_star(texts[BQ_CRON_WEEKDAY]);
    for (int i = 0; i < BQ_CRON_FIELDS; i++) {
        if (!read_field((enum bq_cron_field_number)i, texts[i], bits[i], err)) {
            return BARQ_ERR_FORMAT;
        }
    }
    if (!can_match(&cron)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "cron: no month of it has such a day: it never runs");
    }
    *out = cron;
    return BARQ_OK;
}

enum barq_status bq_cron_parse_fields(const struct bq_cron_fields *fields, struct bq_cron *out,
                                      struct barq_error *err)
{
    const char *const texts[BQ_CRON_FIELDS] = {
        [BQ_CRON_SECOND] = fields->second ? fields->second : "0",
        [BQ_CRON_MINUTE] = fields->minute ? fields->minute : "*",
        [BQ_CRON_HOUR] = fields->hour ? fields->hour : "*",
        [BQ_CRON_DAY] = fields->day ? fields->day : "*",
        [BQ_CRON_MONTH] = fields->month ? fields->month : "*",
        [BQ_CRON_WEEKDAY] = fields->weekday ? fields->weekday : "*",
    };

    return read_all(texts, false, out, err);
}

static enum barq_status read_macro(const char *name, struct bq_cron *out, struct barq_error *err)
{
    for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
        if (bq_equal_nocase(macros[i].name, name)) {
            return bq_cron_parse(macros[i].expression, out, err);
        }
    }
    if (bq_equal_nocase(name, "@reboot")) {
        return bq_fail(err, BARQ_ERR_FORMAT, "cron: there is no @reboot, but run_at_startup");
    }
    return bq_fail(err, BARQ_ERR_FORMAT,
                   "cron: there is no '%.40s', but @yearly, @monthly, "
                   "@weekly, @daily and @hourly",
                   name);
}

enum barq_status bq_cron_parse(const char *expression, struct bq_cron *out, struct barq_error *err)
{
    char copy[BQ_CRON_MAX_BYTES + 1];
    const char *texts[BQ_CRON_FIELDS + 1] = {"0"};
    int count = 1; /* the second may be left out */
    char *rest = NULL;

    if (strlen(expression) > BQ_CRON_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_FORMAT, "cron: the expression has more than %d bytes",
                       BQ_CRON_MAX_BYTES);
    }
    memcpy(copy, expression, strlen(expression) + 1);
    const char *word = strtok_r(copy, " \t", &rest);
    while (word && count <= BQ_CRON_FIELDS) {
        texts[count++] = word;
        word = strtok_r(NULL, " \t", &rest);
    }
    if (count == 2 && texts[1][0] == '@') {
        return read_macro(texts[1], out, err);
    }
    if (count < BQ_CRON_FIELDS || word) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "cron: '%.80s' has not 5 fields (minute hour day month weekday), nor 6 "
                       "(second before them)",
                       expression);
    }
    const char **six = count == BQ_CRON_FIELDS ? texts : texts + 1;
    bool both = six[BQ_CRON_WEEKDAY][0] == '+';
    six[BQ_CRON_WEEKDAY] += both;
    return read_all(six, !both, out, err);
}
