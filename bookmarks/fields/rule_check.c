/* rule_check.c - whether a rule can only give what its field allows. */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "fields/rules.h"

enum { RULE_MAX_BYTES = 16 * 1024 };

static const struct bm_metadata sample = {
    .found = true,
    .title = "",
    .channel = "a channel",
    .language = "en",
    .duration_s = 600,
    .published_at_ms = 0,
};

static enum barq_status check_option(const struct bm_field *field, const struct barq_value *option,
                                     struct barq_error *err)
{
    struct bm_field one = *field;

    one.type = field->type == BM_MULTI_SELECT ? BM_SELECT : field->type;
    return bm_field_check(&one, option, err);
}

static enum barq_status check_patterns(const struct bm_field *field, const struct barq_value *list,
                                       struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(list); i++) {
        status = check_option(field, barq_get(barq_at(list, i), "option"), err);
    }
    return status;
}

/* Of the right kind; its bounds are of the values, not of the rule. */
static enum barq_status check_finding(const struct bm_field *field, struct barq_arena *arena,
                                      struct barq_error *err)
{
    struct bm_field any = {.name = field->name, .type = field->type};
    struct barq_value *found = NULL;

    any.type = field->type == BM_RATING ? BM_NUMBER : field->type;
    enum barq_status status = bm_rule_apply(field->rule, &sample, arena, &found, err);
    if (status == BARQ_OK && found) {
        status = bm_field_check(&any, found, err);
    }
    return status;
}

enum barq_status bm_rule_check(const struct bm_field *field, struct barq_arena *arena,
                               struct barq_error *err)
{
    const struct barq_value *otherwise = barq_get(field->rule, "otherwise");
    const char *json = NULL;
    struct barq_error why = {0};
    size_t len = 0;

    if (!field->rule) {
        return BARQ_OK;
    }
    enum barq_status status = barq_to_json(arena, field->rule, &json, &len, &why);
    if (status == BARQ_OK && len > RULE_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG, "fields: %s: its rule is too long", field->name);
    }
    if (status == BARQ_OK) {
        status = check_finding(field, arena, &why);
    }
    if (status == BARQ_OK) {
        status = check_patterns(field, barq_get(field->rule, "first"), &why);
    }
    if (status == BARQ_OK) {
        status = check_patterns(field, barq_get(field->rule, "all"), &why);
    }
    if (status == BARQ_OK && otherwise) {
        status = check_option(field, otherwise, &why);
    }
    if (status == BARQ_OK || status == BARQ_ERR_NOMEM) {
        return status == BARQ_OK ? status : bq_fail(err, status, "%s", why.text);
    }
    return bq_fail(err, BARQ_ERR_ARG, "fields: %s: its rule: %s", field->name, why.text);
}
