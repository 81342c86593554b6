#include "services/extraction.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "video/url.h"

enum {
    BYTES_A_TOKEN = 3,  /* so that what we count is rather more than what they count */
    SPARE_TOKENS = 500, /* the model's own words around a question */
    PROMPT_MAX_BYTES = 2 * 1024 * 1024,
    LEAST_BYTES = 2000,
};

/* What is left of the model's context for the prompt, in bytes. */
static size_t room_for(const struct bm_model *model, const char *instructions,
                       const struct barq_value *schema, struct barq_arena *arena)
{
    const char *json = NULL;
    size_t schema_len = 0;
    int64_t tokens = bm_model_context(model) - bm_model_output(model) - SPARE_TOKENS;

    if (barq_to_json(arena, schema, &json, &schema_len, NULL) != BARQ_OK) {
        schema_len = 0;
    }
    int64_t bytes = tokens * BYTES_A_TOKEN - (int64_t)strlen(instructions) - (int64_t)schema_len;
    if (bytes < LEAST_BYTES) {
        return LEAST_BYTES;
    }
    return bytes < PROMPT_MAX_BYTES ? (size_t)bytes : PROMPT_MAX_BYTES;
}

static enum barq_status check_watch(const struct bm_subject *subject, struct bm_verdict *verdict,
                                    struct barq_error *err)
{
    int64_t longest_s =
        subject->watch_longest_s > 0 ? subject->watch_longest_s : BM_WATCH_LONGEST_S;

    if (verdict->service != BM_SERVICE_GEMINI) {
        return bm_judged(verdict, BM_CALL_SETUP, BM_REFUSAL_NONE, err,
                         "extraction: only Gemini can watch a video: set it as model_service");
    }
    if (subject->video->duration_s <= 0) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, err,
                         "extraction: its length is not known, so it is not watched");
    }
    if (subject->video->duration_s > longest_s) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_TOO_LONG, err,
                         "extraction: it is too long to be watched (watch_max_minutes is %lld): "
                         "use its transcript",
                         (long long)longest_s / 60);
    }
    return BARQ_OK;
}

static enum barq_status check_subject(const struct bm_subject *subject, struct bm_verdict *verdict,
                                      struct barq_error *err)
{
    const struct bm_metadata *video = subject->video;

    if (subject->watch) {
        return check_watch(subject, verdict, err);
    }
    if (subject->n_cues == 0 && !video->title && !video->description) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT, err,
                         "extraction: nothing is known of it, not even a title");
    }
    return BARQ_OK;
}

static enum barq_status full(struct bm_verdict *verdict, struct barq_error *err)
{
    verdict->outcome = BM_CALL_RETRY;
    return bq_fail(err, BARQ_ERR_NOMEM, "extraction: arena is full");
}

/* The question, of which `out` keeps the words. False when `arena` is full. */
static bool prepare(const struct bm_model *model, const struct bm_subject *subject,
                    const struct bm_field *fields, size_t n_fields, struct barq_arena *arena,
                    struct bm_extraction *out, struct bm_question *question)
{
    const struct barq_value *schema = bm_extraction_schema(fields, n_fields, model->service, arena);
    out->instructions = bm_extraction_instructions(subject->watch, arena);
    if (!schema || !out->instructions) {
        return false;
    }

    size_t room = room_for(model, out->instructions, schema, arena);
    out->prompt = bm_extraction_prompt(subject, fields, n_fields, room, arena, &out->cut);
    *question = (struct bm_question){
        .instructions = out->instructions, .text = out->prompt, .schema = schema};
    return out->prompt;
}

enum barq_status bm_extract(const struct bm_model *model, const struct bm_subject *subject,
                            const struct bm_field *fields, size_t n_fields, int cancel_fd,
                            int64_t now_ms, struct barq_arena *arena, struct bm_extraction *out,
                            struct bm_verdict *verdict, struct barq_error *err)
{
    assert(n_fields > 0 && n_fields <= BM_FIELDS_MAX);
    struct bm_question question;
    struct bm_model_answer answer = {.text = NULL};
    char url[BM_WATCH_URL_BYTES];
    *out = (struct bm_extraction){.n_values = 0};
    *verdict = (struct bm_verdict){.service = model->service};

    enum barq_status status = check_subject(subject, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!prepare(model, subject, fields, n_fields, arena, out, &question)) {
        return full(verdict, err);
    }
    if (subject->watch) {
        bm_watch_url(subject->video->youtube_id, url);
        question.video_url = url;
    }
    status = bm_model_ask(model, &question, cancel_fd, now_ms, arena, &answer, verdict, err);
    out->usage = answer.usage;
    out->version = answer.version ? answer.version : model->name;
    if (status != BARQ_OK) {
        return status;
    }
    return bm_extraction_take(answer.value, subject, fields, n_fields, arena, out)
               ? BARQ_OK
               : full(verdict, err);
}
