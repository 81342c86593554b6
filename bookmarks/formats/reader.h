/*
 * reader.h - items from bytes of any format, as they come.
 *
 * What a file is, its first bytes say, never its name. Each format is a file
 * of this room and one line in the table of reader.c:
 *
 *     zip        an archive, e.g. the whole of a Google Takeout: each file in it is read as one
 *     json       our own export; yt-dlp's .info.json; FreeTube, Linkwarden, Karakeep; a Takeout
 *                history; any list of objects with addresses, or such objects one a line
 *     bookmarks  Netscape bookmarks, and other HTML with links
 *     table      CSV of any shape, with comma, semicolon or tab; a Takeout playlist of any layout
 *     text       addresses or ids one a line, or within prose; yt-dlp's archive
 */
#ifndef BM_READER_H
#define BM_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/item.h"

enum {
    BM_HEAD_BYTES = 64 * 1024, /* of a file, gathered to judge it */
};

struct bm_reader;

/* One document. `sink` is borrowed. `inside`: it is a file of an archive, and may be none itself. */
enum barq_status bm_reader_open(const struct bm_sink *sink, bool inside, struct bm_reader **out,
                                struct barq_error *err) BARQ_MUST_CHECK;
void bm_reader_close(struct bm_reader *reader); /* takes NULL */
void bm_reader_drop(struct bm_reader **reader); /* for bm_auto(reader) */

/*
 * Takes the next bytes.
 *
 * BARQ_ERR_FORMAT  the whole file cannot be right: it says what it is, and what to do
 * BARQ_ERR_LIMIT   an archive that grows beyond measure
 * others           of the sink
 */
enum barq_status bm_reader_push(struct bm_reader *reader, const char *bytes, size_t len,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* There are no more. BARQ_ERR_ARG: it was empty. Else as bm_reader_push(). */
enum barq_status bm_reader_end(struct bm_reader *reader, struct barq_error *err) BARQ_MUST_CHECK;

/* "table", ...; NULL while it is not known yet. */
const char *bm_reader_format(const struct bm_reader *reader);

#endif
