/*
 * check.c - barq check: is there a worker, and what is weak in the set-up?
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "cli.h"

/* What the workers of one queue have told, together. */
struct health {
    const char *queue;
    int64_t workers;
    int64_t seen_at_ms; /* the latest */
    int64_t complete;
    int64_t failed;
    int64_t retried;
    int64_t running;
    int64_t queued;
    const char *const *weak;
    size_t n_weak;
};

/* Is it "fast" of "fast:3 slow:1", where `at` is found? */
static bool is_listed_at(const char *queues, const char *at, size_t len)
{
    const char *end = at + len;

    if ((at != queues && at[-1] != ' ') || *end != ':') {
        return false;
    }
    end++;
    size_t digits = strspn(end, "0123456789");
    return digits > 0 && (end[digits] == '\0' || end[digits] == ' ');
}

/* A worker of one queue tells its name; one of several tells them with their weights. */
static bool works_on(const char *queues, const char *queue)
{
    size_t len = strlen(queue);

    if (strcmp(queues, queue) == 0) {
        return true;
    }
    if (!strchr(queues, ' ')) {
        return false;
    }
    for (const char *at = strstr(queues, queue); at; at = strstr(at + 1, queue)) {
        if (is_listed_at(queues, at, len)) {
            return true;
        }
    }
    return false;
}

static enum barq_status ask_workers(struct barq_client *client, struct barq_arena *arena,
                                    struct health *health, struct barq_error *err)
{
    struct barq_worker_info *workers = NULL;
    size_t count = 0;

    enum barq_status status = barq_workers(client, arena, &workers, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (!works_on(workers[i].queues, health->queue)) {
            continue;
        }
        health->workers++;
        health->complete += workers[i].complete;
        health->failed += workers[i].failed;
        health->retried += workers[i].retried;
        health->running += workers[i].running;
        if (workers[i].seen_at_ms > health->seen_at_ms) {
            health->seen_at_ms = workers[i].seen_at_ms;
        }
    }
    return status;
}

static enum barq_status ask_queue(struct barq_client *client, struct barq_arena *arena,
                                  struct health *health, struct barq_error *err)
{
    struct barq_queue_stats *stats = NULL;
    size_t count = 0;

    enum barq_status status = barq_stats(client, arena, &stats, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(stats[i].queue, health->queue) == 0) {
            health->queued = stats[i].queued + stats[i].deferred;
        }
    }
    return status;
}

/* As arq tells it: "Nov-23 16:13:07", of the day and place of whoever asks. */
static const char *clock_text(int64_t at_ms, char text[32])
{
    time_t at = (time_t)(at_ms / 1000);
    struct tm parts;

    if (!localtime_r(&at, &parts) || strftime(text, 32, "%b-%d %H:%M:%S", &parts) == 0) {
        text[0] = '\0';
    }
    return text;
}

static void print_words(struct barq_arena *arena, const struct health *health)
{
    char text[32];

    if (health->workers > 0) {
        printf("Health check successful: %s j_complete=%lld j_failed=%lld j_retried=%lld"
               " j_ongoing=%lld queued=%lld workers=%lld\n",
               clock_text(health->seen_at_ms, text), (long long)health->complete,
               (long long)health->failed, (long long)health->retried, (long long)health->running,
               (long long)health->queued, (long long)health->workers);
    } else {
        printf("Health check failed: no worker works on the queue %s\n",
               cli_clean(arena, health->queue));
    }
    for (size_t i = 0; i < health->n_weak; i++) {
        printf("weak: %s\n", cli_clean(arena, health->weak[i]));
    }
}

static void print_object(struct barq_arena *arena, const struct health *health)
{
    struct barq_value *object = barq_map(arena);
    struct barq_value *weak = barq_list(arena);

    for (size_t i = 0; i < health->n_weak; i++) {
        barq_add(weak, barq_string(arena, cli_clean(arena, health->weak[i])));
    }
    barq_set_key(object, "queue", barq_string(arena, health->queue));
    barq_set_key(object, "workers", barq_int(arena, health->workers));
    barq_set_key(object, "seen_at_ms",
                 health->seen_at_ms ? barq_int(arena, health->seen_at_ms) : barq_null(arena));
    barq_set_key(object, "complete", barq_int(arena, health->complete));
    barq_set_key(object, "failed", barq_int(arena, health->failed));
    barq_set_key(object, "retried", barq_int(arena, health->retried));
    barq_set_key(object, "running", barq_int(arena, health->running));
    barq_set_key(object, "queued", barq_int(arena, health->queued));
    barq_set_key(object, "weak", weak);
    puts(cli_json(arena, object));
}

static int check(struct barq_client *client, const char *queue, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    struct health health = {.queue = queue};
    struct barq_error err;

    bq_arena_init(&arena, CLI_ARENA_BYTES);
    enum barq_status status = ask_workers(client, &arena, &health, &err);
    if (status == BARQ_OK) {
        status = ask_queue(client, &arena, &health, &err);
    }
    if (status == BARQ_OK) {
        status = barq_weaknesses(client, &arena, &health.weak, &health.n_weak, &err);
    }
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }
    if (json) {
        print_object(&arena, &health);
    } else {
        print_words(&arena, &health);
    }
    return health.workers > 0 ? CLI_OK : CLI_REFUSED;
}

static int run(int argc, char **argv)
{
    struct barq_client_options client_options = {.queue = NULL};
    const struct cli_option options[] = {{"queue", CLI_TEXT, &client_options.queue},
                                         {NULL, CLI_FLAG, NULL}};
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_check, argc, argv, options, 0, 0, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, &client_options, &client);
    return client ? check(client, barq_client_queue(client), args.json) : code;
}

const struct cli_command cli_check = {
    .name = "check",
    .words = "[options]",
    .summary = "see whether a worker is there, and what is weak",
    .help = "Prints what the workers of a queue have last told, and ends with 0; or with 1\n"
            "when none is there. Then what is weak in the queue's set-up, if anything is.\n"
            "\n"
            "  --queue NAME         the queue; else \"barq\", in Redis \"arq:queue\"\n"
            "\n"
            "example:\n"
            "  barq check --queue mail || page-somebody\n",
    .run = run,
};
