#include "web/find.h"

#include <string.h>

#include "base/error.h"
#include "base/time.h"

enum {
    PAGE_BYTES = 64 * 1024 * 1024,
    LARGEST_JOB_BYTES = 256 * 1024 * 1024, /* for one that does not even fit alone */
    FIRST_PAGE = 16,
};

const char *const bw_statuses[] = {"deferred", "queued",  "in_progress", "complete",
                                   "failed",   "waiting", "finished",    NULL};

int bw_status_of(int word)
{
    static const int statuses[] = {
        BARQ_JOB_DEFERRED, BARQ_JOB_QUEUED,   BARQ_JOB_IN_PROGRESS, BARQ_JOB_COMPLETE,
        BARQ_JOB_FAILED,   BARQ_LIST_WAITING, BARQ_LIST_FINISHED,
    };

    return word < 0 ? BARQ_OFF : statuses[word];
}

static bool has(const char *text, const char *part)
{
    return text && strcasestr(text, part);
}

bool bw_fits(const struct bw_filter *filter, const struct barq_job_info *job)
{
    if (filter->function && (!job->function || strcmp(job->function, filter->function) != 0)) {
        return false;
    }
    return !filter->search || has(job->id, filter->search) || has(job->function, filter->search) ||
           has(job->error, filter->search);
}

void bw_find_init(struct bw_find *find, const struct bw_filter *filter, const char *cursor)
{
    *find = (struct bw_find){.filter = filter,
                             .cursor = cursor,
                             .page_jobs = FIRST_PAGE,
                             .until_ms = bq_mono_ms() + BW_SCAN_MS};
    bq_arena_init(&find->page, PAGE_BYTES);
}

void bw_find_clear(struct bw_find *find)
{
    bq_arena_clear(&find->page);
}

bool bw_find_goes_on(const struct bw_find *find)
{
    return !find->is_over && find->scanned < BW_SCAN_MAX &&
           (find->scanned == 0 || bq_mono_ms() < find->until_ms);
}

static enum barq_status read_page(struct bw_find *find, struct barq_client *client, size_t size,
                                  const char **next, struct barq_error *err)
{
    bq_arena_reset(&find->page);
    find->page.limit_bytes = size == 1 ? LARGEST_JOB_BYTES : PAGE_BYTES;
    find->count = 0;
    return barq_list_jobs(client, &find->filter->list, find->cursor, size, &find->page, &find->jobs,
                          &find->count, next, err);
}

enum barq_status bw_find_page(struct bw_find *find, struct bw_call *call, size_t most,
                              struct barq_error *err)
{
    size_t size = most < find->page_jobs ? most : find->page_jobs;
    const char *next = NULL;

    enum barq_status status = read_page(find, call->client, size, &next, err);
    while (status == BARQ_ERR_NOMEM && size > 1) {
        size /= 2;
        find->page_jobs = size;
        status = read_page(find, call->client, size, &next, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (find->page.used_bytes < PAGE_BYTES / 8 && find->page_jobs < BARQ_LIST_MAX / 2) {
        find->page_jobs *= 2;
    }
    find->is_over = !next;
    find->cursor = next ? bq_arena_strdup(call->arena, next) : NULL;
    if (next && !find->cursor) {
        return bq_fail(err, BARQ_ERR_NOMEM, "web: arena is full");
    }
    /* A page without jobs costs the broker as much as one with some. */
    find->scanned += find->count > 0 ? find->count : size;
    return BARQ_OK;
}
