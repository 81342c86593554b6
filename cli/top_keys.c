/*
 * top_keys.c - what the keys of barq top do.
 */
#include <curses.h>
#include <stdio.h>

#include "top.h"

enum { PAGE_ROWS = 10 };

static void say(struct top *top, const char *what, const char *name)
{
    (void)snprintf(top->said, sizeof(top->said), "%s %s", what, name);
}

/* Tells how a deed went, and looks at once at what has become of it. */
static void told(struct top *top, enum barq_status status, const struct barq_error *err,
                 const char *done, const char *name)
{
    if (status == BARQ_OK) {
        say(top, done, name);
        top->failed_count = BARQ_OFF;
        top_refresh(top);
    } else {
        say(top, err->text, "");
    }
}

/* The selected name, copied since a look replaces it; false, with a word why: there is none. */
static bool take_selected(struct top *top, enum top_list list, const char *otherwise, char *out)
{
    const char *name = top_selected(top);

    if (top->focus != list || !name) {
        say(top, otherwise, "");
        return false;
    }
    if (!top->client) {
        say(top, "the queue is away", "");
        return false;
    }
    (void)snprintf(out, BARQ_JOB_ID_MAX_BYTES + 1, "%s", name);
    return true;
}

static void pause_or_resume(struct top *top)
{
    char name[BARQ_JOB_ID_MAX_BYTES + 1];
    struct barq_error err;

    if (!take_selected(top, TOP_QUEUES, "p is for a queue: select one (Tab)", name)) {
        return;
    }
    bool paused = top_now(top)->queues[top->cursors[TOP_QUEUES].at].paused;
    enum barq_status status =
        paused ? barq_resume(top->client, name, &err) : barq_pause(top->client, name, &err);
    told(top, status, &err, paused ? "resumed" : "paused", name);
}

static void ask_to_abort(struct top *top)
{
    top->asking =
        take_selected(top, TOP_RUNNING, "a is for a running job: select one (Tab)", top->asked);
}

static void answer(struct top *top, int key)
{
    struct barq_error err;

    top->asking = false;
    if (key == 'y' && top->client) {
        enum barq_status status = barq_abort(top->client, top->asked, &err);
        told(top, status, &err, "told to stop:", top->asked);
    }
}

static void retry(struct top *top)
{
    char id[BARQ_JOB_ID_MAX_BYTES + 1];
    struct barq_error err;

    if (take_selected(top, TOP_FAILED, "r is for a failed job: select one (Tab)", id)) {
        enum barq_status status = barq_retry_dead(top->client, id, &err);
        told(top, status, &err, "back in its queue:", id);
    }
}

static void turn_focus(struct top *top, int steps)
{
    top->focus = (enum top_list)(((int)top->focus + steps + TOP_LISTS) % TOP_LISTS);
}

static void press(struct top *top, int key)
{
    switch (key) {
    case '\t':
        turn_focus(top, 1);
        break;
    case KEY_BTAB:
        turn_focus(top, -1);
        break;
    case 'j':
    case KEY_DOWN:
        top_move(top, 1);
        break;
    case 'k':
    case KEY_UP:
        top_move(top, -1);
        break;
    case KEY_NPAGE:
        top_move(top, PAGE_ROWS);
        break;
    case KEY_PPAGE:
        top_move(top, -PAGE_ROWS);
        break;
    case 'p':
        pause_or_resume(top);
        break;
    case 'a':
        ask_to_abort(top);
        break;
    case 'r':
        retry(top);
        break;
    case '?':
        top->help = true;
        break;
    default:
        break;
    }
}

bool top_press(struct top *top, int key)
{
    top->said[0] = '\0';
    if (top->asking) {
        answer(top, key);
    } else if (top->help) {
        top->help = false;
    } else if (key == 'q') {
        return false;
    } else {
        press(top, key);
    }
    return true;
}
