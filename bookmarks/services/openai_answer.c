#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "services/call.h"
#include "services/openai.h"

enum {
    /* No writing needs more bytes a token. A server whose context is too small drops the beginning
     * of the question without a word: Ollama's does. */
    MOST_BYTES_A_TOKEN = 12,
    SHORT_BYTES = 8000,
};

static int64_t tokens_at(const struct barq_value *usage, const char *key)
{
    int64_t count = barq_as_int(barq_get(usage, key), 0);

    return count > 0 ? count : 0;
}

static bool was_cut(const struct bm_model_call *call, const struct bm_usage *usage)
{
    size_t len = strlen(call->question->instructions) + strlen(call->question->text);

    return usage->tokens_in > 0 && len > SHORT_BYTES &&
           (int64_t)len / usage->tokens_in > MOST_BYTES_A_TOKEN;
}

/* Why there is no text to be used; BARQ_OK when there is. */
static enum barq_status judge_choice(const struct barq_value *choice, struct bm_verdict *verdict,
                                     struct barq_error *err)
{
    const struct barq_value *message = barq_get(choice, "message");
    const char *end = barq_as_string(barq_get(choice, "finish_reason"), "");
    const char *refusal = barq_as_string(barq_get(message, "refusal"), "");

    if (*refusal || strcmp(end, "content_filter") == 0) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, err,
                         "openai: the model refuses");
    }
    if (strcmp(end, "length") == 0) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, err,
                         "openai: the answer is cut: allow it more tokens, or a larger context");
    }
    if (!*barq_as_string(barq_get(message, "content"), "")) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, err,
                         "openai: the model answered with nothing");
    }
    return BARQ_OK;
}

enum barq_status bm_openai_take(const struct barq_value *answer, const struct bm_model_call *call,
                                struct bm_model_answer *out, struct bm_verdict *verdict,
                                struct barq_error *err)
{
    const struct barq_value *choice = barq_at(barq_get(answer, "choices"), 0);
    const struct barq_value *usage = barq_get(answer, "usage");
    const char *version = barq_as_string(barq_get(answer, "model"), NULL);
    if (!barq_get(choice, "message")) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "openai: this is no answer of chat/completions");
    }
    out->usage.tokens_in = tokens_at(usage, "prompt_tokens");
    out->usage.tokens_out = tokens_at(usage, "completion_tokens");
    enum barq_status status = judge_choice(choice, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (was_cut(call, &out->usage)) {
        return bm_judged(
            verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
            "openai: the server has read %lld tokens only: raise its context (num_ctx, "
            "--ctx-size), or set context_tokens to what it has",
            (long long)out->usage.tokens_in);
    }

    const char *text = barq_as_string(barq_get(barq_get(choice, "message"), "content"), "");
    out->text = bq_arena_strdup(call->arena, text);
    out->version = version ? bq_arena_strdup(call->arena, version) : NULL;
    if (!out->text || (version && !out->version)) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "openai: arena is full");
    }
    return BARQ_OK;
}

/* -- errors -- */

/* What the server says of an error. No text is NULL. */
struct said {
    int http_status;
    const char *code;
    const char *message;
    const char *param;
};

static void read_error(const struct barq_value *body, struct said *said)
{
    const struct barq_value *error = barq_get(body, "error");
    const struct barq_value *detail = barq_get(body, "detail");

    said->code = barq_as_string(barq_get(error, "code"), "");
    said->param = barq_as_string(barq_get(error, "param"), "");
    /* {"error": "words"} and {"detail": "words"} come as well. */
    said->message = barq_as_string(barq_get(error, "message"), barq_as_string(error, ""));
    if (!*said->message) {
        said->message = barq_as_string(detail, "");
    }
}

static bool says(const struct said *said, const char *word)
{
    return strcasestr(said->message, word) != NULL;
}

static bool is_too_long(const struct said *said)
{
    return said->http_status == 413 || strcmp(said->code, "context_length_exceeded") == 0 ||
           says(said, "context length") || says(said, "context size") ||
           says(said, "context window") || says(said, "maximum context");
}

/* What a person has to change; NULL when it is nothing of the kind. */
static const char *setup_sentence(const struct said *said)
{
    if (strcmp(said->code, "insufficient_quota") == 0 || said->http_status == 402) {
        return "there is no money left with the provider";
    }
    if (said->http_status == 401 || said->http_status == 403) {
        return "the key is not accepted";
    }
    if (said->http_status == 404 || said->http_status == 405) {
        return "there is no such model, or the base URL is not one that ends in /v1";
    }
    if (says(said, "response_format") || says(said, "json_schema") || says(said, "grammar") ||
        strcmp(said->param, "response_format") == 0) {
        return "the server cannot enforce a schema: set the mode to json or plain";
    }
    return NULL;
}

static enum barq_status refuse(const struct said *said, const struct bm_model_call *call,
                               struct bm_verdict *verdict, struct barq_error *err)
{
    char shown[BM_MODEL_SAID_BYTES];

    if (is_too_long(said)) {
        return bm_judged(
            verdict, BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, err,
            "openai: it is too long for this model: set context_tokens to what it has");
    }
    bm_model_said(said->message, call->model->key, shown);
    return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                     "openai: the server does not accept the question: %s (HTTP %d)", shown,
                     said->http_status);
}

enum barq_status bm_openai_judge(int http_status, const char *text, size_t len,
                                 const struct bm_model_call *call, bool *limit,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *body = NULL;
    struct said said = {.http_status = http_status, .code = "", .message = "", .param = ""};
    bq_arena_init(&scratch, BM_MODEL_PARSED_MAX_BYTES);
    if (barq_from_json(&scratch, text, len, &body, NULL) == BARQ_OK) {
        read_error(body, &said);
    }

    *limit = http_status == 400 && strcmp(said.param, "max_tokens") == 0;
    const char *setup = http_status >= 400 && http_status < 500 && !is_too_long(&said)
                            ? setup_sentence(&said)
                            : NULL;
    if (setup) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err, "openai: %s", setup);
    }
    if (http_status == 429) {
        return bm_judged(verdict, BM_CALL_HELD, BM_REFUSAL_NONE, err, "openai: asked too often");
    }
    if (http_status >= 500 || http_status == 408 || http_status < 400) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, http_status < 400 ? BARQ_ERR_FORMAT : BARQ_ERR_CONN,
                       "openai: no answer for now (HTTP %d)%s", http_status,
                       says(&said, "loading") ? ": the model is being loaded" : "");
    }
    return refuse(&said, call, verdict, err);
}
