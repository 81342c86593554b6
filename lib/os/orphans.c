#include "os/orphans.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool bq_orphans_fall_to_us(void)
{
    int subreaper = 0;

    (void)prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    return getpid() == 1 || subreaper != 0;
}

void bq_orphans_reap(bq_orphans_ours *ours, const void *context)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};

        /* Looked at first: what is ours must keep its status, and its pid, for its pidfd. */
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 ||
            ours(context, info.si_pid)) {
            return;
        }
        (void)waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
    }
}
