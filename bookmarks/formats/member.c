#include "formats/member.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* "Learning, Python" of "Takeout/.../Learning, Python-videos.csv" */
static void folder_of(const char *name, char out[BM_MEMBER_NAME_BYTES])
{
    static const char *const ends[] = {".csv", "-videos", "-v\303\255deos", " videos"};
    const char *slash = strrchr(name, '/');
    snprintf(out, BM_MEMBER_NAME_BYTES, "%s", slash ? slash + 1 : name);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(out);
        if (bq_ends_with(out, ends[i]) && len > strlen(ends[i])) {
            out[len - strlen(ends[i])] = '\0';
        }
    }
}

void bm_member_item(struct bm_item *item, const char *name, bool is_table,
                    char folder[BM_MEMBER_NAME_BYTES])
{
    item->member = name;
    if (!is_table || item->reading != BM_READ_TARGET) {
        return;
    }
    if (item->target.kind != BM_TARGET_VIDEO) {
        item->reading = BM_READ_SKIPPED;
        item->why = "no video: to have playlists or channels, import their file itself";
    } else if (!item->folder) {
        folder_of(name, folder);
        item->folder = folder;
    }
}
