/*
 * child.h - a child process, spawned and exec'd, the leader of its own group.
 *
 * It gets descriptor 3 (a socket to its parent), what it is told for 0, 1 and
 * 2, and nothing else: all our descriptors are close-on-exec. Its signal mask
 * is empty and its handlers are the default.
 */
#ifndef BQ_OS_CHILD_H
#define BQ_OS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { BQ_CHILD_SOCKET = 3 };

struct bq_child_options {
    const char *path;  /* of the executable, e.g. "/proc/self/exe" resolved */
    char *const *argv; /* NULL-terminated */
    const char *const
        *extra_env; /* "NAME=value" added to our environment or replacing it; NULL-terminated */
    int socket_fd;  /* becomes descriptor 3; -1: none */
    int out_fd;     /* becomes 1 and 2; -1: ours are inherited */
    int err_fd;     /* becomes 2 in place of that; 0: none (so that it may be left out) */
};

struct bq_child {
    pid_t pid; /* 0: none */
    int pidfd; /* owned; readable when it has ended; -1: none */
};

struct bq_child_end {
    bool signaled;
    int code; /* exit status, or signal number */
};

enum barq_status bq_child_spawn(const struct bq_child_options *options, struct bq_child *out,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* Sends `signal` to the child's whole group, and to the child should it have left the group. Nothing when it is gone. */
void bq_child_kill(const struct bq_child *child, int signal);
/* True when the child has ended: it is reaped, its group is killed (SIGKILL), its pidfd closed. Never waits. */
bool bq_child_reap(struct bq_child *child, struct bq_child_end *end);
/* "killed by SIGSEGV", "exited with 3" into `out` */
enum { BQ_CHILD_END_BYTES = 48 };
void bq_child_end_text(const struct bq_child_end *end, char *out);

/* A connected pair of stream sockets, both close-on-exec; [0] non-blocking. */
enum barq_status bq_socket_pair(int out[2], struct barq_error *err) BARQ_MUST_CHECK;
/* The same of packets: each is sent whole or not at all, and read as one. */
enum barq_status bq_packet_pair(int out[2], struct barq_error *err) BARQ_MUST_CHECK;

#endif
