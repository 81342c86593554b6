#include "services/model.h"

#include <string.h>

#include "services/gemini.h"
#include "services/openai.h"

static const char *const modes[BM_MODES] = {
    [BM_MODE_STRUCTURED] = "structured",
    [BM_MODE_JSON] = "json",
    [BM_MODE_PLAIN] = "plain",
};

const char *bm_mode_name(enum bm_mode mode)
{
    return mode < BM_MODES ? modes[mode] : "";
}

bool bm_mode_parse(const char *name, enum bm_mode *out)
{
    for (int i = 0; i < BM_MODES; i++) {
        if (strcmp(modes[i], name) == 0) {
            *out = (enum bm_mode)i;
            return true;
        }
    }
    return false;
}

int64_t bm_model_context(const struct bm_model *model)
{
    int64_t usual =
        model->service == BM_SERVICE_GEMINI ? BM_GEMINI_CONTEXT_TOKENS : BM_OPENAI_CONTEXT_TOKENS;

    return model->context_tokens > 0 ? model->context_tokens : usual;
}

int64_t bm_model_output(const struct bm_model *model)
{
    int64_t wanted = model->output_tokens > 0 ? model->output_tokens : BM_MODEL_OUTPUT_TOKENS;
    int64_t half = bm_model_context(model) / 2;

    return wanted < half ? wanted : half;
}

int64_t bm_usage_cost(const struct bm_price *price, int64_t tokens_in, int64_t tokens_out)
{
    double cost = price->in * (double)tokens_in + price->out * (double)tokens_out;

    if (!(cost > 0) || cost > 1e15) {
        return 0;
    }
    return (int64_t)cost + (cost > (double)(int64_t)cost); /* rounded up */
}

/* -- JSON in text -- */

static const struct barq_value *read_object(const char *text, size_t len, struct barq_arena *arena)
{
    struct barq_value *value = NULL;

    if (barq_from_json(arena, text, len, &value, NULL) != BARQ_OK) {
        return NULL;
    }
    return barq_kind(value) == BARQ_MAP ? value : NULL;
}

/* Where the object that begins at `at` ends: after its last brace; NULL when it is cut. */
static const char *find_end(const char *at)
{
    int depth = 0;
    bool quoted = false;

    for (; *at; at++) {
        if (quoted) {
            if (*at == '\\' && at[1]) {
                at++;
            } else {
                quoted = *at != '"';
            }
        } else if (*at == '"') {
            quoted = true;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if ((*at == '}' || *at == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

const struct barq_value *bm_model_json(const char *text, struct barq_arena *arena)
{
    const char *thought = strstr(text, "</think>");
    const char *from = thought ? thought + strlen("</think>") : text;
    const char *brace = strchr(from, '{');
    const char *end = brace ? find_end(brace) : NULL;

    return end ? read_object(brace, (size_t)(end - brace), arena) : NULL;
}

/* -- asking -- */

/* What was asked for is JSON: finds it in the text. */
static enum barq_status read_value(struct barq_arena *arena, struct bm_model_answer *answer,
                                   struct bm_verdict *verdict, struct barq_error *err)
{
    answer->value = bm_model_json(answer->text, arena);
    if (answer->value) {
        return BARQ_OK;
    }
    return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER, err,
                     "%s: the model's answer is no JSON object", bm_service_name(verdict->service));
}

enum barq_status bm_model_ask(const struct bm_model *model, const struct bm_question *question,
                              int cancel_fd, int64_t now_ms, struct barq_arena *arena,
                              struct bm_model_answer *out, struct bm_verdict *verdict,
                              struct barq_error *err)
{
    struct bm_model_call call = {
        .model = model,
        .question = question,
        .cancel_fd = cancel_fd,
        .now_ms = now_ms,
        .arena = arena,
    };
    enum barq_status status = BARQ_OK;
    *out = (struct bm_model_answer){.text = ""};
    *verdict = (struct bm_verdict){.service = model->service};

    if ((model->service != BM_SERVICE_GEMINI && model->service != BM_SERVICE_OPENAI) ||
        !model->name || !*model->name) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "model: none is set: choose one in the settings");
    }
    if (model->service == BM_SERVICE_GEMINI) {
        status = bm_gemini_ask(&call, out, verdict, err);
    } else {
        status = bm_openai_ask(&call, out, verdict, err);
    }
    out->usage.cost_millionths =
        bm_usage_cost(&model->price, out->usage.tokens_in, out->usage.tokens_out);
    return status == BARQ_OK && question->schema ? read_value(arena, out, verdict, err) : status;
}
