/*
 * cues.h - cues that are being read: what the readers of caption files share.
 */
#ifndef BM_CUES_H
#define BM_CUES_H

#include "base/buf.h"
#include "formats/captions.h"

/* Grows in `arena` by doubling. */
struct bm_cues {
    struct barq_arena *arena;
    struct bm_cue *cues;
    size_t count;
    size_t capacity;
    const char *language;
    bool full;     /* the arena */
    bool too_many; /* BM_CAPTIONS_MAX_CUES */
};

/* Adds one, its white space made single blanks; nothing when there is no text in it, or no time. */
void bm_cues_add(struct bm_cues *cues, int64_t start_ms, int64_t end_ms, const char *text,
                 size_t len);

/* Sorts them by their start; those of the same start stay in their order. */
void bm_cues_sort(struct bm_cues *cues);

/*
 * Makes single lines of rolling ones. YouTube's automatic captions show two
 * lines, and each cue repeats what the last one showed: a line that the cue
 * before ended with is dropped, so that every word is there once.
 * `lines` are the cues as they are in the file, with '\n' between lines.
 */
struct bm_rolling {
    struct bm_cues *cues;
    struct bq_buf last; /* the last line that was shown */
};
void bm_rolling_init(struct bm_rolling *rolling, struct bm_cues *cues);
void bm_rolling_clear(struct bm_rolling *rolling);
void bm_rolling_add(struct bm_rolling *rolling, int64_t start_ms, int64_t end_ms, const char *lines,
                    size_t len);

/* "1:02:03.500", "02:03,500", moving on; false (and `*at` as before) when there is no time. */
bool bm_cue_time(const char **at, const char *end, int64_t *out_ms);

/* The readers: what they cannot use, they leave out. */
void bm_vtt_read(const char *text, size_t len, struct bm_cues *cues);
void bm_srt_read(const char *text, size_t len, struct bm_cues *cues);
void bm_timedtext_read(const char *text, size_t len, struct bm_cues *cues);
/* False when it is no JSON at all. */
bool bm_json3_read(const char *text, size_t len, struct bm_cues *cues);

#endif
