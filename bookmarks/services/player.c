#include "services/player.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "services/call.h"
#include "video/metadata.h"

enum {
    ANSWER_MAX_BYTES = 4 * 1024 * 1024,
    PARSED_MAX_BYTES = 32 * 1024 * 1024,
    BODY_MAX_BYTES = 1024,
};

/* The client whose answer has the addresses of captions without a proof of where it runs. */
#define CONTEXT "{\"client\":{\"clientName\":\"ANDROID\",\"clientVersion\":\"20.10.38\"}}"

static const char *const json_header[] = {"Content-Type: application/json", NULL};

/* -- why there is nothing to play -- */

static const struct {
    const char *word; /* of its reason; "" is any */
    enum bm_outcome outcome;
    enum bm_refusal refusal;
    const char *sentence;
} reasons[] = {
    {"not a bot", BM_CALL_HELD, BM_REFUSAL_NONE, "YouTube takes us for a bot"},
    {"your age", BM_CALL_REFUSED, BM_REFUSAL_AGE, "it is for adults who have signed in"},
    {"inappropriate", BM_CALL_REFUSED, BM_REFUSAL_AGE, "it is for adults who have signed in"},
    {"private", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is private"},
    {"members", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is for the channel's members"},
    {"country", BM_CALL_REFUSED, BM_REFUSAL_REGION, "it is not shown in this country"},
    {"unavailable", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it is gone or was never there"},
    {"removed", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it was removed"},
    {"terminated", BM_CALL_REFUSED, BM_REFUSAL_GONE, "its channel was closed"},
    {"", BM_CALL_REFUSED, BM_REFUSAL_ABSENT, "it cannot be played"},
};

/* The reason in its short form, and in the long one of the screen that is shown. */
static void put_reason(const struct barq_value *status, struct bq_buf *out)
{
    const struct barq_value *screen =
        barq_get(barq_get(status, "errorScreen"), "playerErrorMessageRenderer");
    const struct barq_value *reason = barq_get(screen, "reason");
    const struct barq_value *runs = barq_get(reason, "runs");

    bq_buf_printf(out, "%s %s", barq_as_string(barq_get(status, "reason"), ""),
                  barq_as_string(barq_get(reason, "simpleText"), ""));
    for (size_t i = 0; i < barq_count(runs); i++) {
        bq_buf_printf(out, " %s", barq_as_string(barq_get(barq_at(runs, i), "text"), ""));
    }
}

static enum barq_status judge(const struct barq_value *status, struct bm_verdict *verdict,
                              struct barq_error *err)
{
    bq_auto(buf) struct bq_buf said;
    size_t i = 0;
    bq_buf_init(&said, ANSWER_MAX_BYTES);
    put_reason(status, &said);
    const char *text = bq_buf_cstr(&said);

    while (text && !strcasestr(text, reasons[i].word)) {
        i++;
    }
    return bm_judged(verdict, reasons[i].outcome, reasons[i].refusal, err, "web: %s",
                     reasons[i].sentence);
}

/* -- tracks -- */

static bool take_track(const struct barq_value *item, struct barq_arena *arena,
                       struct bm_track *track, bool *full)
{
    const char *url = barq_as_string(barq_get(item, "baseUrl"), "");
    const char *language = barq_as_string(barq_get(item, "languageCode"), "");
    const char *kind = barq_as_string(barq_get(item, "kind"), "");
    if (!*url || strlen(url) >= BM_TRACK_URL_BYTES || !*language) {
        return false;
    }

    track->url = bq_arena_strdup(arena, url);
    track->language = bm_metadata_keep(arena, language, full);
    track->is_auto = strcmp(kind, "asr") == 0;
    *full |= !track->url;
    return true;
}

enum barq_status bm_player_take(const struct barq_value *answer, struct barq_arena *arena,
                                struct bm_tracks *out, struct bm_verdict *verdict,
                                struct barq_error *err)
{
    const struct barq_value *status = barq_get(answer, "playabilityStatus");
    const char *word = barq_as_string(barq_get(status, "status"), NULL);
    const struct barq_value *list = barq_get(
        barq_get(barq_get(answer, "captions"), "playerCaptionsTracklistRenderer"), "captionTracks");
    size_t most = barq_count(list) < BM_TRACKS_MAX ? barq_count(list) : BM_TRACKS_MAX;
    size_t count = 0;
    if (!word) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_FORMAT, "web: this is not what the player is told");
    }
    if (strcmp(word, "OK") != 0) {
        return judge(status, verdict, err);
    }

    struct bm_track *tracks = most ? bq_arena_array(arena, most, sizeof(*tracks)) : NULL;
    bool full = most && !tracks;
    for (size_t i = 0; tracks && i < most; i++) {
        count += take_track(barq_at(list, i), arena, &tracks[count], &full);
    }
    if (full) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
    }
    if (count == 0) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT, err,
                         "web: the video has no captions");
    }
    *out = (struct bm_tracks){.tracks = tracks, .count = count};
    return BARQ_OK;
}

static enum barq_status ask(struct bm_web_call *call, struct bm_call *request,
                            struct bq_http_answer *answer, struct bm_verdict *verdict,
                            struct barq_error *err)
{
    request->home = BM_WEB_HOME;
    request->base_url = call->base_url;
    request->timeout_ms = call->timeout_ms;
    request->cancel_fd = call->cancel_fd;
    *verdict = (struct bm_verdict){.service = BM_SERVICE_WEB};
    enum barq_status status = bm_call(&call->client, request, answer, verdict, err);
    if (status == BARQ_OK && answer->status != 200) {
        status = bm_web_judge(answer->status, "the video", verdict, err);
    }
    return status;
}

enum barq_status bm_player_fetch(struct bm_web_call *call, const char *id, struct bm_tracks *out,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    char body[BODY_MAX_BYTES];
    struct barq_value *said = NULL;
    struct bq_http_answer answer;
    int len = snprintf(body, sizeof(body), "{\"context\":" CONTEXT ",\"videoId\":\"%.11s\"}", id);
    struct bm_call request = {
        .path = "/youtubei/v1/player?prettyPrint=false",
        .headers = json_header,
        .body = body,
        .body_bytes = (size_t)len,
        .answer_max_bytes = ANSWER_MAX_BYTES,
    };

    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    enum barq_status status = ask(call, &request, &answer, verdict, err);
    if (status == BARQ_OK) {
        status = bm_call_read_json(&scratch, answer.body, answer.body_bytes, &said, verdict, err);
    }
    return status == BARQ_OK ? bm_player_take(said, call->arena, out, verdict, err) : status;
}

/* -- what is said in one -- */

/* The address with its "fmt" as we want it. */
static const char *as_json3(struct barq_arena *arena, const char *url)
{
    const char *fmt = strstr(url, "&fmt=");
    size_t before = fmt ? (size_t)(fmt - url) : strlen(url);
    const char *after = fmt ? fmt + 5 + strcspn(fmt + 5, "&") : "";

    return bq_arena_format(arena, "%.*s%s&fmt=json3", (int)before, url, after);
}

enum barq_status bm_track_fetch(struct bm_web_call *call, const struct bm_track *track,
                                struct bm_captions *out, struct bm_verdict *verdict,
                                struct barq_error *err)
{
    struct bq_http_answer answer;
    struct bm_call request = {.url = as_json3(call->arena, track->url),
                              .answer_max_bytes = BM_CAPTIONS_MAX_BYTES};
    *verdict = (struct bm_verdict){.service = BM_SERVICE_WEB};
    if (!request.url) {
        verdict->outcome = BM_CALL_RETRY;
        return bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
    }

    enum barq_status status = ask(call, &request, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (answer.body_bytes == 0) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT, err,
                         "web: YouTube keeps these captions to its own player");
    }
    status = bm_captions_read(answer.body, answer.body_bytes, call->arena, out, err);
    if (status != BARQ_OK) {
        verdict->outcome = BM_CALL_RETRY;
    }
    return status;
}
