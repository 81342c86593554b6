#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "services/gemini.h"

/* -- what is said -- */

/* All parts but thoughts, one after the other. */
static const char *join_text(const struct barq_value *parts, struct barq_arena *arena)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, BM_MODEL_ANSWER_MAX_BYTES);

    for (size_t i = 0; i < barq_count(parts); i++) {
        const struct barq_value *part = barq_at(parts, i);
        const struct barq_value *said = barq_get(part, "text");
        if (barq_kind(said) == BARQ_STRING && !barq_as_bool(barq_get(part, "thought"), false)) {
            bq_buf_puts(&text, barq_as_string(said, ""));
        }
    }
    return bq_arena_strndup(arena, text.data ? text.data : "", text.len);
}

static int64_t tokens_at(const struct barq_value *usage, const char *key)
{
    int64_t count = barq_as_int(barq_get(usage, key), 0);

    return count > 0 ? count : 0;
}

static void take_usage(const struct barq_value *answer, struct bm_usage *out)
{
    const struct barq_value *usage = barq_get(answer, "usageMetadata");

    out->tokens_in = tokens_at(usage, "promptTokenCount");
    out->tokens_out =
        tokens_at(usage, "candidatesTokenCount") + tokens_at(usage, "thoughtsTokenCount");
}

/* Why it ended, where that is not STOP; a reason that is new to us is judged by its text. */
static const struct {
    const char *reason;
    enum bm_outcome outcome;
    enum bm_refusal refusal;
    const char *sentence;
} ends[] = {
    {"MAX_TOKENS", BM_CALL_REFUSED, BM_REFUSAL_BAD_ANSWER,
     "its answer is cut: allow it more tokens"},
    {"SAFETY", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses, for safety"},
    {"RECITATION", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses, since it would recite"},
    {"LANGUAGE", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses this language"},
    {"BLOCKLIST", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses a forbidden word"},
    {"PROHIBITED_CONTENT", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses forbidden content"},
    {"SPII", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses personal data"},
    {"IMAGE_SAFETY", BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, "it refuses, for safety"},
    {"MALFORMED_FUNCTION_CALL", BM_CALL_RETRY, BM_REFUSAL_NONE, "its answer is malformed"},
    {"MALFORMED_RESPONSE", BM_CALL_RETRY, BM_REFUSAL_NONE, "its answer is malformed"},
    {"OTHER", BM_CALL_RETRY, BM_REFUSAL_NONE, "it gave up"},
};

static enum barq_status judge_end(const char *reason, struct bm_verdict *verdict,
                                  struct barq_error *err)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (strcmp(ends[i].reason, reason) == 0) {
            return bm_judged(verdict, ends[i].outcome, ends[i].refusal, err, "gemini: %s",
                             ends[i].sentence);
        }
    }
    return BARQ_OK;
}

enum barq_status bm_gemini_take(const struct barq_value *answer, struct barq_arena *arena,
                                struct bm_model_answer *out, struct bm_verdict *verdict,
                                struct barq_error *err)
{
    const struct barq_value *candidate = barq_at(barq_get(answer, "candidates"), 0);
    const struct barq_value *feedback = barq_get(answer, "promptFeedback");
    const char *version = barq_as_string(barq_get(answer, "modelVersion"), NULL);
    if (!candidate && !feedback) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "gemini: this is no answer of generateContent");
    }
    take_usage(answer, &out->usage);
    if (!candidate || barq_get(feedback, "blockReason")) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_BLOCKED, err,
                         "gemini: it refuses what it was asked (%.60s)",
                         barq_as_string(barq_get(feedback, "blockReason"), "no reason given"));
    }
    enum barq_status status =
        judge_end(barq_as_string(barq_get(candidate, "finishReason"), "STOP"), verdict, err);
    if (status != BARQ_OK) {
        return status;
    }

    const char *text = join_text(barq_get(barq_get(candidate, "content"), "parts"), arena);
    const char *kept = version ? bq_arena_strdup(arena, version) : NULL;
    if (!text || (version && !kept)) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "gemini: arena is full");
    }
    if (!*text) {
        return bm_judged(verdict, BM_CALL_RETRY, BM_REFUSAL_NONE, err,
                         "gemini: it answered with nothing");
    }
    out->text = text;
    out->version = kept;
    return BARQ_OK;
}
