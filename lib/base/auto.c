#include "base/auto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void bq_fd_drop(int *fd)
{
    int saved = errno;

    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    errno = saved;
}

int bq_fd_take(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

void bq_memory_drop(void *pointer)
{
    void *memory;

    /* Copied, not cast: the variable may be a pointer to anything. */
    memcpy(&memory, pointer, sizeof(memory));
    free(memory);
}
