#include "services/youtube_lists.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "services/call.h"
#include "services/youtube_ask.h"
#include "services/youtube_listed.h"

enum { PATH_MAX_BYTES = 4096 };

#define ID_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

bool bm_youtube_uploads(const char *channel_id, char out[BM_CHANNEL_ID_BYTES + 1])
{
    if (!bq_starts_with(channel_id, "UC") || strlen(channel_id) != BM_CHANNEL_ID_BYTES ||
        strspn(channel_id, ID_BYTES) != BM_CHANNEL_ID_BYTES) {
        return false;
    }
    memcpy(out, channel_id, BM_CHANNEL_ID_BYTES + 1);
    out[1] = 'U';
    return true;
}

/* -- asking -- */

static enum barq_status ask(const struct bm_youtube_call *call, struct bq_buf *path,
                            const char *kind, int64_t units, struct barq_arena *scratch,
                            struct barq_value **answer, struct bm_verdict *verdict,
                            struct barq_error *err)
{
    struct bm_youtube_question question = {.path = bq_buf_cstr(path), .kind = kind, .units = units};

    bq_arena_init(scratch, BM_YOUTUBE_PARSED_MAX_BYTES);
    if (!question.path && !path->starved) {
        *verdict = (struct bm_verdict){.service = BM_SERVICE_YOUTUBE};
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                         "youtube: too long a question");
    }
    return bm_youtube_ask(call->source, &question, call->cancel_fd, call->now_ms, scratch, answer,
                          verdict, err);
}

static void put(struct bq_buf *path, const char *name, const char *value)
{
    if (value && *value) {
        bq_buf_printf(path, "&%s=", name);
        bm_put_escaped(path, value);
    }
}

static enum barq_status full(struct bm_verdict *verdict, struct barq_error *err)
{
    verdict->outcome = BM_CALL_RETRY;
    return bq_fail(err, BARQ_ERR_NOMEM, "youtube: arena is full");
}

/* -- playlists -- */

bool bm_playlist_id_valid(const char *playlist_id)
{
    size_t len = strnlen(playlist_id, BM_LIST_ID_MAX_BYTES + 1);

    return len >= 2 && len <= BM_LIST_ID_MAX_BYTES && strspn(playlist_id, ID_BYTES) == len;
}

/* "WL", "RDMM": those of whoever has signed in, and those that YouTube makes up for each. */
static bool is_own(const char *id)
{
    static const char *const own[] = {"WL", "LL", "LM", "HL"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(id, own[i]) == 0) {
            return true;
        }
    }
    return bq_starts_with(id, "RD");
}

static enum barq_status check_playlist(const char *id, struct bm_verdict *verdict,
                                       struct barq_error *err)
{
    *verdict = (struct bm_verdict){.service = BM_SERVICE_YOUTUBE};

    if (is_own(id)) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_UNREADABLE, err,
                         "youtube: only its owner can read this list: import it from Google "
                         "Takeout");
    }
    if (!bm_playlist_id_valid(id)) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
                         "youtube: this is no id of a playlist");
    }
    return BARQ_OK;
}

enum barq_status bm_youtube_playlist_page(const struct bm_youtube_call *call,
                                          const char *playlist_id, const char *token,
                                          struct bm_listed_page *out, struct bm_verdict *verdict,
                                          struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch = {0};
    bq_auto(buf) struct bq_buf path;
    struct barq_value *answer = NULL;
    bq_buf_init(&path, PATH_MAX_BYTES);
    enum barq_status status = check_playlist(playlist_id, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_buf_puts(&path, "/playlistItems?part=snippet,contentDetails,status&maxResults=50");
    put(&path, "playlistId", playlist_id);
    put(&path, "pageToken", token);
    status = ask(call, &path, "youtube#playlistItemListResponse", BM_LIST_UNITS, &scratch, &answer,
                 verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    return bm_take_playlist_items(answer, call->arena, out) ? BARQ_OK : full(verdict, err);
}

/* The one that was asked for by its id or handle. */
static enum barq_status take_source(const struct barq_value *answer, const char *what,
                                    struct barq_arena *arena, struct bm_list_source *out,
                                    struct bm_verdict *verdict, struct barq_error *err)
{
    const struct barq_value *item = barq_at(barq_get(answer, "items"), 0);

    if (!barq_get(item, "id")) {
        return bm_judged(verdict, BM_CALL_REFUSED, BM_REFUSAL_ABSENT, err,
                         "youtube: there is no such %s, or it is private", what);
    }
    return bm_take_source(item, arena, out) ? BARQ_OK : full(verdict, err);
}

enum barq_status bm_youtube_playlist(const struct bm_youtube_call *call, const char *playlist_id,
                                     struct bm_list_source *out, struct bm_verdict *verdict,
                                     struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch = {0};
    bq_auto(buf) struct bq_buf path;
    struct barq_value *answer = NULL;
    bq_buf_init(&path, PATH_MAX_BYTES);
    enum barq_status status = check_playlist(playlist_id, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_buf_puts(&path, "/playlists?part=snippet,contentDetails,status");
    put(&path, "id", playlist_id);
    status = ask(call, &path, "youtube#playlistListResponse", BM_LIST_UNITS, &scratch, &answer,
                 verdict, err);
    return status == BARQ_OK ? take_source(answer, "playlist", call->arena, out, verdict, err)
                             : status;
}

/* -- channels, and what is in all of them -- */

enum barq_status bm_youtube_channel(const struct bm_youtube_call *call, const char *channel,
                                    struct bm_list_source *out, struct bm_verdict *verdict,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch = {0};
    bq_auto(buf) struct bq_buf path;
    struct barq_value *answer = NULL;
    char uploads[BM_CHANNEL_ID_BYTES + 1];
    bq_buf_init(&path, PATH_MAX_BYTES);
    *verdict = (struct bm_verdict){.service = BM_SERVICE_YOUTUBE};
    if (*channel != '@' && !bm_youtube_uploads(channel, uploads)) {
        return bm_judged(
            verdict, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, err,
            "youtube: this is neither the id of a channel (UC...) nor a handle (@...)");
    }

    bq_buf_puts(&path, "/channels?part=snippet,contentDetails,statistics");
    put(&path, *channel == '@' ? "forHandle" : "id", channel);
    enum barq_status status = ask(call, &path, "youtube#channelListResponse", BM_LIST_UNITS,
                                  &scratch, &answer, verdict, err);
    return status == BARQ_OK ? take_source(answer, "channel", call->arena, out, verdict, err)
                             : status;
}

enum barq_status bm_youtube_search_page(const struct bm_youtube_call *call,
                                        const struct bm_youtube_search *search, const char *token,
                                        struct bm_listed_page *out, struct bm_verdict *verdict,
                                        struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch = {0};
    bq_auto(buf) struct bq_buf path;
    struct barq_value *answer = NULL;
    char after[BQ_TIME_TEXT_BYTES] = "";
    bq_buf_init(&path, PATH_MAX_BYTES);
    if (search->published_after_ms > 0) {
        bq_time_text(search->published_after_ms, after);
    }

    bq_buf_puts(&path, "/search?part=snippet&type=video&order=date&maxResults=50");
    put(&path, "q", search->words);
    put(&path, "channelId", search->channel_id);
    put(&path, "publishedAfter", after);
    put(&path, "pageToken", token);
    enum barq_status status = ask(call, &path, "youtube#searchListResponse", BM_SEARCH_UNITS,
                                  &scratch, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    return bm_take_found(answer, call->arena, out) ? BARQ_OK : full(verdict, err);
}
