#include "services/gemini.h"

#include <string.h>

#include "base/error.h"
#include "services/call.h"

/* -- the request -- */

static struct barq_value *text_part(struct barq_arena *arena, const char *text)
{
    struct barq_value *part = barq_map(arena);

    barq_set_key(part, "text", barq_string(arena, text));
    return part;
}

static struct barq_value *video_part(struct barq_arena *arena, const char *url)
{
    struct barq_value *data = barq_map(arena);
    struct barq_value *part = barq_map(arena);

    barq_set_key(data, "fileUri", barq_string(arena, url));
    barq_set_key(data, "mimeType", barq_string(arena, "video/mp4"));
    barq_set_key(part, "fileData", data);
    return part;
}

static struct barq_value *content(struct barq_arena *arena, struct barq_value *first,
                                  struct barq_value *second)
{
    struct barq_value *parts = barq_list(arena);
    struct barq_value *made = barq_map(arena);

    barq_add(parts, first);
    if (second) {
        barq_add(parts, second);
    }
    barq_set_key(made, "parts", parts);
    return made;
}

/* Filling in a table needs no long thoughts, and they cost: as few as the model lets us ask for. */
static struct barq_value *thinking(struct barq_arena *arena, const char *model)
{
    struct barq_value *config = barq_map(arena);

    if (strstr(model, "2.5-flash")) {
        barq_set_key(config, "thinkingBudget", barq_int(arena, 0));
    } else if (strstr(model, "2.5-pro")) {
        barq_set_key(config, "thinkingBudget", barq_int(arena, 128));
    } else if (strstr(model, "gemini-3")) {
        barq_set_key(config, "thinkingLevel", barq_string(arena, "low"));
    } else {
        return NULL; /* others don't know the word */
    }
    return config;
}

static struct barq_value *generation(const struct bm_model_call *call)
{
    struct barq_arena *arena = call->arena;
    struct barq_value *config = barq_map(arena);
    struct barq_value *thoughts = thinking(arena, call->model->name);

    barq_set_key(config, "temperature", barq_double(arena, 0.1));
    barq_set_key(config, "maxOutputTokens", barq_int(arena, bm_model_output(call->model)));
    if (call->question->schema) {
        barq_set_key(config, "responseMimeType", barq_string(arena, "application/json"));
        barq_set_key(config, "responseJsonSchema", barq_copy(arena, call->question->schema));
    }
    if (call->question->video_url) {
        barq_set_key(config, "mediaResolution", barq_string(arena, "MEDIA_RESOLUTION_LOW"));
    }
    if (thoughts) {
        barq_set_key(config, "thinkingConfig", thoughts);
    }
    return config;
}

const char *bm_gemini_body(const struct bm_model_call *call, size_t *len)
{
    struct barq_arena *arena = call->arena;
    const struct bm_question *question = call->question;
    struct barq_value *body = barq_map(arena);
    struct barq_value *contents = barq_list(arena);
    struct barq_value *text = text_part(arena, question->text);
    struct barq_value *asked = question->video_url
                                   ? content(arena, video_part(arena, question->video_url), text)
                                   : content(arena, text, NULL);
    const char *json = NULL;

    barq_set_key(asked, "role", barq_string(arena, "user"));
    barq_add(contents, asked);
    barq_set_key(body, "systemInstruction",
                 content(arena, text_part(arena, question->instructions), NULL));
    barq_set_key(body, "contents", contents);
    barq_set_key(body, "generationConfig", generation(call));
    return barq_to_json(arena, body, &json, len, NULL) == BARQ_OK ? json : NULL;
}

/* -- the call -- */

static enum barq_status take(const struct bm_model_call *call, const struct bq_http_answer *answer,
                             struct bm_model_answer *out, struct bm_verdict *verdict,
                             struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *body = NULL;
    bq_arena_init(&scratch, BM_MODEL_PARSED_MAX_BYTES);

    if (answer->status != 200) {
        return bm_gemini_judge(answer->status, answer->body, answer->body_bytes, call, verdict,
                               err);
    }
    enum barq_status status =
        bm_call_read_json(&scratch, answer->body, answer->body_bytes, &body, verdict, err);
    return status == BARQ_OK ? bm_gemini_take(body, call->arena, out, verdict, err) : status;
}

enum barq_status bm_gemini_ask(const struct bm_model_call *call, struct bm_model_answer *out,
                               struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(http_client) struct bq_http_client *client = NULL;
    bq_auto(buf) struct bq_buf path;
    const struct bm_model *model = call->model;
    const char *key = model->key ? model->key : "";
    const char *headers[] = {"Content-Type: application/json",
                             bq_arena_format(call->arena, "x-goog-api-key: %s", key), NULL};
    struct bq_http_answer answer;
    struct bm_call request = {
        .home = BM_GEMINI_HOME,
        .base_url = model->base_url,
        .headers = headers,
        .timeout_ms = model->timeout_ms > 0 ? model->timeout_ms : BM_MODEL_TIMEOUT_MS,
        .answer_max_bytes = BM_MODEL_ANSWER_MAX_BYTES,
        .cancel_fd = call->cancel_fd,
    };

    bq_buf_init(&path, BM_CALL_URL_MAX_BYTES);
    bq_buf_puts(&path, "/models/");
    bm_put_escaped(&path, model->name);
    bq_buf_puts(&path, ":generateContent");
    request.path = bq_buf_cstr(&path);
    request.body = bm_gemini_body(call, &request.body_bytes);
    if (!headers[1] || !request.path || !request.body) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "gemini: out of memory, or a question too large");
    }

    enum barq_status status = bm_call(&client, &request, &answer, verdict, err);
    return status == BARQ_OK ? take(call, &answer, out, verdict, err) : status;
}
