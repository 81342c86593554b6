#include "commands/follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"

/* The parent's number. Grandchildren inherit it, but their parent is another. */
#define PARENT_PID "BOOKMARKS_PARENT_PID"

void bm_follow_variable(char out[BM_FOLLOW_BYTES])
{
    snprintf(out, BM_FOLLOW_BYTES, PARENT_PID "=%d", (int)getpid());
}

void bm_follow_parent(void)
{
    const char *text = getenv(PARENT_PID);
    int64_t parent = 0;

    if (!text || !bq_parse_int(text, &parent) || getppid() != parent) {
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) { /* it died just before */
        exit(0);
    }
}
