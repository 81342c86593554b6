#include "services/hold.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum {
    FIRST_MS = 30 * 1000,
    LONGEST_MS = 3600 * 1000,
    LEAST_MS = 1000, /* a server that says 0 is not asked in a circle */
    DAY_S = 86400,
};

static int64_t back_off_ms(int earlier)
{
    int64_t wait_ms = FIRST_MS;

    for (int i = 0; i < earlier && wait_ms < LONGEST_MS; i++) {
        wait_ms *= 2;
    }
    return wait_ms < LONGEST_MS ? wait_ms : LONGEST_MS;
}

static int64_t wall_s(int64_t at_ms, const struct bq_zone *zone)
{
    struct bq_zone_span span = {.offset_s = 0};

    if (zone) {
        bq_zone_at(zone, at_ms / 1000, &span);
    }
    return at_ms / 1000 + span.offset_s;
}

void bm_resumes_text(int64_t until_at_ms, int64_t now_ms, const struct bq_zone *zone,
                     char out[BM_RESUMES_BYTES])
{
    int64_t until_s = wall_s(until_at_ms + 59999, zone); /* to the minute, and not before */
    struct bq_date date = bq_days_date(until_s / DAY_S);
    int64_t minutes = until_s % DAY_S / 60;
    int len =
        snprintf(out, BM_RESUMES_BYTES, "at %02d:%02d", (int)(minutes / 60), (int)(minutes % 60));

    if (until_s / DAY_S != wall_s(now_ms, zone) / DAY_S) {
        snprintf(out + len, BM_RESUMES_BYTES - (size_t)len, " on %04d-%02d-%02d", date.year,
                 date.month, date.day);
    }
}

/* Without the room that begins an error's sentence: the label stands for it. */
static const char *without_room(const char *why)
{
    const char *colon = strstr(why, ": ");

    return colon && colon - why < 16 ? colon + 2 : why;
}

bool bm_hold_of(const struct bm_verdict *verdict, const char *why, int earlier, int64_t now_ms,
                const struct bq_zone *zone, struct bm_hold *out)
{
    if (verdict->outcome != BM_CALL_HELD || verdict->service == BM_SERVICE_NONE) {
        return false;
    }

    int64_t wait_ms = verdict->retry_ms > 0 ? verdict->retry_ms : back_off_ms(earlier);
    int64_t until_at_ms = verdict->until_at_ms > 0 ? verdict->until_at_ms : now_ms + wait_ms;
    if (until_at_ms < now_ms + LEAST_MS) {
        until_at_ms = now_ms + LEAST_MS;
    }
    char resumes[BM_RESUMES_BYTES];
    bm_resumes_text(until_at_ms, now_ms, zone, resumes);

    *out = (struct bm_hold){.service = verdict->service, .until_at_ms = until_at_ms};
    snprintf(out->reason, sizeof(out->reason), "%s: %.280s; resumes %s",
             bm_service_label(verdict->service), without_room(why), resumes);
    return true;
}
