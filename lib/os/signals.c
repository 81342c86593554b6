#include "os/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

void bq_signals_ignore(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

enum barq_status bq_signals_open(int *fd, struct barq_error *err)
{
    sigset_t read;
    sigset_t blocked;

    sigemptyset(&read);
    sigaddset(&read, SIGINT);
    sigaddset(&read, SIGTERM);
    sigaddset(&read, SIGHUP);
    blocked = read;
    sigaddset(&blocked, SIGCHLD);

    int opened = signalfd(-1, &read, SFD_NONBLOCK | SFD_CLOEXEC);
    if (opened < 0) {
        return bq_fail_errno(err, "signals: no signalfd");
    }
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    bq_signals_ignore();
    /* Were it ignored, as whoever started us may have left it, the kernel would reap our children. */
    signal(SIGCHLD, SIG_DFL);
    *fd = opened;
    return BARQ_OK;
}

static void do_nothing(int number)
{
    (void)number;
}

void bq_signals_leave_to_parent(void)
{
    struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int bq_signals_next(int fd)
{
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}
