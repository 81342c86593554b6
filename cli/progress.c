/*
 * progress.c - how far a job is, for people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/time.h"
#include "cli.h"

#define ERASE_LINE "\r\x1b[K"
enum { LINE_MAX_BYTES = 60 }; /* what is wider than a terminal cannot be erased */

const char *cli_progress(struct barq_arena *arena, const struct barq_job_info *job)
{
    const char *text = "";

    if (job->progress_at_ms == 0) {
        return "";
    }
    if (job->total > 0 && job->done >= 0 && job->done <= job->total) {
        double percent = 100.0 * (double)job->done / (double)job->total;
        text = bq_arena_format(arena, "%" PRId64 " of %" PRId64 " (%d %%)", job->done, job->total,
                               (int)percent);
    } else if (job->done != 0 || job->total != 0) {
        text = bq_arena_format(arena, "%" PRId64, job->done);
    }
    if (text && job->note) {
        text =
            bq_arena_format(arena, "%s%s%s", text, *text ? ": " : "", cli_clean(arena, job->note));
    }
    return text ? text : "";
}

static bool is_finished(const struct barq_job_info *job)
{
    return job->status == BARQ_JOB_COMPLETE || job->status == BARQ_JOB_FAILED;
}

static void show(struct barq_arena *arena, const struct barq_job_info *job)
{
    const char *progress = cli_progress(arena, job);
    size_t len = bq_utf8_cut(progress, strlen(progress), LINE_MAX_BYTES);

    fprintf(stderr, ERASE_LINE "%s%s%.*s", barq_job_status_name(job->status), len > 0 ? ": " : "",
            (int)len, progress);
}

static int64_t time_left(int64_t timeout_ms, int64_t begun_ms)
{
    if (timeout_ms == BARQ_OFF) {
        return BARQ_OFF;
    }
    int64_t left_ms = timeout_ms - (bq_mono_ms() - begun_ms);
    return left_ms > 0 ? left_ms : 0;
}

int64_t cli_follow(struct barq_client *client, const char *id, int64_t timeout_ms)
{
    bq_auto(arena) struct barq_arena first;
    bq_auto(arena) struct barq_arena second;
    struct barq_arena *now = &first;
    struct barq_arena *next = &second;
    struct barq_job_info job;
    int64_t begun_ms = bq_mono_ms();

    bq_arena_init(now, CLI_ARENA_BYTES);
    bq_arena_init(next, CLI_ARENA_BYTES);
    if (!isatty(STDERR_FILENO) || barq_info(client, id, now, &job, NULL) != BARQ_OK) {
        return timeout_ms;
    }
    enum barq_status status = BARQ_OK;
    while (status == BARQ_OK && !is_finished(&job)) {
        show(now, &job);
        bq_arena_reset(next);
        status = barq_wait_change(client, &job, time_left(timeout_ms, begun_ms), next, &job, NULL);
        struct barq_arena *seen = now;
        now = next;
        next = seen;
    }
    fputs(ERASE_LINE, stderr);
    return time_left(timeout_ms, begun_ms);
}
