#include "services/model_list.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "services/call.h"
#include "services/gemini.h"
#include "services/openai.h"

/* Those of Gemini that only embed or paint are none. */
static bool can_answer(const struct barq_value *item)
{
    const struct barq_value *methods = barq_get(item, "supportedGenerationMethods");

    for (size_t i = 0; i < barq_count(methods); i++) {
        if (strcmp(barq_as_string(barq_at(methods, i), ""), "generateContent") == 0) {
            return true;
        }
    }
    return !methods;
}

static const char *name_of(const struct barq_value *item)
{
    static const char prefix[] = "models/";
    const char *id = barq_as_string(barq_get(item, "id"), NULL);
    const char *name = barq_as_string(barq_get(item, "name"), "");

    if (id) {
        return id;
    }
    return bq_starts_with(name, prefix) ? name + sizeof(prefix) - 1 : name;
}

static enum barq_status take(const struct barq_value *body, struct barq_arena *arena,
                             const char *const **out, size_t *count, struct bm_verdict *verdict,
                             struct barq_error *err)
{
    const struct barq_value *gemini = barq_get(body, "models");
    const struct barq_value *items = gemini ? gemini : barq_get(body, "data");
    size_t most = barq_count(items) < BM_MODEL_LIST_MAX ? barq_count(items) : BM_MODEL_LIST_MAX;
    size_t taken = 0;
    if (barq_kind(items) != BARQ_LIST) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "%s: the answer is no list of models",
                       bm_service_name(verdict->service));
    }

    const char **names = bq_arena_array(arena, most + 1, sizeof(*names));
    bool full = !names;
    for (size_t i = 0; names && i < most && !full; i++) {
        const char *name = name_of(barq_at(items, i));
        if (*name && can_answer(barq_at(items, i))) {
            names[taken] = bm_metadata_keep(arena, name, &full);
            taken += names[taken] != NULL;
        }
    }
    if (full) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "%s: arena is full", bm_service_name(verdict->service));
    }
    *out = names;
    *count = taken;
    return BARQ_OK;
}

static enum barq_status judge(const struct bq_http_answer *answer, const struct bm_model *model,
                              int64_t now_ms, struct barq_arena *arena, struct bm_verdict *verdict,
                              struct barq_error *err)
{
    struct bm_question none = {.text = ""};
    struct bm_model_call call = {
        .model = model, .question = &none, .now_ms = now_ms, .arena = arena};
    bool limit = false;

    if (model->service == BM_SERVICE_GEMINI) {
        return bm_gemini_judge(answer->status, answer->body, answer->body_bytes, &call, verdict,
                               err);
    }
    return bm_openai_judge(answer->status, answer->body, answer->body_bytes, &call, &limit, verdict,
                           err);
}

enum barq_status bm_model_list(const struct bm_model *model, int cancel_fd, int64_t now_ms,
                               struct barq_arena *arena, const char *const **out, size_t *count,
                               struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(arena) struct barq_arena scratch;
    bool is_gemini = model->service == BM_SERVICE_GEMINI;
    const char *key = model->key ? model->key : "none";
    const char *headers[] = {
        bq_arena_format(arena, is_gemini ? "x-goog-api-key: %s" : "Authorization: Bearer %s", key),
        NULL};
    struct barq_value *body = NULL;
    struct bq_http_answer answer;
    struct bm_call request = {
        .home = is_gemini ? BM_GEMINI_HOME : BM_OPENAI_HOME,
        .base_url = model->base_url,
        .path = is_gemini ? "/models?pageSize=1000" : "/models",
        .headers = headers,
        .answer_max_bytes = BM_MODEL_ANSWER_MAX_BYTES,
        .cancel_fd = cancel_fd,
    };
    *verdict = (struct bm_verdict){.service = model->service};

    bq_arena_init(&scratch, BM_MODEL_PARSED_MAX_BYTES);
    if (!headers[0]) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "model: arena is full");
    }
    enum barq_status status = bm_call(&client, &request, &answer, verdict, err);
    if (status == BARQ_OK && answer.status != 200) {
        return judge(&answer, model, now_ms, arena, verdict, err);
    }
    if (status == BARQ_OK) {
        status = bm_call_read_json(&scratch, answer.body, answer.body_bytes, &body, verdict, err);
    }
    return status == BARQ_OK ? take(body, arena, out, count, verdict, err) : status;
}
