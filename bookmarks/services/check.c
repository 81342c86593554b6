#include "services/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "services/model_list.h"
#include "services/web.h"
#include "services/ytdlp.h"

enum {
    ARENA_BYTES = 4 * 1024 * 1024,
    ANSWER_TOKENS = 2000, /* those that think need some for that */
    SAID_BYTES = 4096,
    NAMES_SHOWN = 8,
    VERSION_TIMEOUT_MS = 20000,
};

/* The first video that there was. */
static const char *const known[] = {"jNQXAC9IVRw"};

static void tell(struct bm_check *out, bool works, const char *format, ...) BARQ_PRINTF(3, 4);

static void tell(struct bm_check *out, bool works, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(out->text, sizeof(out->text), format, values);
    va_end(values);
    out->works = works;
}

void bm_check_youtube(const struct bm_services_settings *settings, int cancel_fd, int64_t now_ms,
                      struct bm_check *out)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_metadata *videos = NULL;
    struct barq_error err = {0};
    *out = (struct bm_check){.verdict = {.service = BM_SERVICE_YOUTUBE}};
    bq_arena_init(&arena, ARENA_BYTES);
    if (!settings->youtube.key && !settings->youtube.base_url) {
        tell(out, false, "no key for YouTube is set");
        return;
    }

    enum barq_status status = bm_youtube_fetch(&settings->youtube, known, 1, cancel_fd, now_ms,
                                               &arena, &videos, &out->verdict, &err);
    if (status != BARQ_OK) {
        tell(out, false, "%s", err.text);
        return;
    }
    tell(out, true, "YouTube takes the key");
}

/* -- a model -- */

/* Which models there are, where that is known: so that a person can choose. */
static void tell_names(const struct bm_model *model, int cancel_fd, int64_t now_ms,
                       struct barq_arena *arena, struct bm_check *out)
{
    const char *const *names = NULL;
    size_t count = 0;
    size_t len = strlen(out->text);
    struct bm_verdict verdict;

    if (bm_model_list(model, cancel_fd, now_ms, arena, &names, &count, &verdict, NULL) != BARQ_OK ||
        count == 0) {
        return;
    }
    for (size_t i = 0; i < count && i < NAMES_SHOWN && len < sizeof(out->text) - 1; i++) {
        int put = snprintf(out->text + len, sizeof(out->text) - len, "%s%.60s",
                           i ? ", " : "; there are ", names[i]);
        len += put > 0 ? (size_t)put : 0;
    }
}

void bm_check_model(const struct bm_services_settings *settings, int cancel_fd, int64_t now_ms,
                    struct bm_check *out)
{
    static const char schema_text[] =
        "{\"type\":\"object\",\"properties\":{\"works\":{\"type\":\"boolean\"}},"
        "\"required\":[\"works\"],\"additionalProperties\":false}";
    bq_auto(arena) struct barq_arena arena;
    struct barq_value *schema = NULL;
    struct barq_error err = {0};
    struct bm_model_answer answer = {.text = NULL};
    struct bm_model model = settings->model;
    *out = (struct bm_check){.verdict = {.service = model.service}};
    bq_arena_init(&arena, ARENA_BYTES);
    if (barq_from_json(&arena, schema_text, strlen(schema_text), &schema, &err) != BARQ_OK) {
        tell(out, false, "%s", err.text);
        return;
    }

    struct bm_question question = {
        .instructions = "Answer whether you can read this.", .text = "Hello.", .schema = schema};
    model.output_tokens = ANSWER_TOKENS;
    enum barq_status status =
        bm_model_ask(&model, &question, cancel_fd, now_ms, &arena, &answer, &out->verdict, &err);
    out->usage = answer.usage;
    if (status == BARQ_OK) {
        tell(out, true, "%.100s answers", answer.version ? answer.version : model.name);
        return;
    }
    tell(out, false, "%.300s", err.text);
    if (out->verdict.outcome == BM_CALL_SETUP && model.service != BM_SERVICE_NONE) {
        tell_names(&model, cancel_fd, now_ms, &arena, out);
    }
}

/* -- without a key -- */

void bm_check_web(const struct bm_services_settings *settings, int cancel_fd, struct bm_check *out)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_metadata video;
    struct barq_error err = {0};
    bm_auto(web_call) struct bm_web_call call = {
        .base_url = settings->web_url,
        .timeout_ms = settings->timeout_ms,
        .cancel_fd = cancel_fd,
        .arena = &arena,
    };

    bq_arena_init(&arena, ARENA_BYTES);
    *out = (struct bm_check){.works = false};
    if (bm_oembed_fetch(&call, known[0], &video, &out->verdict, &err) == BARQ_OK) {
        tell(out, true, "youtube.com answers without a key");
    } else {
        tell(out, false, "%s", err.text);
    }
}

void bm_check_ytdlp(const struct bm_services_settings *settings, int cancel_fd,
                    struct bm_check *out)
{
    bq_auto(buf) struct bq_buf text;
    bq_auto(buf) struct bq_buf said;
    char path[BM_PROGRAM_PATH_BYTES];
    struct bq_child_end end = {.code = 0};
    struct barq_error err = {0};
    char *const argv[] = {(char[]){"yt-dlp"}, (char[]){"--ignore-config"}, (char[]){"--version"},
                          NULL};
    struct bm_program program = {
        .path = path, .argv = argv, .timeout_ms = VERSION_TIMEOUT_MS, .cancel_fd = cancel_fd};

    bq_buf_init(&text, SAID_BYTES);
    bq_buf_init(&said, SAID_BYTES);
    *out = (struct bm_check){.verdict = {.service = BM_SERVICE_YTDLP}};
    if (!bm_ytdlp_find(settings->ytdlp, path)) {
        tell(out, false, "yt-dlp is not installed, or not used");
        return;
    }
    if (bm_program_run(&program, &text, &said, &end, &err) != BARQ_OK) {
        tell(out, false, "%.300s", err.text);
        return;
    }
    const char *version = bq_buf_cstr(&text);
    size_t len = version ? strspn(version, "0123456789.") : 0;
    if (end.signaled || end.code != 0 || len == 0) {
        tell(out, false, "%.200s does not say its version", path);
    } else {
        tell(out, true, "yt-dlp %.*s", len < 40 ? (int)len : 40, version);
    }
}
