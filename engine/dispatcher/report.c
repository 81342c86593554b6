/*
 * What jobs tell of themselves while they run, from their executors to the
 * broker: the newest progress, and lines of their log. About once a second
 * all of it that is new goes with the next exchange; what is left of a job, in
 * the exchange that settles it.
 *
 * Until then it is in the claim's diary, which is bounded. What an exchange
 * takes along lies apart, since it is the broker's until that has ended. One
 * that has failed gives it back; if it had happened all the same, lines are
 * there twice, which is better than not at all.
 */
#include "broker/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

enum {
    REPORT_EACH_MS = 1000,
    /* More than is told, so that room is made for many lines at once. */
    DIARY_MAX_BYTES = 2 * BQ_JOB_LOG_MAX_BYTES,
};

/* What a claim has to tell. */
struct bq_diary {
    struct bq_buf log; /* whole lines */
    int64_t attempt;   /* of the last one */
    int64_t bytes;     /* of the attempt's lines */
    int64_t dropped;   /* the same, beyond its limit */
    bool progressed;   /* the next three are new */
    int64_t done;
    int64_t total;
    char note[BARQ_NOTE_MAX_BYTES + 1];
    struct bq_telling *telling; /* borrowed; NULL: none of it is in the exchange under way */
};

/* A diary's part of the exchange under way. */
struct bq_telling {
    struct bq_list link;    /* in dispatcher->tellings */
    struct bq_claim *claim; /* NULL: it is gone */
    struct bq_buf log;
    char note[BARQ_NOTE_MAX_BYTES + 1];
    struct bq_report report; /* its strings are the two above, and `id` */
    char id[];
};

static struct bq_diary *diary_of(struct bq_claim *claim)
{
    if (!claim->diary) {
        claim->diary = calloc(1, sizeof(*claim->diary));
        if (claim->diary) {
            bq_buf_init(&claim->diary->log, DIARY_MAX_BYTES);
        }
    }
    return claim->diary;
}

/* The last lines of `log` with `more` behind them; without memory, what was there before. */
static void keep_last(struct bq_buf *log, const char *more, size_t more_bytes)
{
    struct bq_buf last;
    const char *text = bq_buf_cstr(log);

    bq_buf_init(&last, DIARY_MAX_BYTES);
    bq_report_log(&last, text, more, more_bytes);
    if (last.failed) {
        bq_buf_clear(&last);
        return;
    }
    bq_buf_clear(log);
    *log = last;
}

/* "2026-11-23T16:13:07.042Z | text", or with another word for the bar. */
static void add_line(struct bq_diary *diary, const char *word, const char *text)
{
    char line[BQ_TIME_TEXT_BYTES + BARQ_LOG_LINE_MAX_BYTES + 128];
    char now[BQ_TIME_TEXT_BYTES];

    bq_time_text(bq_wall_ms(), now);
    int len = snprintf(line, sizeof(line), "%s %s %s\n", now, word, text);
    if (len < 0 || (size_t)len >= sizeof(line)) {
        return;
    }
    if (diary->log.len + (size_t)len + 1 > DIARY_MAX_BYTES) {
        keep_last(&diary->log, line, (size_t)len);
    } else {
        bq_buf_put(&diary->log, line, (size_t)len);
    }
}

/* The attempt has ended: how much of it was left out. */
static void tell_dropped(struct bq_claim *claim)
{
    char text[64];
    struct bq_diary *diary = claim->diary;

    if (!diary || diary->dropped == 0) {
        return;
    }
    (void)snprintf(text, sizeof(text), "... %lld bytes more", (long long)diary->dropped);
    add_line(diary, "--", text);
    bq_warn("a job's output is left out, beyond its limit", bq_str("job", claim->claimed.job.id),
            bq_int("bytes", diary->dropped));
    diary->dropped = 0;
}

/* An executor may say any number. */
static void add_dropped(struct bq_diary *diary, int64_t bytes)
{
    diary->dropped = bytes < INT64_MAX - diary->dropped ? diary->dropped + bytes : INT64_MAX;
}

/* Of another attempt than the line before: its tries are told apart, but the first needs no line for that. */
static void begin_attempt(struct bq_claim *claim)
{
    struct bq_diary *diary = claim->diary;
    char text[32];

    tell_dropped(claim);
    if (diary->attempt != 0 || claim->claimed.claimed_before) {
        (void)snprintf(text, sizeof(text), "try %d", bq_claim_try(claim));
        add_line(diary, "--", text);
    }
    diary->attempt = claim->attempt;
    diary->bytes = 0;
}

bool bq_report_line(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *word,
                    const char *text, size_t bytes)
{
    struct bq_diary *diary = diary_of(claim);
    int64_t limit = claim->output_max_bytes;

    if (!diary) {
        return true;
    }
    if (diary->attempt != claim->attempt) {
        begin_attempt(claim);
    }
    dispatcher->untold = true;
    if (limit > 0 && (int64_t)bytes > limit - diary->bytes) {
        diary->bytes = limit;
        add_dropped(diary, (int64_t)bytes);
        return false;
    }
    diary->bytes += (int64_t)bytes;
    add_line(diary, word, text);
    return true;
}

void bq_report_dropped(struct bq_dispatcher *dispatcher, struct bq_claim *claim, int64_t bytes)
{
    struct bq_diary *diary = diary_of(claim);

    if (diary && diary->attempt != claim->attempt) {
        begin_attempt(claim);
    }
    if (diary) {
        add_dropped(diary, bytes);
        dispatcher->untold = true;
    }
}

bool bq_report_progress(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                        const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_progress progress;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    struct bq_diary *diary = diary_of(claim);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_progress_get(&in, &arena, &progress)) {
        return false;
    }
    if (diary) {
        diary->progressed = true;
        diary->done = progress.done;
        diary->total = progress.total;
        (void)bq_log_clean(progress.note, strlen(progress.note), diary->note, sizeof(diary->note));
        dispatcher->untold = true;
    }
    return true;
}

void bq_report_free(struct bq_claim *claim)
{
    if (!claim->diary) {
        return;
    }
    if (claim->diary->telling) {
        claim->diary->telling->claim = NULL;
    }
    bq_buf_clear(&claim->diary->log);
    free(claim->diary);
    claim->diary = NULL;
}

/* -- to the broker -- */

static void free_telling(struct bq_telling *telling)
{
    bq_list_remove(&telling->link);
    if (telling->claim) {
        telling->claim->diary->telling = NULL;
    }
    bq_buf_clear(&telling->log);
    free(telling);
}

/* Takes what is new out of the diary; without memory it stays there. */
static void tell(struct bq_dispatcher *dispatcher, struct bq_claim *claim)
{
    struct bq_diary *diary = claim->diary;
    size_t id_bytes = strlen(claim->claimed.job.id) + 1;
    struct bq_telling *telling = calloc(1, sizeof(*telling) + id_bytes);

    if (!telling) {
        return;
    }
    memcpy(telling->id, claim->claimed.job.id, id_bytes);
    memcpy(telling->note, diary->note, sizeof(telling->note));
    telling->claim = claim;
    telling->log = diary->log;
    bq_buf_init(&diary->log, DIARY_MAX_BYTES);
    telling->report = (struct bq_report){
        .id = telling->id,
        .claim = claim->claimed.claim,
        .progress = diary->progressed,
        .done = diary->done,
        .total = diary->total,
        .note = telling->note,
        .log = telling->log.data,
        .log_bytes = telling->log.len,
    };
    diary->progressed = false;
    diary->telling = telling;
    bq_list_add(&dispatcher->tellings, &telling->link);
}

static void tell_all(struct bq_dispatcher *dispatcher, struct bq_list *claims)
{
    bq_list_each (at, claims) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);

        if (claim->state == BQ_CLAIM_ENDED) {
            tell_dropped(claim);
        }
        if (claim->diary && !claim->stale &&
            (claim->diary->progressed || claim->diary->log.len > 0)) {
            tell(dispatcher, claim);
        }
    }
}

void bq_report_begin(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_exchange *exchange = &dispatcher->exchange;
    size_t count = 0;

    tell_all(dispatcher, &dispatcher->ended);
    if (dispatcher->untold && dispatcher->report_at_ms <= now_ms) {
        tell_all(dispatcher, &dispatcher->running);
        tell_all(dispatcher, &dispatcher->house_queue);
        dispatcher->untold = false;
        dispatcher->report_at_ms = now_ms + REPORT_EACH_MS;
    }
    bq_list_each (at, &dispatcher->tellings) {
        count++;
    }
    struct bq_report *reports = count > 0 ? malloc(count * sizeof(*reports)) : NULL;
    if (!reports) {
        bq_report_end(dispatcher, false);
        return;
    }
    bq_list_each (at, &dispatcher->tellings) {
        reports[exchange->n_reports++] = bq_list_owner(at, struct bq_telling, link)->report;
    }
    dispatcher->reports = reports;
    exchange->reports = reports;
}

/* In front of what has come since. */
static void give_back(struct bq_dispatcher *dispatcher, struct bq_telling *telling)
{
    struct bq_diary *diary = telling->claim->diary;

    if (telling->report.progress && !diary->progressed) {
        diary->progressed = true;
        diary->done = telling->report.done;
        diary->total = telling->report.total;
        memcpy(diary->note, telling->note, sizeof(diary->note));
    }
    if (diary->log.len > 0) {
        keep_last(&telling->log, diary->log.data, diary->log.len);
    }
    struct bq_buf log = diary->log;
    diary->log = telling->log;
    telling->log = log;
    dispatcher->untold = true;
}

void bq_report_end(struct bq_dispatcher *dispatcher, bool told)
{
    bq_list_each (at, &dispatcher->tellings) {
        struct bq_telling *telling = bq_list_owner(at, struct bq_telling, link);

        if (!told && telling->claim) {
            give_back(dispatcher, telling);
        }
        free_telling(telling);
    }
    free(dispatcher->reports);
    dispatcher->reports = NULL;
}

int64_t bq_report_due(const struct bq_dispatcher *dispatcher)
{
    return dispatcher->untold && !dispatcher->exchanging ? dispatcher->report_at_ms : INT64_MAX;
}
