#include "formats/captions.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "formats/cues.h"

enum { LOOK_BYTES = 1000 };

/* Without a byte order mark and blank lines before the first word. */
static void trim(const char **text, size_t *len)
{
    if (*len >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *len -= 3;
    }
    while (*len > 0 && isspace((unsigned char)**text)) {
        (*text)++;
        (*len)--;
    }
}

static bool begins(const char *text, size_t len, const char *prefix)
{
    size_t wanted = strlen(prefix);

    return len >= wanted && memcmp(text, prefix, wanted) == 0;
}

/* Tells by its beginning what it is; false when it is nothing that we know. */
static bool read_any(const char *text, size_t len, struct bm_cues *cues)
{
    size_t look = len < LOOK_BYTES ? len : LOOK_BYTES;

    if (begins(text, len, "WEBVTT")) {
        bm_vtt_read(text, len, cues);
        return true;
    }
    if (begins(text, len, "<")) {
        bm_timedtext_read(text, len, cues);
        return true;
    }
    if (begins(text, len, "{")) {
        return bm_json3_read(text, len, cues);
    }
    if (memmem(text, look, "-->", 3)) {
        bm_srt_read(text, len, cues);
        return true;
    }
    return false;
}

enum barq_status bm_captions_read(const char *text, size_t len, struct barq_arena *arena,
                                  struct bm_captions *out, struct barq_error *err)
{
    struct bm_cues cues = {.arena = arena};
    if (len > BM_CAPTIONS_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "captions: longer than %d MiB",
                       BM_CAPTIONS_MAX_BYTES / 1024 / 1024);
    }
    if (!bq_utf8_valid(text, len)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "captions: not UTF-8: save the file as UTF-8");
    }

    trim(&text, &len);
    bool known = read_any(text, len, &cues);
    bm_cues_sort(&cues);
    if (cues.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "captions: arena is full");
    }
    if (cues.too_many) {
        return bq_fail(err, BARQ_ERR_LIMIT, "captions: more than %d cues", BM_CAPTIONS_MAX_CUES);
    }
    if (!known || cues.count == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       known ? "captions: nothing is said in it"
                             : "captions: neither VTT, SRT, timed text nor "
                               "json3");
    }
    *out = (struct bm_captions){.cues = cues.cues, .count = cues.count, .language = cues.language};
    return BARQ_OK;
}
