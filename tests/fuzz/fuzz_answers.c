/*
 * Any JSON, and any bytes, as the answer of each service: nothing crashes, and
 * whatever comes of it is an outcome or a value that its field allows.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "formats/info_json.h"
#include "services/extraction.h"
#include "services/gemini.h"
#include "services/openai.h"
#include "services/player.h"
#include "services/youtube_answer.h"
#include "services/youtube_error.h"
#include "services/youtube_listed.h"
#include "video/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ARENA_BYTES = 32 * 1024 * 1024 };

static const char *const ids[] = {"bGOghkY_a7Q", "aaaaaaaaaaa"};

static const struct bm_field fields[] = {
    {.name = "free", .label = "Free", .type = BM_BOOLEAN},
    {.name = "stars", .label = "Stars", .type = BM_RATING},
    {.name = "topics", .label = "Topics", .type = BM_MULTI_SELECT},
    {.name = "on", .label = "On", .type = BM_DATE},
};

/* What comes of an answer is never OK when the call has failed. */
static void check_verdict(enum barq_status status, const struct bm_verdict *verdict)
{
    assert((status == BARQ_OK) == (verdict->outcome == BM_CALL_OK));
    assert((verdict->outcome == BM_CALL_REFUSED) == (verdict->refusal != BM_REFUSAL_NONE));
    assert(verdict->retry_ms >= 0 && verdict->until_at_ms >= 0 && verdict->units >= 0);
}

static void read_youtube(const struct barq_value *value, struct barq_arena *arena)
{
    const struct bm_metadata *videos = NULL;
    struct bm_listed_page page = {.count = 0};
    struct bm_list_source source;
    struct bm_info info;

    (void)!bm_youtube_take_videos(value, ids, 2, arena, &videos, NULL);
    (void)bm_take_found(value, arena, &page);
    (void)bm_take_playlist_items(value, arena, &page);
    for (size_t i = 0; i < page.count; i++) {
        assert(bm_video_id_valid(page.videos[i].youtube_id));
    }
    (void)bm_take_source(barq_at(barq_get(value, "items"), 0), arena, &source);
    if (bm_info_take(value, arena, &info, NULL) == BARQ_OK) {
        assert(bm_video_id_valid(info.video.youtube_id) && info.video.duration_s >= -1);
    }
}

static void read_models(const struct barq_value *value, const struct bm_model_call *call)
{
    struct bm_model_answer answer = {.text = ""};
    struct bm_tracks tracks;
    struct bm_verdict verdict = {.service = BM_SERVICE_GEMINI};
    enum barq_status status = bm_gemini_take(value, call->arena, &answer, &verdict, NULL);
    check_verdict(status, &verdict);

    verdict = (struct bm_verdict){.service = BM_SERVICE_OPENAI};
    status = bm_openai_take(value, call, &answer, &verdict, NULL);
    check_verdict(status, &verdict);
    assert(answer.usage.tokens_in >= 0 && answer.usage.tokens_out >= 0);

    verdict = (struct bm_verdict){.service = BM_SERVICE_WEB};
    status = bm_player_take(value, call->arena, &tracks, &verdict, NULL);
    check_verdict(status, &verdict);
}

static void read_extraction(const struct barq_value *value, struct barq_arena *arena)
{
    struct bm_metadata video = bm_metadata_unknown("bGOghkY_a7Q");
    struct bm_subject subject = {.video = &video};
    struct bm_extraction out = {.n_values = 0};
    size_t count = sizeof(fields) / sizeof(fields[0]);

    if (!bm_extraction_take(value, &subject, fields, count, arena, &out)) {
        return;
    }
    assert(out.n_values + out.n_dropped + out.n_empty == count);
    for (size_t i = 0; i < out.n_values; i++) {
        assert(bm_field_check(out.values[i].field, out.values[i].value, NULL) == BARQ_OK);
    }
}

static void judge(const char *text, size_t len, const struct bm_model_call *call)
{
    static const int statuses[] = {302, 400, 401, 403, 404, 413, 429, 500, 503};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct bm_verdict verdict = {.service = BM_SERVICE_GEMINI};
        bool limit = false;
        enum barq_status status = bm_gemini_judge(statuses[i], text, len, call, &verdict, NULL);
        check_verdict(status, &verdict);
        verdict = (struct bm_verdict){.service = BM_SERVICE_OPENAI};
        status = bm_openai_judge(statuses[i], text, len, call, &limit, &verdict, NULL);
        check_verdict(status, &verdict);
        verdict = (struct bm_verdict){.service = BM_SERVICE_YOUTUBE};
        status = bm_youtube_judge(statuses[i], text, len, 1, 0, &verdict, NULL);
        check_verdict(status, &verdict);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct bm_model model = {.name = "m", .key = "hunter2"};
    static const struct bm_question question = {.instructions = "", .text = ""};
    bq_auto(arena) struct barq_arena arena;
    struct bm_model_call call = {.model = &model, .question = &question, .arena = &arena};
    const char *text = (const char *)bytes;
    struct barq_value *value = NULL;
    bq_arena_init(&arena, ARENA_BYTES);

    const char *copy = bq_arena_strndup(&arena, text, len);
    const struct barq_value *object = copy ? bm_model_json(copy, &arena) : NULL;
    assert(!object || barq_kind(object) == BARQ_MAP);
    judge(text, len, &call);
    if (barq_from_json(&arena, text, len, &value, NULL) == BARQ_OK) {
        read_youtube(value, &arena);
        read_models(value, &call);
        read_extraction(value, &arena);
    }
    return 0;
}
