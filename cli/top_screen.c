/*
 * top_screen.c - barq top's screen: a line of totals, four lists, what is selected, the keys.
 */
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "top.h"

enum { MIN_ROWS = 6, MIN_WIDTH = 20, FRAME_BYTES = 4 * 1024 * 1024 };

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

/* -- lists -- */

/* How many of the columns fit, and what is left for the one of width 0. */
static int fit(const struct top_column *columns, int width, int *rest)
{
    int count = 0;

    while (count < TOP_MAX_COLUMNS && columns[count].title) {
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
        if (count == 1 || *rest >= (open ? TOP_LEAST_WIDTH : 0)) {
            return count;
        }
    }
}

static void draw_row(int row, const struct top_column *columns, const char *const *cells)
{
    int rest = 0;
    int count = fit(columns, COLS, &rest);
    int at = 0;

    mvhline(row, 0, ' ', COLS);
    for (int i = 0; i < count; i++) {
        int width = columns[i].width > 0 ? columns[i].width : rest;
        int len = (int)strlen(cells[i]); /* only numbers are put to the right */
        put(row, columns[i].right && len < width ? at + width - len : at, width, cells[i]);
        at += width + 1;
    }
}

static void blank(const char **cells)
{
    for (int i = 0; i < TOP_MAX_COLUMNS; i++) {
        cells[i] = "";
    }
}

static void draw_titles(const struct top_frame *frame, int row, enum top_list list)
{
    const struct top_column *columns = top_lists[list].columns;
    const char *titles[TOP_MAX_COLUMNS];

    blank(titles);
    for (int i = 0; i < TOP_MAX_COLUMNS && columns[i].title; i++) {
        titles[i] = columns[i].title;
    }
    attrset(list == frame->top->focus ? A_REVERSE | A_BOLD : A_REVERSE | A_DIM);
    draw_row(row, columns, titles);
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

static void draw_list(struct top_frame *frame, struct top *top, enum top_list list, int row,
                      int height)
{
    size_t count = top_count(top, list);
    size_t room = (size_t)(height - 1);
    size_t first = scroll_to(&top->cursors[list], count, room);

    draw_titles(frame, row, list);
    for (size_t i = first; i < count && i < first + room; i++) {
        const char *cells[TOP_MAX_COLUMNS];
        blank(cells);
        top_lists[list].cells(frame, i, cells);
        attrset(list == top->focus && i == top->cursors[list].at ? A_BOLD | A_UNDERLINE : A_NORMAL);
        draw_row(++row, top_lists[list].columns, cells);
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

static void draw_lists(struct top_frame *frame, struct top *top, int row, int height)
{
    int heights[TOP_LISTS];

    share_out(top, height, heights);
    for (int list = 0; list < TOP_LISTS; list++) {
        if (heights[list] > 0) {
            draw_list(frame, top, (enum top_list)list, row, heights[list]);
            row += heights[list];
        }
    }
}

/* -- around them -- */

static void draw_totals(struct top_frame *frame)
{
    const struct top_view *view = top_now(frame->top);
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
    put(0, 0, COLS,
        top_text(frame, "barq top  workers %zu  threads %lld  running %lld  failed %lld  %s jobs/s",
                 view->n_workers, (long long)threads, (long long)running, (long long)view->failed,
                 top_rate(frame, rate)));
    attrset(A_NORMAL);
}

static void draw_away(struct top_frame *frame)
{
    const struct top *top = frame->top;

    if (top->away[0] != '\0') {
        attrset(A_REVERSE | A_BOLD);
        put(1, 0, COLS,
            top_text(frame, "the queue is away since %s: %s", top_age(frame, top->away_since_ms),
                     top_clean(frame, top->away)));
        attrset(A_NORMAL);
    }
}

static void draw_bottom(struct top_frame *frame)
{
    const struct top *top = frame->top;
    const char *selected = top_selected(top);
    const char *last = "q quit  ? help  Tab list  jk row  p pause  a abort  r retry";

    if (top->asking) {
        last = top_text(frame, "abort %s? (y/n)", top_clean(frame, top->asked));
    } else if (top->said[0] != '\0') {
        last = top_clean(frame, top->said);
    }
    put(LINES - 2, 0, COLS, top_text(frame, "> %s", top_clean(frame, selected)));
    attrset(A_BOLD);
    put(LINES - 1, 0, COLS, last);
    attrset(A_NORMAL);
}

static void draw_help(void)
{
    static const char *const lines[] = {
        "Tab, Shift-Tab  the next list, the one before",
        "j k, arrows     the next row, the one before; page keys: ten",
        "p               pause the selected queue, or let it go on",
        "a               abort the selected job, when you say y",
        "r               put the selected failed job back into its queue",
        "q               quit",
        "",
        "JOBS/S is what a worker has said of itself, as often as it does;",
        "DONE/S is counted from results and failures that are kept.",
        "",
        "Any key goes back.",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        put((int)i + 1, 0, COLS, lines[i]);
    }
}

static void draw_all(struct top_frame *frame, struct top *top)
{
    if (LINES < MIN_ROWS || COLS < MIN_WIDTH) {
        put(0, 0, COLS, "too small");
    } else if (top->help) {
        draw_help();
    } else {
        draw_totals(frame);
        draw_away(frame);
        draw_lists(frame, top, 2, LINES - 4);
        draw_bottom(frame);
    }
}

void top_draw(struct top *top, int64_t now_ms)
{
    struct top_frame frame = {.top = top, .now_ms = now_ms};

    bq_arena_init(&frame.arena, FRAME_BYTES);
    erase();
    draw_all(&frame, top);
    refresh();
    bq_arena_clear(&frame.arena);
}
