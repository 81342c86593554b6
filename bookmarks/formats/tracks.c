#include "formats/tracks.h"

#include <string.h>
#include <strings.h>

/* "en" is also "en-GB"; "pt-BR" is only that. */
static bool is_language(const struct bm_track *track, const char *wanted, size_t len)
{
    const char *rest = track->language + len;

    return strncasecmp(track->language, wanted, len) == 0 && (*rest == '\0' || *rest == '-');
}

static const struct bm_track *find(const struct bm_track *tracks, size_t count, const char *wanted,
                                   size_t len, bool is_auto)
{
    for (size_t i = 0; i < count; i++) {
        if (tracks[i].is_auto == is_auto && (len == 0 || is_language(&tracks[i], wanted, len))) {
            return &tracks[i];
        }
    }
    return NULL;
}

const struct bm_track *bm_track_choose(const struct bm_track *tracks, size_t count,
                                       const char *languages)
{
    for (const char *at = languages; *at;) {
        size_t len = strcspn(at, ", ");
        const struct bm_track *track = len > 0 ? find(tracks, count, at, len, false) : NULL;
        if (!track && len > 0) {
            track = find(tracks, count, at, len, true);
        }
        if (track) {
            return track;
        }
        at += len + (at[len] != '\0');
    }
    const struct bm_track *written = find(tracks, count, "", 0, false);
    return written ? written : find(tracks, count, "", 0, true);
}
