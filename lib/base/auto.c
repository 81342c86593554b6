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
    }
    errno = saved;
}

void bq_memory_drop(void *pointer)
{
    void *memory;

    /* Copied, not cast: the variable may be a pointer to anything. */
    memcpy(&memory, pointer, sizeof(memory));
    free(memory);
}
