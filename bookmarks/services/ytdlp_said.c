#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "services/ytdlp.h"

enum { SHOWN_BYTES = 200 };

/* Signs in what it says, the first that is found counts: so the more exact ones go first. */
static const struct {
    const char *sign;
    enum bm_outcome outcome;
    enum bm_refusal refusal;
    const char *sentence;
} signs[] = {
    {"not a bot", BM_CALL_HELD, BM_REFUSAL_NONE, "YouTube takes yt-dlp for a bot"},
    {"HTTP Error 429", BM_CALL_HELD, BM_REFUSAL_NONE, "YouTube says: not so often (HTTP 429)"},
    {"Too Many Requests", BM_CALL_HELD, BM_REFUSAL_NONE, "YouTube says: not so often"},
    {"rate-limited", BM_CALL_HELD, BM_REFUSAL_NONE, "YouTube says: not so often"},
    {"confirm your age", BM_CALL_REFUSED, BM_REFUSAL_AGE, "it is for adults who have signed in"},
    {"age-restricted", BM_CALL_REFUSED, BM_REFUSAL_AGE, "it is for adults who have signed in"},
    {"Private video", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is private"},
    {"video is private", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is private"},
    {"playlist is private", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is private"},
    {"members-only", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is for the channel's members"},
    {"Join this channel", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE, "it is for the channel's members"},
    {"in your country", BM_CALL_REFUSED, BM_REFUSAL_REGION, "it is not shown in this country"},
    {"from your location", BM_CALL_REFUSED, BM_REFUSAL_REGION, "it is not shown in this country"},
    {"does not exist", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it is gone or was never there"},
    {"Video unavailable", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it is gone or was never there"},
    {"has been removed", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it was removed"},
    {"has been terminated", BM_CALL_REFUSED, BM_REFUSAL_GONE, "its channel was closed"},
    {"no longer available", BM_CALL_REFUSED, BM_REFUSAL_GONE, "it was removed"},
    {"Incomplete YouTube ID", BM_CALL_REFUSED, BM_REFUSAL_REQUEST, "its id is none"},
};

/* The first line of an error, as it is; made one that can be shown. */
static void first_error(const char *said, char *out)
{
    const char *error = strstr(said, "ERROR: ");
    const char *from = error ? error + strlen("ERROR: ") : said;
    size_t len = strcspn(from, "\n");

    len = bq_utf8_cut(from, len, SHOWN_BYTES - 1);
    if (!bq_utf8_valid(from, len)) {
        len = 0;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)(iscntrl((unsigned char)from[i]) ? ' ' : from[i]);
    }
    out[len] = '\0';
}

enum barq_status bm_ytdlp_judge(const char *said, enum bm_refusal *refusal,
                                struct bm_verdict *verdict, struct barq_error *err)
{
    char shown[SHOWN_BYTES];

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (!strstr(said, signs[i].sign)) {
            continue;
        }
        enum barq_status status = bm_judged(verdict, signs[i].outcome, signs[i].refusal, err,
                                            "yt-dlp: %s", signs[i].sentence);
        *refusal = signs[i].refusal;
        return signs[i].outcome == BM_CALL_REFUSED ? BARQ_OK : status;
    }
    first_error(said, shown);
    return bm_judged(verdict, BM_CALL_RETRY, BM_REFUSAL_NONE, err, "yt-dlp: %s",
                     *shown ? shown : "it failed and said nothing");
}
