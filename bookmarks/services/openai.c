#include "services/openai.h"

#include <string.h>

#include "base/error.h"
#include "services/call.h"

/* -- the request -- */

static struct barq_value *message(struct barq_arena *arena, const char *role, const char *text)
{
    struct barq_value *made = barq_map(arena);

    barq_set_key(made, "role", barq_string(arena, role));
    barq_set_key(made, "content", barq_string(arena, text));
    return made;
}

/* Where the server does not enforce the schema, it is told in words. */
static const char *instructions(const struct bm_model_call *call)
{
    const char *schema = NULL;
    if (!call->question->schema || call->model->mode == BM_MODE_STRUCTURED) {
        return call->question->instructions;
    }
    if (barq_to_json(call->arena, call->question->schema, &schema, NULL, NULL) != BARQ_OK) {
        return NULL;
    }
    return bq_arena_format(call->arena,
                           "%s\nAnswer with one JSON object and nothing else. It must be valid by "
                           "this JSON Schema:\n%s",
                           call->question->instructions, schema);
}

static struct barq_value *response_format(const struct bm_model_call *call)
{
    struct barq_arena *arena = call->arena;
    struct barq_value *format = barq_map(arena);
    struct barq_value *named = barq_map(arena);

    if (call->model->mode == BM_MODE_JSON) {
        barq_set_key(format, "type", barq_string(arena, "json_object"));
        return format;
    }
    barq_set_key(named, "name", barq_string(arena, "fields"));
    barq_set_key(named, "strict", barq_bool(arena, true));
    barq_set_key(named, "schema", barq_copy(arena, call->question->schema));
    barq_set_key(format, "type", barq_string(arena, "json_schema"));
    barq_set_key(format, "json_schema", named);
    return format;
}

const char *bm_openai_body(const struct bm_model_call *call, const char *limit_key, size_t *len)
{
    struct barq_arena *arena = call->arena;
    struct barq_value *body = barq_map(arena);
    struct barq_value *messages = barq_list(arena);
    const char *system = instructions(call);
    const char *json = NULL;
    if (!system) {
        return NULL;
    }

    barq_add(messages, message(arena, "system", system));
    barq_add(messages, message(arena, "user", call->question->text));
    barq_set_key(body, "model", barq_string(arena, call->model->name));
    barq_set_key(body, "messages", messages);
    if (strcmp(limit_key, "max_tokens") == 0) { /* OpenAI's new models choose it themselves */
        barq_set_key(body, "temperature", barq_double(arena, 0.1));
    }
    barq_set_key(body, limit_key, barq_int(arena, bm_model_output(call->model)));
    barq_set_key(body, "stream", barq_bool(arena, false));
    if (call->question->schema && call->model->mode != BM_MODE_PLAIN) {
        barq_set_key(body, "response_format", response_format(call));
    }
    return barq_to_json(arena, body, &json, len, NULL) == BARQ_OK ? json : NULL;
}

/* -- the call -- */

static enum barq_status ask_once(const struct bm_model_call *call, const char *limit_key,
                                 struct bm_model_answer *out, bool *limit,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(arena) struct barq_arena scratch;
    const struct bm_model *model = call->model;
    const char *bearer =
        bq_arena_format(call->arena, "Authorization: Bearer %s", model->key ? model->key : "none");
    const char *headers[] = {"Content-Type: application/json", bearer, NULL};
    struct barq_value *body = NULL;
    struct bq_http_answer answer;
    struct bm_call request = {
        .home = BM_OPENAI_HOME,
        .base_url = model->base_url,
        .path = "/chat/completions",
        .headers = headers,
        .timeout_ms = model->timeout_ms > 0 ? model->timeout_ms : BM_MODEL_TIMEOUT_MS,
        .answer_max_bytes = BM_MODEL_ANSWER_MAX_BYTES,
        .cancel_fd = call->cancel_fd,
    };

    bq_arena_init(&scratch, BM_MODEL_PARSED_MAX_BYTES);
    request.body = bm_openai_body(call, limit_key, &request.body_bytes);
    if (!bearer || !request.body) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "openai: out of memory, or a question too large");
    }
    enum barq_status status = bm_call(&client, &request, &answer, verdict, err);
    if (status == BARQ_OK && answer.status != 200) {
        return bm_openai_judge(answer.status, answer.body, answer.body_bytes, call, limit, verdict,
                               err);
    }
    if (status == BARQ_OK) {
        status = bm_call_read_json(&scratch, answer.body, answer.body_bytes, &body, verdict, err);
    }
    return status == BARQ_OK ? bm_openai_take(body, call, out, verdict, err) : status;
}

enum barq_status bm_openai_ask(const struct bm_model_call *call, struct bm_model_answer *out,
                               struct bm_verdict *verdict, struct barq_error *err)
{
    bool limit = false;
    if (call->question->video_url) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "openai: only Gemini can watch a video: use its transcript");
    }

    enum barq_status status = ask_once(call, "max_tokens", out, &limit, verdict, err);
    if (!limit) {
        return status;
    }
    verdict->outcome = BM_CALL_OK;
    verdict->refusal = BM_REFUSAL_NONE;
    return ask_once(call, "max_completion_tokens", out, &limit, verdict, err);
}
