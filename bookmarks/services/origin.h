/*
 * origin.h - where metadata come from: the first of those below that knows.
 *
 *     a folder of .info.json files, when there is one
 *     the Data API, with a key (or at an address of the person's own)
 *     yt-dlp, where it is installed, and oEmbed: without a key
 *     the talks that are shipped, when nobody is to be asked
 */
#ifndef BM_ORIGIN_H
#define BM_ORIGIN_H

#include "services/settings.h"

/* One line for the person. */
const char *bm_origin_text(const struct bm_services_settings *settings);

/*
 * As bm_youtube_fetch(). Without a key each video is a call of its own; when
 * one of these fails, all do, and the caller asks for all again. yt-dlp is
 * given two minutes; of the videos that are left then oEmbed tells the titles.
 *
 * When the key's quota is spent and the settings say so, it goes on without
 * the key; the verdict's units are those of the Data API in every case.
 */
enum barq_status bm_origin_fetch(const struct bm_services_settings *settings,
                                 const char *const *ids, size_t count, int cancel_fd,
                                 int64_t now_ms, struct barq_arena *arena,
                                 const struct bm_metadata **out, struct bm_verdict *verdict,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* What bm_origin_fetch() would ask first, for a limit or a hold: NONE, YOUTUBE, YTDLP or WEB. */
enum bm_service bm_origin_service(const struct bm_services_settings *settings);

#endif
