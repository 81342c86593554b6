/*
 * ytdlp.h - what yt-dlp finds out about a video or a playlist, where it is
 * installed.
 *
 * It is run as a child for each video, which takes it seconds; it reads no
 * configuration and writes no file. Verdicts are of BM_SERVICE_YTDLP.
 */
#ifndef BM_YTDLP_H
#define BM_YTDLP_H

#include "formats/info_json.h"
#include "services/outcome.h"
#include "services/program.h"
#include "services/youtube_lists.h"

enum {
    BM_YTDLP_TIMEOUT_MS = 60 * 1000,
    BM_YTDLP_LIST_MAX = 20000, /* entries of one playlist */
};

struct bm_ytdlp_call {
    const char *path;   /* of the executable, see bm_program_find() */
    int64_t timeout_ms; /* 0: BM_YTDLP_TIMEOUT_MS */
    int cancel_fd;      /* -1: none */
    struct barq_arena *arena;
};

/* As the settings say: NULL is yt-dlp in PATH, "" is none. False when there is none. */
bool bm_ytdlp_find(const char *setting, char path[BM_PROGRAM_PATH_BYTES]);

/*
 * Everything about one video. That it is gone, private or for adults is an
 * answer: `out->video.found` is false and has its refusal.
 *
 * BARQ_ERR_CANCELED, BARQ_ERR_TIMEOUT, BARQ_ERR_LIMIT, BARQ_ERR_FORMAT, BARQ_ERR_CONN,
 * BARQ_ERR_NOMEM   RETRY
 * BARQ_ERR_BUSY    HELD: YouTube takes us for a bot, or says 429
 * BARQ_ERR_DENIED  SETUP: it cannot be run
 */
enum barq_status bm_ytdlp_fetch(const struct bm_ytdlp_call *call, const char *id,
                                struct bm_info *out, struct bm_verdict *verdict,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* All of a playlist or a channel's uploads, in one page; REFUSED when it is not to be had. */
enum barq_status bm_ytdlp_playlist(const struct bm_ytdlp_call *call, const char *playlist_id,
                                   struct bm_listed_page *out, struct bm_verdict *verdict,
                                   struct barq_error *err) BARQ_MUST_CHECK;

/*
 * What it says on stderr when it fails, judged: `refusal` of a video, or a
 * verdict. Returns BARQ_OK for a refusal, which is an answer.
 */
enum barq_status bm_ytdlp_judge(const char *said, enum bm_refusal *refusal,
                                struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

#endif
