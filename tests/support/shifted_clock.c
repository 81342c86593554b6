/*
 * shifted_clock.c - loaded into a server with LD_PRELOAD, it makes the wall
 * clock differ from the machine's by what a test says.
 *
 * The file that SHIFTED_CLOCK names holds one int64_t, milliseconds, which is
 * mapped and added to each look at the clock: who has mapped the file, too,
 * moves the clock by writing there. Clocks that are never set stay as they are.
 *
 * A memory allocator asks the clock before anything is initialised. So nothing
 * here allocates or looks symbols up; until the environment can be read, the
 * clock is the machine's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { NS_PER_MS = 1000 * 1000, MS_PER_S = 1000, NS_PER_S = 1000 * 1000 * 1000 };

static _Atomic(const _Atomic int64_t *) shared; /* NULL: not mapped yet */

static const _Atomic int64_t *map_shift(void)
{
    const char *path = getenv("SHIFTED_CLOCK");
    if (!path) {
        return NULL;
    }

    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return NULL;
    }
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, (int)fd, 0);
    (void)syscall(SYS_close, fd);
    if (mapped == MAP_FAILED) {
        return NULL;
    }
    atomic_store(&shared, mapped);
    return mapped;
}

static int64_t shift_ms(void)
{
    int kept = errno; /* time() leaves it alone */
    const _Atomic int64_t *shift = atomic_load(&shared);
    if (!shift) {
        shift = map_shift();
    }

    errno = kept;
    return shift ? atomic_load(shift) : 0;
}

static void add_ms(struct timespec *at, int64_t ms)
{
    int64_t ns = at->tv_nsec + ms % MS_PER_S * NS_PER_MS;

    at->tv_sec += ms / MS_PER_S;
    if (ns < 0) {
        at->tv_sec--;
        ns += NS_PER_S;
    } else if (ns >= NS_PER_S) {
        at->tv_sec++;
        ns -= NS_PER_S;
    }
    at->tv_nsec = ns;
}

/* Names of parameters are glibc's, but for the underscores. */

EXPORT int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    long failed = syscall(SYS_clock_gettime, clock_id, tp);

    if (failed == 0 && (clock_id == CLOCK_REALTIME || clock_id == CLOCK_REALTIME_COARSE)) {
        add_ms(tp, shift_ms());
    }
    return (int)failed;
}

EXPORT int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    struct timespec now = {0};
    (void)tz;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    tv->tv_sec = now.tv_sec;
    tv->tv_usec = now.tv_nsec / 1000;
    return 0;
}

EXPORT time_t time(time_t *timer)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (timer) {
        *timer = now.tv_sec;
    }
    return now.tv_sec;
}
