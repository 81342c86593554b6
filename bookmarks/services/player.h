/*
 * player.h - captions by the way that YouTube's own player gets them: which
 * tracks there are, and one of them.
 *
 * Nobody has promised this way either, and YouTube closes it to some networks:
 * it is the last one to try. Calls are those of web.h.
 */
#ifndef BM_PLAYER_H
#define BM_PLAYER_H

#include <barq/value.h>

#include "formats/captions.h"
#include "formats/tracks.h"
#include "services/web.h"

struct bm_tracks {
    const struct bm_track *tracks;
    size_t count;
};

/*
 * The tracks of a video; errors and verdicts are those of web.h, and:
 *
 * REFUSED  GONE, PRIVATE, AGE, REGION or ABSENT as the player says;
 *          NO_TEXT when there are no captions
 * HELD     it takes us for a bot
 */
enum barq_status bm_player_fetch(struct bm_web_call *call, const char *id, struct bm_tracks *out,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

/* The same from an answer that is there. */
enum barq_status bm_player_take(const struct barq_value *answer, struct barq_arena *arena,
                                struct bm_tracks *out, struct bm_verdict *verdict,
                                struct barq_error *err) BARQ_MUST_CHECK;

/*
 * What is said in a track of a video, the player's or yt-dlp's. An address
 * that is not YouTube's is refused (BAD_ANSWER), and so is a track that
 * YouTube sends empty (NO_TEXT).
 */
enum barq_status bm_track_fetch(struct bm_web_call *call, const struct bm_track *track,
                                struct bm_captions *out, struct bm_verdict *verdict,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
