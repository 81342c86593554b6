/*
 * client.c - the client's side of the measurements.
 *
 *     client many QUEUE-URL COUNT [random|row]
 *                                            enqueues, 100 at a time, with random ids or jobs that
 *                                            write a row: prints the seconds
 *     client one QUEUE-URL COUNT             enqueues, one at a time: prints the seconds
 *     client pickup QUEUE-URL COUNT [FILE]   prints COUNT times microseconds: from before an enqueue
 *                                            to the handler; from its return, when the job is in the
 *                                            queue; and, with FILE, what a sync of it costs
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <barq/client.h>

enum {
    BATCH = 100,
    ID_BYTES = 37,
    RESULT_LIMIT_MS = 10000,
    RESULT_MAX_BYTES = 64 * 1024,
    PAUSE_MIN_US = 5000,
    PAUSE_SPREAD_US = 10000,
    SYNC_BYTES = 16 * 1024, /* about what a claim writes */
};

static void stop(const char *what, const struct barq_error *err)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, err->text);
    exit(EXIT_FAILURE);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void print_seconds(int64_t begun_ns)
{
    (void)printf("%.6f\n", (double)(clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1e9);
}

/* As long as a UUID. */
static void random_id(char out[ID_BYTES])
{
    unsigned char bytes[(ID_BYTES - 1) / 2];

    (void)!getrandom(bytes, sizeof(bytes), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

static void enqueue_many(struct barq_client *client, long count, const char *kind)
{
    bool random = strcmp(kind, "random") == 0;
    const char *function = strcmp(kind, "row") == 0 ? "row" : "noop";
    static struct barq_new_job jobs[BATCH];
    static char ids[BATCH][ID_BYTES];
    struct barq_error err;

    for (long done = 0; done < count; done += BATCH) {
        size_t n = count - done < BATCH ? (size_t)(count - done) : BATCH;
        for (size_t i = 0; i < n; i++) {
            jobs[i] = (struct barq_new_job){.function = function};
            if (random) {
                random_id(ids[i]);
                jobs[i].options.id = ids[i];
            }
        }
        if (barq_enqueue_many(client, jobs, n, &err) != BARQ_OK) {
            stop("enqueue", &err);
        }
    }
}

static void enqueue_one(struct barq_client *client, const char *function, char *id)
{
    struct barq_error err;

    if (barq_enqueue(client, function, NULL, NULL, NULL, id, &err) != BARQ_OK) {
        stop("enqueue", &err);
    }
}

/* Neither in step with anything, nor before the worker is idle again. */
static void pause_a_little(void)
{
    struct timespec pause = {.tv_nsec = (PAUSE_MIN_US + random() % PAUSE_SPREAD_US) * 1000};

    nanosleep(&pause, NULL);
}

struct wait {
    int64_t whole_ns;  /* from before the enqueue to the handler */
    int64_t queued_ns; /* from its return */
};

static struct wait pick_up(struct barq_client *client)
{
    char id[BARQ_JOB_ID_MAX_BYTES + 1];
    const struct barq_value *result = NULL;
    struct barq_error err;

    pause_a_little();
    int64_t begun_ns = clock_ns(CLOCK_REALTIME);
    enqueue_one(client, "now", id);
    int64_t queued_ns = clock_ns(CLOCK_REALTIME);
    struct barq_arena *arena = barq_arena_new(RESULT_MAX_BYTES);
    if (!arena || barq_result(client, id, RESULT_LIMIT_MS, arena, &result, &err) != BARQ_OK) {
        stop("result", &err);
    }
    int64_t handler_ns = barq_as_int(result, 0);
    barq_arena_free(arena);
    return (struct wait){.whole_ns = handler_ns - begun_ns, .queued_ns = handler_ns - queued_ns};
}

/* A pick-up has two of these in it, as short as this one at best: what was written before is written again. */
static int64_t sync_file(int fd)
{
    static char bytes[SYNC_BYTES];
    static char mark;

    pause_a_little();
    memset(bytes, ++mark, sizeof(bytes));
    int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
    if (pwrite(fd, bytes, sizeof(bytes), 0) != SYNC_BYTES || fdatasync(fd) != 0) {
        perror("bench: sync a file");
        exit(EXIT_FAILURE);
    }
    return clock_ns(CLOCK_MONOTONIC) - begun_ns;
}

static void print_pick_up(struct barq_client *client)
{
    struct wait wait = pick_up(client);

    (void)printf("%.1f %.1f", (double)wait.whole_ns / 1e3, (double)wait.queued_ns / 1e3);
}

static void pick_ups(struct barq_client *client, long count)
{
    for (long i = 0; i < count; i++) {
        print_pick_up(client);
        (void)putchar('\n');
    }
}

/* In turn, so that both meet the same machine. */
static void pick_ups_and_syncs(struct barq_client *client, long count, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    for (long i = 0; i < count; i++) {
        int64_t synced_ns = sync_file(fd);
        print_pick_up(client);
        (void)printf(" %.1f\n", (double)synced_ns / 1e3);
    }
    close(fd);
}

static void enqueue_ones(struct barq_client *client, long count)
{
    for (long i = 0; i < count; i++) {
        enqueue_one(client, "noop", NULL);
    }
}

/* False: there is no such measurement. */
static bool measure(struct barq_client *client, int argc, char **argv)
{
    int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
    long count = strtol(argv[3], NULL, 10);

    if (strcmp(argv[1], "many") == 0) {
        enqueue_many(client, count, argc > 4 ? argv[4] : "");
        print_seconds(begun_ns);
    } else if (strcmp(argv[1], "one") == 0) {
        enqueue_ones(client, count);
        print_seconds(begun_ns);
    } else if (strcmp(argv[1], "pickup") == 0 && argc > 4) {
        pick_ups_and_syncs(client, count, argv[4]);
    } else if (strcmp(argv[1], "pickup") == 0) {
        pick_ups(client, count);
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct barq_client *client = NULL;
    struct barq_error err;

    if (argc < 4) {
        (void)fprintf(stderr, "usage: client many|one|pickup QUEUE-URL COUNT ...\n");
        return 2;
    }
    if (barq_client_open(argv[2], NULL, &client, &err) != BARQ_OK) {
        stop("open", &err);
    }
    bool known = measure(client, argc, argv);
    barq_client_close(client);
    return known ? EXIT_SUCCESS : 2;
}
