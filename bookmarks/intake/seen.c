#include "intake/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { CAPACITY_MIN = 1024 };

void bm_seen_clear(struct bm_seen *seen)
{
    free(seen->entries);
    *seen = (struct bm_seen){.entries = NULL};
}

/* Where the id is, or the free place for it. The table is never full. */
static struct bm_seen_entry *place(struct bm_seen_entry *entries, size_t capacity, const char *id)
{
    size_t at = bq_hash(id, BM_YOUTUBE_ID_BYTES) & (capacity - 1);

    while (*entries[at].id != '\0' && memcmp(entries[at].id, id, BM_YOUTUBE_ID_BYTES) != 0) {
        at = (at + 1) & (capacity - 1);
    }
    return &entries[at];
}

static bool grow(struct bm_seen *seen)
{
    size_t capacity = seen->capacity ? seen->capacity * 2 : CAPACITY_MIN;
    struct bm_seen_entry *entries = calloc(capacity, sizeof(*entries));
    if (!entries) {
        return false;
    }

    for (size_t i = 0; i < seen->capacity; i++) {
        if (*seen->entries[i].id != '\0') {
            *place(entries, capacity, seen->entries[i].id) = seen->entries[i];
        }
    }
    free(seen->entries);
    seen->entries = entries;
    seen->capacity = capacity;
    return true;
}

enum barq_status bm_seen_note(struct bm_seen *seen, const char *id, int64_t now_line, bool *first,
                              int64_t *line, struct barq_error *err)
{
    if (seen->count * 2 >= seen->capacity && !grow(seen)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    struct bm_seen_entry *entry = place(seen->entries, seen->capacity, id);
    *first = *entry->id == '\0';
    if (!*first) {
        *line = entry->line;
        return BARQ_OK;
    }
    if (seen->count == BM_SEEN_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: more than %d videos; split the file",
                       BM_SEEN_MAX);
    }
    memcpy(entry->id, id, BM_VIDEO_ID_BYTES);
    entry->line = now_line < INT32_MAX ? (int32_t)now_line : INT32_MAX;
    seen->count++;
    return BARQ_OK;
}
