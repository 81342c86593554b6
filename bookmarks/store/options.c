#include "store/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "store/settings.h"

static const char *const services[] = {"gemini", "openai", NULL};
static const char *const modes[] = {"structured", "json", "plain", NULL};

/* clang-format off */
const struct bm_option bm_options[] = {
    {.name = "youtube_api_key", .label = "key for the YouTube Data API", .kind = BM_OPTION_SECRET,
     .environment = "YOUTUBE_API_KEY"},
    {.name = "youtube_daily_units", .label = "units of its quota a day", .kind = BM_OPTION_INT,
     .least = 1, .most = 100000000},
    {.name = "caption_languages", .label = "languages of captions, the best first", .kind = BM_OPTION_TEXT,
     .environment = "BOOKMARKS_LANGUAGES"},
    {.name = "model_service", .label = "who fills fields in", .kind = BM_OPTION_WORD, .words = services},
    {.name = "gemini_api_key", .label = "key for Gemini", .kind = BM_OPTION_SECRET,
     .environment = "GEMINI_API_KEY"},
    {.name = "gemini_model", .label = "its model", .kind = BM_OPTION_TEXT, .environment = "GEMINI_MODEL"},
    {.name = "openai_base_url", .label = "address of a server that speaks like OpenAI's, with /v1",
     .kind = BM_OPTION_URL, .environment = "OPENAI_BASE_URL"},
    {.name = "openai_api_key", .label = "its key", .kind = BM_OPTION_SECRET, .environment = "OPENAI_API_KEY"},
    {.name = "openai_model", .label = "its model", .kind = BM_OPTION_TEXT, .environment = "OPENAI_MODEL"},
    {.name = "openai_mode", .label = "how it is told what to answer", .kind = BM_OPTION_WORD, .words = modes},
    {.name = "model_context_tokens", .label = "tokens of question and answer", .kind = BM_OPTION_INT,
     .least = 1024, .most = 100000000},
    {.name = "model_output_tokens", .label = "tokens of an answer", .kind = BM_OPTION_INT,
     .least = 64, .most = 1000000},
    {.name = "model_timeout_seconds", .label = "seconds for an answer", .kind = BM_OPTION_INT,
     .least = 1, .most = 3600},
    {.name = "watch_max_minutes", .label = "minutes of the longest video that Gemini may see itself",
     .kind = BM_OPTION_INT, .least = 1, .most = 720},
    {.name = "model_price_in", .label = "US dollars for a million tokens asked", .kind = BM_OPTION_MONEY},
    {.name = "model_price_out", .label = "US dollars for a million tokens answered", .kind = BM_OPTION_MONEY},
    {.name = "daily_budget", .label = "US dollars a day; nothing is asked beyond", .kind = BM_OPTION_MONEY},
    {.name = NULL},
};
/* clang-format on */

_Static_assert(sizeof(bm_options) / sizeof(bm_options[0]) <= BM_OPTIONS_MAX, "make room for them");

const struct bm_option *bm_option_find(const char *name)
{
    for (const struct bm_option *option = bm_options; option->name; option++) {
        if (strcmp(option->name, name) == 0) {
            return option;
        }
    }
    return NULL;
}

/* -- what it may be -- */

/* They end up in headers and paths of requests: nothing in them may end a line. */
static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~') {
            return false;
        }
    }
    return true;
}

static bool is_url(const char *text)
{
    const char *host = strstr(text, "://");
    bool is_web = bq_starts_with(text, "http://") || bq_starts_with(text, "https://");
    if (!is_web || !is_visible(text)) {
        return false;
    }

    host += 3;
    size_t len = strcspn(host, "/?#");
    return len > 0 && !memchr(host, '@', len) && host[len] != '?' && !strchr(host, '#');
}

static bool is_word(const char *const *words, const char *text)
{
    for (; *words; words++) {
        if (strcmp(*words, text) == 0) {
            return true;
        }
    }
    return false;
}

/* "12", "12.5", "0.000001" */
static bool is_money(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t parts = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

    if (whole == 0 || whole > 9 || parts > 6) {
        return false;
    }
    return text[whole] == '\0' || (parts > 0 && text[whole + 1 + parts] == '\0');
}

/* NULL: it may be that. */
static enum barq_status judge(const struct bm_option *option, const char *text,
                              struct barq_error *err)
{
    int64_t number = 0;

    if (strlen(text) > BM_OPTION_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: must have at most %d bytes",
                       BM_OPTION_MAX_BYTES);
    }
    switch (option->kind) {
    case BM_OPTION_SECRET:
    case BM_OPTION_TEXT:
        return is_visible(text) ? BARQ_OK
                                : bq_fail(err, BARQ_ERR_ARG,
                                          "settings: must be letters, digits and signs of ASCII");
    case BM_OPTION_URL:
        return is_url(text) ? BARQ_OK
                            : bq_fail(err, BARQ_ERR_ARG,
                                      "settings: must be an address: http://localhost:11434/v1");
    case BM_OPTION_WORD:
        return is_word(option->words, text)
                   ? BARQ_OK
                   : bq_fail(err, BARQ_ERR_ARG, "settings: must be one of %s, %s%s%s",
                             option->words[0], option->words[1], option->words[2] ? ", " : "",
                             option->words[2] ? option->words[2] : "");
    case BM_OPTION_INT:
        return bq_parse_int(text, &number) && number >= option->least && number <= option->most
                   ? BARQ_OK
                   : bq_fail(err, BARQ_ERR_ARG, "settings: must be a whole number from %jd to %jd",
                             (intmax_t)option->least, (intmax_t)option->most);
    case BM_OPTION_MONEY:
        return is_money(text) ? BARQ_OK
                              : bq_fail(err, BARQ_ERR_ARG,
                                        "settings: must be US dollars, like 2.50, to six decimals");
    case BM_OPTION_BOOL:
        break;
    }
    return strcmp(text, "true") == 0 || strcmp(text, "false") == 0
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_ARG, "settings: must be true or false");
}

/* -- what it is -- */

enum barq_status bm_option_get(struct barq_session *session, const struct bm_option *option,
                               struct barq_arena *arena, struct bm_option_value *out,
                               struct barq_error *err)
{
    const char *given = option->environment ? getenv(option->environment) : NULL;

    if (given && *given != '\0') {
        *out = (struct bm_option_value){.text = given, .from_environment = true};
        return BARQ_OK;
    }
    *out = (struct bm_option_value){0};
    return bm_setting(session, option->name, arena, &out->text, err);
}

enum barq_status bm_option_texts(struct barq_session *session, struct barq_arena *arena,
                                 struct bm_option_texts *out, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    *out = (struct bm_option_texts){0};
    for (size_t i = 0; status == BARQ_OK && bm_options[i].name; i++) {
        struct bm_option_value value;
        status = bm_option_get(session, &bm_options[i], arena, &value, err);
        out->texts[i] = status == BARQ_OK ? value.text : NULL;
    }
    return status;
}

const char *bm_option_text(void *texts, const char *name)
{
    const struct bm_option_texts *all = texts;
    const struct bm_option *option = bm_option_find(name);

    return option ? all->texts[option - bm_options] : NULL;
}

enum barq_status bm_option_set(struct barq_session *session, const struct bm_option *option,
                               const char *text, int64_t now_ms, struct barq_error *err)
{
    enum barq_status status = text && *text != '\0' ? judge(option, text, err) : BARQ_OK;

    return status == BARQ_OK ? bm_setting_put(session, option->name, text,
                                              option->kind == BM_OPTION_SECRET, now_ms, err)
                             : status;
}

/* Of a short one nothing: four of its characters would be too many. */
static const char *last_of(const char *secret)
{
    size_t len = strlen(secret);

    return len >= 16 ? secret + len - 4 : "";
}

struct barq_value *bm_option_json(const struct bm_option *option,
                                  const struct bm_option_value *value, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    const char *from = value->from_environment ? "environment" : "settings";
    bool is_secret = option->kind == BM_OPTION_SECRET;
    const char *shown = value->text && is_secret ? last_of(value->text) : value->text;

    barq_set_key(map, "set", barq_bool(arena, value->text != NULL));
    barq_set_key(map, "from", barq_string(arena, value->text ? from : NULL));
    barq_set_key(map, is_secret ? "last4" : "value", barq_string(arena, shown));
    return map;
}
