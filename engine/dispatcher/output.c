/*
 * What executors print, and what handlers log: into the worker's log, and into
 * the log of each job that runs there at that moment. Of several threads it
 * cannot be told which one has printed.
 *
 * A log that nobody reads fast enough must not stop the loop: executors are
 * not read meanwhile, so that in the end whoever prints waits. What must be
 * read all the same (before an outcome, at an executor's end) is then left out
 * of the worker's log, and counted.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

enum {
    LOOSE_EACH_MS =
        1000,          /* output of no job has this time's share of BARQ_DEFAULT_OUTPUT_MAX_BYTES */
    HEAR_EACH_MS = 20, /* while nobody reads the log, it is tried again */
    NAME_BYTES = 32,
    CUT_TEXT_BYTES = 48,
};

static void name_of(const struct bq_executor *executor, char *out)
{
    if (executor->number == 0) {
        (void)snprintf(out, NAME_BYTES, "house");
    } else {
        (void)snprintf(out, NAME_BYTES, "executor %d", executor->number);
    }
}

/* Can the worker's log take a line? What it could not is told as soon as it can. */
static bool log_takes(struct bq_dispatcher *dispatcher)
{
    if (!bq_log_ready()) {
        return false;
    }
    if (dispatcher->lines_left_out > 0) {
        bq_warn("output is left out of this log, since it is not read fast enough",
                bq_int("lines", dispatcher->lines_left_out));
        dispatcher->lines_left_out = 0;
        return bq_log_ready();
    }
    return true;
}

/* The jobs that run in it at this moment, one after the other. */
static struct bq_claim *next_running(struct bq_executor *executor, struct bq_list **at)
{
    while (*at != &executor->work) {
        struct bq_claim *claim = bq_list_owner(*at, struct bq_claim, at_executor);
        *at = (*at)->next;
        if (claim->entered && claim->state == BQ_CLAIM_RUNNING) {
            return claim;
        }
    }
    return NULL;
}

/* Into the log of each; false: it is beyond the limit of all of them. */
static bool tell_jobs(struct bq_executor *executor, const char *text, size_t bytes, size_t *jobs,
                      const char **job)
{
    struct bq_dispatcher *dispatcher = executor->data;
    struct bq_list *at = executor->work.next;
    struct bq_claim *claim = dispatcher->chore_claim;
    bool taken = false;

    if (executor != &dispatcher->house) {
        claim = next_running(executor, &at);
    }
    while (claim) {
        taken = bq_report_line(dispatcher, claim, "|", text, bytes) || taken;
        (*jobs)++;
        *job = claim->claimed.job.id;
        claim = executor != &dispatcher->house ? next_running(executor, &at) : NULL;
    }
    return taken;
}

/* What is printed by no job has a limit, too. */
static bool loose_fits(struct bq_executor *executor, size_t bytes)
{
    int64_t now_ms = bq_mono_ms();

    if (now_ms - executor->loose_at_ms >= LOOSE_EACH_MS) {
        executor->loose_at_ms = now_ms;
        executor->loose_bytes = 0;
    }
    executor->loose_bytes += (int64_t)bytes;
    return executor->loose_bytes <= BARQ_DEFAULT_OUTPUT_MAX_BYTES;
}

/* What finds no room is cut, and counted. */
static void clean_line(const struct bq_output_line *line, char *out)
{
    size_t taken = bq_log_clean(line->text, line->len, out, BARQ_LOG_LINE_MAX_BYTES + 1);
    size_t cut = line->len - taken + line->cut;

    if (cut > 0) {
        (void)snprintf(out + strlen(out), CUT_TEXT_BYTES, "... %zu bytes more", cut);
    }
}

void bq_output_printed(struct bq_executor *executor, const struct bq_output_line *line)
{
    struct bq_dispatcher *dispatcher = executor->data;
    char text[BARQ_LOG_LINE_MAX_BYTES + 1 + CUT_TEXT_BYTES];
    char name[NAME_BYTES];
    size_t bytes = line->len + line->cut + 1;
    size_t jobs = 0;
    const char *job = NULL;

    name_of(executor, name);
    if (line->text[0] == BQ_LOG_RELAY_MARK && strlen(line->text) == line->len &&
        log_takes(dispatcher) && bq_log_relay(name, line->text)) {
        return;
    }
    clean_line(line, text);
    bool taken = tell_jobs(executor, text, bytes, &jobs, &job);
    if (jobs == 0) {
        taken = loose_fits(executor, bytes);
    }
    if (taken && log_takes(dispatcher)) {
        bq_log_output(name, jobs == 1 ? job : NULL, text);
    } else {
        dispatcher->lines_left_out += taken || jobs == 0;
    }
}

bool bq_output_hears(struct bq_executor *executor)
{
    struct bq_dispatcher *dispatcher = executor->data;
    bool takes = log_takes(dispatcher);

    if (!takes && dispatcher->hear_at_ms == 0) {
        dispatcher->hear_at_ms = bq_mono_ms() + HEAR_EACH_MS;
    }
    return takes;
}

bool bq_output_awaits(struct bq_executor *executor, int64_t attempt)
{
    struct bq_dispatcher *dispatcher = executor->data;
    const struct bq_claim *claim = dispatcher->chore_claim;

    if (executor != &dispatcher->house) {
        claim = bq_work_find(executor, attempt);
        return claim && claim->state == BQ_CLAIM_RUNNING;
    }
    return claim && claim->attempt == attempt;
}

static void hear(struct bq_executor *executor)
{
    if (executor->unheard) {
        bq_executor_hear(executor);
    }
}

void bq_output_hear(struct bq_dispatcher *dispatcher, int64_t now_ms, int64_t *next_ms)
{
    if (dispatcher->hear_at_ms != 0 && dispatcher->hear_at_ms <= now_ms) {
        dispatcher->hear_at_ms = 0;
        for (int i = 0; i < dispatcher->n_executors; i++) {
            hear(&dispatcher->executors[i]);
        }
        hear(&dispatcher->house);
    }
    if (dispatcher->hear_at_ms != 0 && dispatcher->hear_at_ms < *next_ms) {
        *next_ms = dispatcher->hear_at_ms;
    }
}

/* -- what handlers log -- */

static const struct {
    enum bq_log_level level;
    const char *word;
} levels[] = {
    [BARQ_LOG_DEBUG] = {BQ_LOG_DEBUG, "debug"},
    [BARQ_LOG_INFO] = {BQ_LOG_INFO, "info"},
    [BARQ_LOG_WARN] = {BQ_LOG_WARN, "warn"},
    [BARQ_LOG_ERROR] = {BQ_LOG_ERROR, "error"},
};

bool bq_output_said(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                    const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_said said;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    char text[BARQ_LOG_LINE_MAX_BYTES + 1];

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_said_get(&in, &arena, &said)) {
        return false;
    }
    if (said.dropped > 0) {
        bq_report_dropped(dispatcher, claim, said.dropped);
    }
    size_t len = strlen(said.line);
    if (len == 0 && said.dropped > 0) {
        return true;
    }
    (void)bq_log_clean(said.line, len, text, sizeof(text));
    if (!bq_report_line(dispatcher, claim, levels[said.level].word, text, len + 1)) {
        return true;
    }
    if (log_takes(dispatcher)) {
        bq_log_write(levels[said.level].level, said.line,
                     BQ_LOG_PAIRS(bq_str("job", claim->claimed.job.id),
                                  bq_str("function", claim->function)));
    } else {
        dispatcher->lines_left_out++;
    }
    return true;
}
