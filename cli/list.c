/*
 * list.c - barq list: jobs, a page at a time.
 */
#include <stdio.h>
#include <string.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "cli.h"

enum { PAGE_JOBS = 100, DEFAULT_LIMIT = 100, COLUMNS = 7 };

struct request {
    struct cli_args args;
    struct barq_list_filter filter;
    int64_t limit; /* jobs still to be printed */
    bool all;
    bool titled; /* the line of titles has been printed */
};

static bool read_status(const char *name, int *out)
{
    if (strcmp(name, "waiting") == 0 || strcmp(name, "finished") == 0) {
        *out = name[0] == 'w' ? BARQ_LIST_WAITING : BARQ_LIST_FINISHED;
        return true;
    }
    for (int i = BARQ_JOB_DEFERRED; i <= BARQ_JOB_FAILED; i++) {
        if (strcmp(barq_job_status_name((enum barq_job_status)i), name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static int print_table(struct barq_arena *arena, struct request *request,
                       const struct barq_job_info *jobs, size_t count)
{
    static const char *const titles[COLUMNS] = {"ID",       "STATUS",   "TRY",  "QUEUE",
                                                "FUNCTION", "ENQUEUED", "ERROR"};
    const char **cells = bq_arena_array(arena, count * COLUMNS, sizeof(*cells));
    if (!cells) {
        cli_complain("out of memory");
        return CLI_BROKEN;
    }

    for (size_t i = 0; i < count; i++) {
        const char **row = cells + i * COLUMNS;
        const char *job_try = bq_arena_format(arena, "%d", jobs[i].job_try);
        row[0] = cli_clean(arena, jobs[i].id);
        row[1] = barq_job_status_name(jobs[i].status);
        row[2] = job_try ? job_try : "";
        row[3] = cli_clean(arena, jobs[i].queue);
        row[4] = cli_clean(arena, jobs[i].function);
        row[5] = cli_time(arena, jobs[i].enqueued_at_ms);
        row[6] = jobs[i].error ? cli_clean(arena, jobs[i].error) : "";
    }
    cli_table(request->titled ? NULL : titles, cells, count, COLUMNS);
    request->titled = true;
    return CLI_OK;
}

static int print_page(struct barq_arena *arena, struct request *request,
                      const struct barq_job_info *jobs, size_t count)
{
    if (!request->args.json) {
        return count > 0 ? print_table(arena, request, jobs, count) : CLI_OK;
    }
    for (size_t i = 0; i < count; i++) {
        int code = cli_print_job(arena, &jobs[i]);
        if (code != CLI_OK) {
            return code;
        }
    }
    return CLI_OK;
}

/* A page, smaller where jobs are so large that not even a few fit in memory. */
static enum barq_status read_page(struct barq_client *client, const struct request *request,
                                  const char *cursor, struct barq_arena *arena,
                                  struct barq_job_info **jobs, size_t *count, const char **next,
                                  struct barq_error *err)
{
    size_t size = PAGE_JOBS;
    if (!request->all && request->limit < PAGE_JOBS) {
        size = (size_t)request->limit;
    }

    for (;;) {
        bq_arena_reset(arena);
        enum barq_status status =
            barq_list_jobs(client, &request->filter, cursor, size, arena, jobs, count, next, err);
        if (status != BARQ_ERR_NOMEM || size == 1) {
            return status;
        }
        size /= 2;
    }
}

/* Prints from `*cursor` on and moves it; NULL after the last job. */
static int list_page(struct barq_client *client, struct request *request, struct barq_arena *pages,
                     struct barq_arena *cursors, const char **cursor)
{
    struct barq_job_info *jobs = NULL;
    size_t count = 0;
    const char *next = NULL;
    struct barq_error err;
    enum barq_status status =
        read_page(client, request, *cursor, pages, &jobs, &count, &next, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    int code = print_page(pages, request, jobs, count);
    if (code != CLI_OK) {
        return code;
    }
    request->limit -= (int64_t)count;
    bq_arena_reset(cursors);
    *cursor = next ? bq_arena_strdup(cursors, next) : NULL;
    return CLI_OK;
}

static int list(struct barq_client *client, struct request *request)
{
    bq_auto(arena) struct barq_arena pages;
    bq_arena_init(&pages, CLI_ARENA_BYTES);
    bq_auto(arena) struct barq_arena cursors;
    bq_arena_init(&cursors, CLI_ARENA_BYTES);

    const char *cursor = "";
    while (cursor && (request->all || request->limit > 0)) {
        int code = list_page(client, request, &pages, &cursors, &cursor);
        if (code != CLI_OK) {
            return code;
        }
    }
    if (cursor && !request->args.json) {
        cli_complain("list: there are more; --limit or --all shows them");
    }
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    struct request request = {.filter = {.status = BARQ_OFF}, .limit = DEFAULT_LIMIT};
    const char *status = NULL;
    const struct cli_option options[] = {
        {"queue", CLI_TEXT, &request.filter.queue},
        {"status", CLI_TEXT, &status},
        {"limit", CLI_COUNT, &request.limit},
        {"all", CLI_FLAG, &request.all},
        {.name = NULL},
    };
    int code = CLI_OK;
    if (!cli_read(&cli_list, argc, argv, options, 0, 0, &request.args, &code)) {
        return code;
    }
    if (status && !read_status(status, &request.filter.status)) {
        return cli_misused(&cli_list, "no job's status is '%.40s'", status);
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&request.args, NULL, &client);
    return client ? list(client, &request) : code;
}

const struct cli_command cli_list = {
    .name = "list",
    .words = "[options]",
    .summary = "print jobs",
    .help = "Prints jobs, one a line.\n"
            "\n"
            "  --queue NAME         only of this queue\n"
            "  --status STATUS      only deferred, queued, in_progress, complete or failed ones;\n"
            "                       or \"waiting\" (the first two), \"finished\" (the last two)\n"
            "  --limit N            at most so many; 100 unless said\n"
            "  --all                all there are\n"
            "\n"
            "examples:\n"
            "  barq list --status failed\n"
            "  barq list --all --json | jq -r 'select(.try > 1) | .id'\n",
    .run = run,
};
