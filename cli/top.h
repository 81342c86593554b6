/*
 * top.h - barq top: what it looks at, how it stands, and what it draws.
 */
#ifndef BARQ_CLI_TOP_H
#define BARQ_CLI_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/admin.h>

#include "base/arena.h"

enum { TOP_ARENA_BYTES = 64 * 1024 * 1024, TOP_SAID_BYTES = 800, TOP_PATIENCE_MS = 2000 };

enum top_list { TOP_QUEUES, TOP_WORKERS, TOP_RUNNING, TOP_FAILED, TOP_LISTS };

/* -- top_look.c: what is in the broker -- */

struct top_jobs {
    struct barq_arena arena;
    struct barq_job_info *jobs;
    size_t count;
};

/* How it was at one moment. */
struct top_view {
    struct barq_arena arena;
    int64_t at_ms; /* 0: never looked */
    struct barq_queue_stats *queues;
    double *queue_rates; /* jobs finished a second whose results are kept; of each queue */
    size_t n_queues;
    struct barq_worker_info *workers;
    double *worker_rates; /* jobs that had an outcome a second; of each worker */
    size_t n_workers;
    int64_t failed;          /* of all queues */
    struct top_jobs running; /* the oldest first */
};

void top_view_init(struct top_view *view);
void top_view_clear(struct top_view *view);
/* Fills `out`; the rates are since `before`, which may have been never looked at. */
enum barq_status top_look(struct barq_client *client, const struct top_view *before,
                          struct top_view *out, struct barq_error *err) BARQ_MUST_CHECK;
/* Those that have failed, the newest first. */
enum barq_status top_look_failed(struct barq_client *client, struct top_jobs *out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* -- top_state.c: which row is selected -- */

/* A list's selected row: it stays with the thing while rows come and go. */
struct top_cursor {
    char name[BARQ_JOB_ID_MAX_BYTES + 1];
    size_t at;
    size_t first; /* row that is drawn */
};

struct top {
    const char *url;
    int64_t delay_ms;
    struct barq_client *client; /* NULL: away */
    struct top_view views[2];
    int now; /* which of them; the other one is the one before */
    struct top_jobs failed;
    int64_t failed_count; /* when they were looked at; -1: look again */
    enum top_list focus;
    struct top_cursor cursors[TOP_LISTS];
    bool help;
    bool asking; /* whether the selected job is to be aborted */
    char asked[BARQ_JOB_ID_MAX_BYTES + 1];
    char said[TOP_SAID_BYTES]; /* what became of the last key; "" nothing */
    char away[TOP_SAID_BYTES]; /* why the broker cannot be asked; "" it can */
    int64_t away_since_ms;
};

const struct top_view *top_now(const struct top *top);
size_t top_count(const struct top *top, enum top_list list);
/* The name of a row: a queue's, a worker's or a job's. */
const char *top_name(const struct top *top, enum top_list list, size_t row);
/* The selected row's name in the list that has the focus; NULL: it is empty. */
const char *top_selected(const struct top *top);
/* After new rows have come: finds what was selected, or stays where it was. */
void top_settle(struct top *top);
void top_move(struct top *top, long rows);

/* -- top_keys.c: what a key does -- */

/* False: to quit. */
bool top_press(struct top *top, int key);

/* -- top.c -- */

/* Looks at the broker; what fails leaves what was seen last, and says why. */
void top_refresh(struct top *top);

/* -- top_cells.c: rows as text -- */

/* What is drawn once. */
struct top_frame {
    struct barq_arena arena;
    const struct top *top;
    int64_t now_ms;
};

/* From left to right the more important first: what does not fit is left out from the right. */
struct top_column {
    const char *title; /* NULL ends them */
    int width;         /* 0: what is left, at least TOP_LEAST_WIDTH */
    bool right;        /* numbers are put to the right */
};
enum { TOP_LEAST_WIDTH = 12, TOP_MAX_COLUMNS = 10 };

struct top_list_cells {
    const struct top_column *columns;
    void (*cells)(struct top_frame *frame, size_t row, const char **cells);
};
extern const struct top_list_cells top_lists[TOP_LISTS];

const char *top_clean(struct top_frame *frame, const char *text);
const char *top_text(struct top_frame *frame, const char *pattern, ...) BARQ_PRINTF(2, 3);
const char *top_rate(struct top_frame *frame, double rate);
/* "12s", "3m05s", "2h07m", "4d11h"; "-" for 0. */
const char *top_age(struct top_frame *frame, int64_t since_ms);

/* -- top_screen.c: drawing; the only one that knows curses' windows -- */

void top_draw(struct top *top, int64_t now_ms);

#endif
