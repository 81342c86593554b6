#include <string.h>

#include <barq/admin.h>

#include "testing/inside.h"

static bool waits(const struct barq_job_info *job, const char *function)
{
    bool waiting = job->status == BARQ_JOB_QUEUED || job->status == BARQ_JOB_DEFERRED;

    return waiting && (!function || strcmp(job->function, function) == 0);
}

/* A growing list in the test's arena. */
struct found {
    struct barq_job_info *jobs;
    size_t count;
    size_t room;
};

static bool add(struct barq_test *test, struct found *found, const struct barq_job_info *job)
{
    if (found->count == found->room) {
        size_t room = 2 * found->room + 8;
        struct barq_job_info *jobs = bq_arena_array(&test->arena, room, sizeof(*jobs));
        if (!jobs) {
            return false;
        }
        for (size_t i = 0; i < found->count; i++) {
            jobs[i] = found->jobs[i];
        }
        found->jobs = jobs;
        found->room = room;
    }
    found->jobs[found->count++] = *job;
    return true;
}

static enum barq_status add_page(struct barq_test *test, const char *function, const char **cursor,
                                 struct found *found, struct barq_error *err)
{
    static const struct barq_list_filter all = {.status = BARQ_OFF};
    struct barq_job_info *page;
    size_t count;

    enum barq_status status = barq_list_jobs(test->client, &all, *cursor, BARQ_LIST_MAX,
                                             &test->arena, &page, &count, cursor, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (waits(&page[i], function) && !add(test, found, &page[i])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "testing: the test's arena is full");
        }
    }
    return status;
}

enum barq_status barq_test_enqueued(struct barq_test *test, const char *function,
                                    const struct barq_job_info **out, size_t *count,
                                    struct barq_error *err)
{
    struct found found = {.jobs = NULL};
    const char *cursor = "";

    enum barq_status status = bq_test_sweep(test, err);
    while (status == BARQ_OK && cursor) {
        status = add_page(test, function, &cursor, &found, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = found.jobs;
    *count = found.count;
    return BARQ_OK;
}

int barq_test_count(struct barq_test *test, const char *function)
{
    const struct barq_job_info *jobs;
    size_t count;

    return barq_test_enqueued(test, function, &jobs, &count, NULL) == BARQ_OK ? (int)count : -1;
}
