#include "services/origin.h"

#include <stdlib.h>
#include <string.h>

#include "services/facts.h"

/* What is set to "" is not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value != '\0' ? value : NULL;
}

struct bm_origin bm_origin_of_environment(void)
{
    const char *key = environment("YOUTUBE_API_KEY");
    const char *url = environment("BOOKMARKS_YOUTUBE_URL");
    const char *online = environment("ONLINE");

    return (struct bm_origin){
        .online = key || url || (online && strcmp(online, "1") == 0),
        .youtube = {.base_url = url, .key = key},
    };
}

const char *bm_origin_text(const struct bm_origin *origin)
{
    if (!origin->online) {
        return "metadata: of 400 talks, shipped with this; YOUTUBE_API_KEY asks YouTube";
    }
    if (origin->youtube.base_url) {
        return "metadata: from BOOKMARKS_YOUTUBE_URL";
    }
    return origin->youtube.key ? "metadata: from YouTube, with your key"
                               : "metadata: from YouTube, but YOUTUBE_API_KEY is not set";
}

enum barq_status bm_origin_fetch(const struct bm_origin *origin, const char *const *ids,
                                 size_t count, int cancel_fd, int64_t now_ms,
                                 struct barq_arena *arena, const struct bm_metadata **out,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    if (origin->online) {
        return bm_youtube_fetch(&origin->youtube, ids, count, cancel_fd, now_ms, arena, out,
                                verdict, err);
    }
    enum barq_status status = bm_facts_fetch(ids, count, arena, out, err);
    *verdict = (struct bm_verdict){.outcome = status == BARQ_OK ? BM_CALL_OK : BM_CALL_RETRY};
    return status;
}
