#include "services/youtube.h"

#include <assert.h>

#include "services/call.h"
#include "services/youtube_answer.h"
#include "services/youtube_ask.h"

static void put_path(struct bq_buf *path, const char *const *ids, size_t count)
{
    bq_buf_puts(path, "/videos?part=snippet,contentDetails,statistics,status,liveStreamingDetails"
                      "&fields=");
    bm_put_escaped(path, BM_YOUTUBE_FIELDS);
    for (size_t i = 0; i < count; i++) {
        bq_buf_puts(path, i == 0 ? "&id=" : ",");
        bm_put_escaped(path, ids[i]);
    }
}

enum barq_status bm_youtube_fetch(const struct bm_youtube_source *source, const char *const *ids,
                                  size_t count, int cancel_fd, int64_t now_ms,
                                  struct barq_arena *arena, const struct bm_metadata **out,
                                  struct bm_verdict *verdict, struct barq_error *err)
{
    assert(count > 0 && count <= BM_METADATA_MAX_IDS);
    bq_auto(arena) struct barq_arena scratch;
    bq_auto(buf) struct bq_buf path;
    struct barq_value *answer = NULL;

    bq_arena_init(&scratch, BM_YOUTUBE_PARSED_MAX_BYTES);
    bq_buf_init(&path, BM_CALL_URL_MAX_BYTES);
    put_path(&path, ids, count);
    struct bm_youtube_question question = {
        .path = bq_buf_cstr(&path), .kind = "youtube#videoListResponse", .units = 1};

    enum barq_status status =
        bm_youtube_ask(source, &question, cancel_fd, now_ms, &scratch, &answer, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_youtube_take_videos(answer, ids, count, arena, out, err);
    if (status != BARQ_OK) {
        verdict->outcome = BM_CALL_RETRY;
    }
    return status;
}
