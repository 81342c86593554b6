/*
 * youtube_listed.h - what the answers of youtube_lists.h say.
 *
 * What is of another kind than it should be is unknown, and an entry without
 * a video's id is left out. All return false when `arena` is at its limit.
 */
#ifndef BM_YOUTUBE_LISTED_H
#define BM_YOUTUBE_LISTED_H

#include <barq/value.h>

#include "services/youtube_lists.h"

bool bm_take_playlist_items(const struct barq_value *answer, struct barq_arena *arena,
                            struct bm_listed_page *out);
/* Of search.list; its titles come escaped as HTML, and leave unescaped. */
bool bm_take_found(const struct barq_value *answer, struct barq_arena *arena,
                   struct bm_listed_page *out);
/* One item of playlists.list or channels.list. */
bool bm_take_source(const struct barq_value *item, struct barq_arena *arena,
                    struct bm_list_source *out);

#endif
