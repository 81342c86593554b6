/*
 * Any bytes as a caption file, as a feed, and as a description: nothing
 * crashes, and what is read can be stored and shown.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "formats/captions.h"
#include "formats/chapters.h"
#include "formats/feed.h"
#include "video/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static void check_text(const char *text, size_t most)
{
    size_t len = strlen(text);

    assert(len > 0 && len <= most && bq_utf8_valid(text, len));
}

static void check_captions(const char *text, size_t len, struct barq_arena *arena)
{
    struct bm_captions captions;
    int64_t last_ms = 0;
    if (bm_captions_read(text, len, arena, &captions, NULL) != BARQ_OK) {
        return;
    }

    assert(captions.count > 0);
    for (size_t i = 0; i < captions.count; i++) {
        const struct bm_cue *cue = &captions.cues[i];
        assert(cue->start_ms >= last_ms && cue->end_ms >= cue->start_ms);
        check_text(cue->text, BM_CUE_TEXT_BYTES);
        assert(!strpbrk(cue->text, "\r\n\t"));
        last_ms = cue->start_ms;
    }
}

static void check_feed(const char *text, size_t len, struct barq_arena *arena)
{
    struct bm_feed feed;

    if (bm_feed_read(text, len, arena, &feed, NULL) == BARQ_OK) {
        for (size_t i = 0; i < feed.count; i++) {
            assert(bm_video_id_valid(feed.videos[i].youtube_id));
        }
    }
}

static void check_chapters(const char *text, size_t len, struct barq_arena *arena)
{
    const struct bm_chapter *chapters = NULL;
    size_t count = 0;
    const char *description = bq_arena_strndup(arena, text, len);
    if (!description || !bq_utf8_valid(description, strlen(description))) {
        return;
    }

    assert(bm_chapters_of_description(description, -1, arena, &chapters, &count));
    assert(count == 0 || (count >= 3 && chapters[0].start_ms == 0));
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 || chapters[i].start_ms > chapters[i - 1].start_ms);
        check_text(chapters[i].title, BM_CHAPTER_TITLE_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    const char *text = (const char *)bytes;

    bq_arena_init(&arena, ARENA_BYTES);
    check_captions(text, len, &arena);
    check_feed(text, len, &arena);
    check_chapters(text, len, &arena);
    return 0;
}
