#include "os/temporary.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For file systems that cannot make one without a name. */
static int make_and_unlink(const char *folder)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/barq-XXXXXX", folder) >= (int)sizeof(path)) {
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path);
    }
    return fd;
}

static int make_in(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    return fd >= 0 ? fd : make_and_unlink(folder);
}

enum barq_status bq_temporary_file(int *fd, struct barq_error *err)
{
    const char *own = getenv("TMPDIR");
    const char *const folders[] = {own && *own == '/' ? own : "/var/tmp", "/tmp"};
    int made = -1;

    for (size_t i = 0; made < 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
        made = make_in(folders[i]);
    }
    if (made < 0) {
        return bq_fail_errno(err, "cannot make a temporary file in %s", folders[0]);
    }
    *fd = made;
    return BARQ_OK;
}
