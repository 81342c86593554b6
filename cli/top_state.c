/*
 * top_state.c - which list has the focus, and which of its rows is selected.
 */
#include <stdio.h>
#include <string.h>

#include "top.h"

const struct top_view *top_now(const struct top *top)
{
    return &top->views[top->now];
}

size_t top_count(const struct top *top, enum top_list list)
{
    const struct top_view *view = top_now(top);
    const size_t counts[TOP_LISTS] = {
        [TOP_QUEUES] = view->n_queues,
        [TOP_WORKERS] = view->n_workers,
        [TOP_RUNNING] = view->running.count,
        [TOP_FAILED] = top->failed.count,
    };

    return counts[list];
}

const char *top_name(const struct top *top, enum top_list list, size_t row)
{
    const struct top_view *view = top_now(top);

    switch (list) {
    case TOP_QUEUES:
        return view->queues[row].queue;
    case TOP_WORKERS:
        return view->workers[row].name;
    case TOP_RUNNING:
        return view->running.jobs[row].id;
    case TOP_FAILED:
        return top->failed.jobs[row].id;
    case TOP_LISTS:
        break;
    }
    return "";
}

const char *top_selected(const struct top *top)
{
    return top_count(top, top->focus) > 0 ? top_name(top, top->focus, top->cursors[top->focus].at)
                                          : NULL;
}

static void remember(struct top *top, enum top_list list)
{
    struct top_cursor *cursor = &top->cursors[list];
    const char *name = top_count(top, list) > 0 ? top_name(top, list, cursor->at) : "";

    (void)snprintf(cursor->name, sizeof(cursor->name), "%s", name);
}

static void settle(struct top *top, enum top_list list)
{
    struct top_cursor *cursor = &top->cursors[list];
    size_t count = top_count(top, list);

    for (size_t row = 0; row < count; row++) {
        if (strcmp(top_name(top, list, row), cursor->name) == 0) {
            cursor->at = row;
        }
    }
    if (cursor->at >= count) {
        cursor->at = count > 0 ? count - 1 : 0;
    }
    remember(top, list);
}

void top_settle(struct top *top)
{
    for (int list = 0; list < TOP_LISTS; list++) {
        settle(top, (enum top_list)list);
    }
}

void top_move(struct top *top, long rows)
{
    struct top_cursor *cursor = &top->cursors[top->focus];
    long count = (long)top_count(top, top->focus);
    long at = (long)cursor->at + rows;

    at = at >= count ? count - 1 : at;
    cursor->at = at > 0 ? (size_t)at : 0;
    remember(top, top->focus);
}
