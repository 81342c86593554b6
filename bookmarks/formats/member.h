/*
 * member.h - what being one file of many, in an archive or a folder, adds to an item.
 */
#ifndef BM_MEMBER_H
#define BM_MEMBER_H

#include <stdbool.h>

#include "formats/item.h"

enum { BM_MEMBER_NAME_BYTES = 1024 };

/*
 * A table without a title is called like its file: that is the folder of its
 * videos, kept in `folder`. The playlists and channels of a table are those of
 * a Takeout, whose videos are in other files and were meant: they are skipped.
 */
void bm_member_item(struct bm_item *item, const char *name, bool is_table,
                    char folder[BM_MEMBER_NAME_BYTES]);

#endif
