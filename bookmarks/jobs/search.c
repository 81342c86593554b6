#include "jobs/search.h"

#include "base/error.h"
#include "base/time.h"
#include "services/youtube_lists.h"

enum barq_status bm_search_words(const struct bm_services_settings *services, const char *words,
                                 int64_t since_ms, int cancel_fd, struct barq_arena *arena,
                                 const struct bm_found **out, size_t *count,
                                 struct bm_verdict *verdict, struct barq_error *err)
{
    const struct bm_youtube_call call = {.source = &services->youtube,
                                         .cancel_fd = cancel_fd,
                                         .now_ms = bq_wall_ms(),
                                         .arena = arena};
    const struct bm_youtube_search search = {.words = words, .published_after_ms = since_ms};
    struct bm_listed_page page = {.count = 0};

    enum barq_status status = bm_youtube_search_page(&call, &search, NULL, &page, verdict, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bm_found *found = bq_arena_array(arena, page.count, sizeof(*found));
    if (!found && page.count > 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "search: arena is full");
    }
    for (size_t i = 0; i < page.count; i++) {
        found[i] = (struct bm_found){.youtube_id = page.videos[i].youtube_id,
                                     .title = page.videos[i].title};
    }
    *out = found;
    *count = page.count;
    return BARQ_OK;
}
