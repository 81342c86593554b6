/*
 * check.c - what is wrong with a value, and where in it.
 */
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/error.h"
#include "base/text.h"
#include "codec/value.h"

enum { SHOWN_KEY_BYTES = 40 };

/* A path as it grows. Once something did not fit, nothing more goes in. */
struct path {
    char *text;
    size_t len;
    bool cut;
};

static void put(struct path *path, const char *text)
{
    static const char ending[] = "...";
    size_t len = strlen(text);

    if (path->cut) {
        return;
    }
    if (path->len + len + sizeof(ending) > BQ_PATH_TEXT_BYTES) {
        path->cut = true;
        text = ending;
        len = strlen(ending);
    }
    memcpy(path->text + path->len, text, len + 1);
    path->len += len;
}

static bool is_word(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    return *text != '\0' && text[strspn(text, letters)] == '\0';
}

/* ".key", or ["a key"] without the bytes that a terminal might obey. */
static void put_key(struct path *path, const struct barq_value *key)
{
    size_t len;
    const char *name = barq_as_bytes(key, &len);
    char shown[SHOWN_KEY_BYTES + 1];

    len = bq_utf8_cut(name, len, SHOWN_KEY_BYTES);
    memcpy(shown, name, len);
    shown[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)shown[i] < ' ' || shown[i] == 0x7f) {
            shown[i] = '?';
        }
    }
    bool word = strlen(name) == len && is_word(shown);
    put(path, word ? "." : "[\"");
    put(path, shown);
    put(path, word ? "" : "\"]");
}

static void put_steps(struct path *path, const struct bq_step *step)
{
    if (!step) {
        return;
    }
    put_steps(path, step->up);
    const struct barq_value *key = barq_key_at(step->container, step->index);
    if (barq_kind(key) == BARQ_STRING) {
        put_key(path, key);
        return;
    }
    char index[32];
    (void)snprintf(index, sizeof(index), "[%zu]", step->index);
    put(path, barq_kind(step->container) == BARQ_NAMED ? "()" : index);
}

void bq_path_text(const struct bq_step *step, char out[BQ_PATH_TEXT_BYTES])
{
    struct path path = {.text = out};

    out[0] = '\0';
    put(&path, "$");
    put_steps(&path, step);
}

enum barq_status bq_flaw_check(const struct barq_value *value, const struct bq_step *step,
                               struct barq_error *err)
{
    static const struct {
        enum barq_status status;
        const char *text;
    } flaws[] = {
        [BQ_FLAW_NONE] = {BARQ_OK, ""},
        [BQ_FLAW_MISSING] = {BARQ_ERR_NOMEM,
                             "NULL was added to it: its arena is full, or a text was not UTF-8"},
        [BQ_FLAW_FULL] = {BARQ_ERR_NOMEM, "its arena is full"},
        [BQ_FLAW_ITSELF] = {BARQ_ERR_BUG, "it was added to itself"},
        [BQ_FLAW_CLOSED] = {BARQ_ERR_BUG, "it was added to after it was put into another value"},
        [BQ_FLAW_ELSEWHERE] = {BARQ_ERR_BUG,
                               "it was given a container that is in another value already; give "
                               "it a copy (barq_copy)"},
        [BQ_FLAW_TOO_DEEP] = {BARQ_ERR_LIMIT, "containers are nested too deep in it"},
        [BQ_FLAW_TOO_MANY] = {BARQ_ERR_LIMIT, "it has too many members"},
        [BQ_FLAW_NO_CONTAINER] = {BARQ_ERR_BUG, "something was added to it that it cannot hold"},
    };
    enum bq_flaw flaw = value ? (enum bq_flaw)value->flaw : BQ_FLAW_MISSING;
    char path[BQ_PATH_TEXT_BYTES];

    if (flaw == BQ_FLAW_NONE) {
        return BARQ_OK;
    }
    bq_path_text(step, path);
    return bq_fail(err, flaws[flaw].status, "value: %s is broken: %s", path,
                   value ? flaws[flaw].text : "it is NULL, since its arena is full");
}

static enum barq_status check(const struct barq_value *value, const struct bq_step *up,
                              struct barq_error *err);

static enum barq_status check_members(const struct barq_value *box, const struct bq_step *up,
                                      struct barq_error *err)
{
    struct bq_step step = {.up = up, .container = box};
    enum barq_status status = BARQ_OK;

    for (; status == BARQ_OK && step.index < barq_count(box); step.index++) {
        status = check(barq_at(box, step.index), &step, err);
        if (status == BARQ_OK && box->kind == BARQ_MAP) {
            status = check(barq_key_at(box, step.index), &step, err);
        }
    }
    return status;
}

static enum barq_status check(const struct barq_value *value, const struct bq_step *up,
                              struct barq_error *err)
{
    enum barq_status status = bq_flaw_check(value, up, err);
    if (status != BARQ_OK || value->depth == 0) {
        return status;
    }
    if (value->kind == BARQ_NAMED) {
        struct bq_step step = {.up = up, .container = value};
        return check(value->as.named.content, &step, err);
    }
    return check_members(value, up, err);
}

enum barq_status barq_value_check(const struct barq_value *value, struct barq_error *err)
{
    return check(value, NULL, err);
}
