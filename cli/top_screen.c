/*
 * top_screen.c - barq top's screen: a line of totals, four lists, what is selected, the keys.
 */
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "cli.h"
#include "top.h"

enum { MAX_COLUMNS = 10, TEXT_BYTES = 64, MIN_ROWS = 6, MIN_WIDTH = 20, SCRATCH_BYTES = 4194304 };

/* From left to right the more important first: what does not fit is left out from the right. */
struct column {
    const char *title; /* NULL ends them */
    int width;         /* 0: what is left, at least LEAST */
    bool right;
};
enum { LEAST = 12 };

struct place {
    struct barq_arena arena; /* of this frame */
    const struct top *top;
    int64_t now_ms;
    int rows;
    int width;
};

/* -- text -- */

/* Draws as much of a clean `text` as `width` has room for; gives the columns that took. */
static int put(int row, int at, int width, const char *text)
{
    mbstate_t state = {0};
    int taken = 0;
    size_t len = strlen(text);
    size_t used = 0;

    while (used < len) {
        wchar_t letter = 0;
        size_t step = mbrtowc(&letter, text + used, len - used, &state);
        int wide = step > 0 && step <= len - used ? wcwidth(letter) : -1;
        if (wide < 0 || taken + wide > width) {
            break;
        }
        taken += wide;
        used += step;
    }
    mvaddnstr(row, at, text, (int)used);
    return taken;
}

static const char *clean(struct place *place, const char *text)
{
    return cli_clean(&place->arena, text ? text : "");
}

static const char *format(struct place *place, const char *pattern, ...) BARQ_PRINTF(2, 3);
static const char *format(struct place *place, const char *pattern, ...)
{
    va_list values;
    va_start(values, pattern);
    const char *text = bq_arena_vformat(&place->arena, pattern, values);
    va_end(values);

    return text ? text : "?";
}

static const char *number(struct place *place, int64_t count)
{
    return format(place, "%lld", (long long)count);
}

static const char *per_second(struct place *place, double rate)
{
    return format(place, rate > 0 && rate < 10 ? "%.1f" : "%.0f", rate);
}

/* "12s", "3m05s", "2h07m", "4d11h" */
static const char *age(struct place *place, int64_t since_ms)
{
    long long s = since_ms > 0 && since_ms < place->now_ms ? (place->now_ms - since_ms) / 1000 : 0;

    if (since_ms == 0) {
        return "-";
    }
    if (s < 60) {
        return format(place, "%llds", s);
    }
    if (s < 3600) {
        return format(place, "%lldm%02llds", s / 60, s % 60);
    }
    return s < 86400 ? format(place, "%lldh%02lldm", s / 3600, s / 60 % 60)
                     : format(place, "%lldd%02lldh", s / 86400, s / 3600 % 24);
}

/* -- the cells of a row, in the order of its list's columns -- */

static const struct column queue_columns[] = {
    {"QUEUE", 0, false},   {"QUEUED", 8, true}, {"RUNNING", 7, true},  {"FAILED", 7, true},
    {"DONE/S", 7, true},   {"STATE", 6, false}, {"DEFERRED", 8, true}, {"HELD", 6, true},
    {"COMPLETE", 9, true}, {.title = NULL},
};

static void queue_cells(struct place *place, size_t row, const char **cells)
{
    const struct barq_queue_stats *queue = &top_now(place->top)->queues[row];

    cells[0] = clean(place, queue->queue);
    cells[1] = number(place, queue->queued);
    cells[2] = number(place, queue->in_progress);
    cells[3] = number(place, queue->failed);
    cells[4] = per_second(place, top_now(place->top)->queue_rates[row]);
    cells[5] = queue->paused ? "paused" : "";
    cells[6] = number(place, queue->deferred);
    cells[7] = number(place, queue->held);
    cells[8] = number(place, queue->complete);
}

static const struct column worker_columns[] = {
    {"WORKER", 0, false},  {"RUNNING", 7, true}, {"THREADS", 8, true}, {"JOBS/S", 7, true},
    {"FAILED", 7, true},   {"UP", 6, true},      {"SEEN", 6, true},    {"RETRIED", 7, true},
    {"COMPLETE", 9, true}, {"QUEUES", 20, false}};

static void worker_cells(struct place *place, size_t row, const char **cells)
{
    const struct barq_worker_info *worker = &top_now(place->top)->workers[row];

    cells[0] = clean(place, worker->name);
    cells[1] = number(place, worker->running);
    cells[2] = format(place, "%lldx%lld", (long long)worker->executors, (long long)worker->threads);
    cells[3] = per_second(place, top_now(place->top)->worker_rates[row]);
    cells[4] = number(place, worker->failed);
    cells[5] = age(place, worker->started_at_ms);
    cells[6] = age(place, worker->seen_at_ms);
    cells[7] = number(place, worker->retried);
    cells[8] = number(place, worker->complete);
    cells[9] = clean(place, worker->queues);
}

static const struct column running_columns[] = {
    {"RUNNING", 0, false},   {"AGE", 7, true},     {"TRY", 3, true},      {"JOB", 36, false},
    {"PROGRESS", 16, false}, {"QUEUE", 12, false}, {"WORKER", 24, false}, {.title = NULL},
};

static const char *progress(struct place *place, const struct barq_job_info *job)
{
    const char *note = clean(place, job->note);

    if (job->total > 0) {
        return format(place, "%lld/%lld %s", (long long)job->done, (long long)job->total, note);
    }
    return job->done > 0 ? format(place, "%lld %s", (long long)job->done, note) : note;
}

static void running_cells(struct place *place, size_t row, const char **cells)
{
    const struct barq_job_info *job = &top_now(place->top)->running.jobs[row];

    cells[0] = clean(place, job->function);
    cells[1] = age(place, job->started_at_ms);
    cells[2] = number(place, job->job_try);
    cells[3] = clean(place, job->id);
    cells[4] = progress(place, job);
    cells[5] = clean(place, job->queue);
    cells[6] = clean(place, job->worker);
}

static const struct column failed_columns[] = {
    {"FAILED", 16, false}, {"AGO", 7, true},   {"TRY", 3, true}, {"ERROR", 0, false},
    {"QUEUE", 12, false},  {"JOB", 36, false}, {.title = NULL},
};

static void failed_cells(struct place *place, size_t row, const char **cells)
{
    const struct barq_job_info *job = &place->top->failed.jobs[row];

    cells[0] = clean(place, job->function);
    cells[1] = age(place, job->finished_at_ms);
    cells[2] = number(place, job->job_try);
    cells[3] = clean(place, job->error);
    cells[4] = clean(place, job->queue);
    cells[5] = clean(place, job->id);
}

static const struct {
    const struct column *columns;
    void (*cells)(struct place *place, size_t row, const char **cells);
} lists[TOP_LISTS] = {
    [TOP_QUEUES] = {queue_columns, queue_cells},
    [TOP_WORKERS] = {worker_columns, worker_cells},
    [TOP_RUNNING] = {running_columns, running_cells},
    [TOP_FAILED] = {failed_columns, failed_cells},
};

/* -- lists -- */

/* How many of the columns fit, and what is left for the one of width 0. */
static int fit(const struct column *columns, int width, int *rest)
{
    int count = 0;

    while (count < MAX_COLUMNS && columns[count].title) {
        count++;
    }
    for (;; count--) {
        int taken = count - 1;
        bool open = false;
        for (int i = 0; i < count; i++) {
            taken += columns[i].width;
            open |= columns[i].width == 0;
        }
        *rest = width - taken;
        if (count == 1 || *rest >= (open ? LEAST : 0)) {
            return count;
        }
    }
}

static void draw_row(const struct place *place, int row, const struct column *columns,
                     const char *const *cells)
{
    int rest = 0;
    int count = fit(columns, place->width, &rest);
    int at = 0;

    mvhline(row, 0, ' ', place->width);
    for (int i = 0; i < count; i++) {
        int width = columns[i].width > 0 ? columns[i].width : rest;
        int len = (int)strlen(cells[i]); /* only numbers are put to the right */
        put(row, columns[i].right && len < width ? at + width - len : at, width, cells[i]);
        at += width + 1;
    }
}

static void draw_titles(const struct place *place, int row, enum top_list list)
{
    const struct column *columns = lists[list].columns;
    const char *titles[MAX_COLUMNS];

    for (int i = 0; i < MAX_COLUMNS && columns[i].title; i++) {
        titles[i] = columns[i].title;
    }
    attrset(list == place->top->focus ? A_REVERSE | A_BOLD : A_REVERSE | A_DIM);
    draw_row(place, row, columns, titles);
    attrset(A_NORMAL);
}

/* The first row to draw, so that the selected one is among `room`. */
static size_t scroll_to(struct top_cursor *cursor, size_t count, size_t room)
{
    if (cursor->first + room > count) {
        cursor->first = count > room ? count - room : 0;
    }
    if (cursor->at < cursor->first) {
        cursor->first = cursor->at;
    }
    if (room > 0 && cursor->at >= cursor->first + room) {
        cursor->first = cursor->at - room + 1;
    }
    return cursor->first;
}

static void draw_list(struct place *place, struct top *top, enum top_list list, int row, int height)
{
    size_t count = top_count(top, list);
    size_t room = (size_t)(height - 1);
    size_t first = scroll_to(&top->cursors[list], count, room);

    draw_titles(place, row, list);
    for (size_t i = first; i < count && i < first + room; i++) {
        const char *cells[MAX_COLUMNS];
        lists[list].cells(place, i, cells);
        attrset(list == top->focus && i == top->cursors[list].at ? A_BOLD | A_UNDERLINE : A_NORMAL);
        draw_row(place, ++row, lists[list].columns, cells);
    }
    attrset(A_NORMAL);
}

/* A title and a row for each; then the one with the focus gets what it wants, then the others. */
static void share_out(const struct top *top, int height, int *heights)
{
    int left = height;

    for (int list = 0; list < TOP_LISTS; list++) {
        heights[list] = height >= 2 * TOP_LISTS ? 2 : 0;
        left -= heights[list];
    }
    for (int turn = 0; turn <= TOP_LISTS; turn++) {
        enum top_list list = turn == 0 ? top->focus : (enum top_list)(turn - 1);
        int want = (int)top_count(top, list) + 1 - heights[list];
        int more = want < left ? want : left;
        if (more > 0 && (heights[list] > 0 || turn == 0)) {
            heights[list] += more;
            left -= more;
        }
    }
}

static void draw_lists(struct place *place, struct top *top, int row, int height)
{
    int heights[TOP_LISTS];

    share_out(top, height, heights);
    for (int list = 0; list < TOP_LISTS; list++) {
        if (heights[list] > 0) {
            draw_list(place, top, (enum top_list)list, row, heights[list]);
            row += heights[list];
        }
    }
}

/* -- around them -- */

static void draw_totals(struct place *place)
{
    const struct top_view *view = top_now(place->top);
    int64_t threads = 0;
    int64_t running = 0;
    double rate = 0;

    for (size_t i = 0; i < view->n_workers; i++) {
        threads += view->workers[i].executors * view->workers[i].threads;
        rate += view->worker_rates[i];
    }
    for (size_t i = 0; i < view->n_queues; i++) {
        running += view->queues[i].in_progress;
    }
    attrset(A_BOLD);
    put(0, 0, place->width,
        format(place, "barq top  workers %zu  threads %lld  running %lld  failed %lld  %s jobs/s",
               view->n_workers, (long long)threads, (long long)running, (long long)view->failed,
               per_second(place, rate)));
    attrset(A_NORMAL);
}

static void draw_away(struct place *place)
{
    const struct top *top = place->top;

    if (top->away[0] != '\0') {
        attrset(A_REVERSE | A_BOLD);
        put(1, 0, place->width,
            format(place, "the queue is away since %s: %s", age(place, top->away_since_ms),
                   clean(place, top->away)));
        attrset(A_NORMAL);
    }
}

static void draw_bottom(struct place *place)
{
    const struct top *top = place->top;
    const char *selected = top_selected(top);
    const char *last = "q quit  ? help  Tab list  jk row  p pause  a abort  r retry";

    if (top->asking) {
        last = format(place, "abort %s? (y/n)", clean(place, top->asked));
    } else if (top->said[0] != '\0') {
        last = clean(place, top->said);
    }
    put(place->rows - 2, 0, place->width, format(place, "> %s", clean(place, selected)));
    attrset(A_BOLD);
    put(place->rows - 1, 0, place->width, last);
    attrset(A_NORMAL);
}

static void draw_help(const struct place *place)
{
    static const char *const lines[] = {
        "Tab, Shift-Tab  the next list, the one before: queues, workers, running, failed",
        "j k, arrows     the next row, the one before; page keys: ten",
        "p               pause the selected queue, or let it go on",
        "a               abort the selected job, when you say y",
        "r               put the selected failed job back into its queue",
        "q               quit",
        "",
        "JOBS/S is what a worker has said of itself, as often as it does; DONE/S is counted",
        "from results and failures that are kept.",
        "",
        "Any key goes back.",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        put((int)i + 1, 0, place->width, lines[i]);
    }
}

static void draw_all(struct place *place, struct top *top)
{
    if (place->rows < MIN_ROWS || place->width < MIN_WIDTH) {
        put(0, 0, place->width, "too small");
    } else if (top->help) {
        draw_help(place);
    } else {
        draw_totals(place);
        draw_away(place);
        draw_lists(place, top, 2, place->rows - 4);
        draw_bottom(place);
    }
}

void top_draw(struct top *top, int64_t now_ms)
{
    struct place place = {.top = top, .now_ms = now_ms, .rows = LINES, .width = COLS};

    bq_arena_init(&place.arena, SCRATCH_BYTES);
    erase();
    draw_all(&place, top);
    refresh();
    bq_arena_clear(&place.arena);
}
