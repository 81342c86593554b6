#include <string.h>

#include "base/time.h"
#include "client/client.h"

/* NULL is no note, as is "". */
static bool same_note(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool has_changed(const struct barq_job_info *seen, const struct bq_found *found)
{
    return seen->status != found->status || seen->done != found->done ||
           seen->total != found->total || seen->progress_at_ms != found->progress_at_ms ||
           !same_note(seen->note, found->note);
}

/* One look, of which nothing is kept. */
static enum barq_status look(struct barq_client *client, const struct barq_job_info *seen,
                             bool *changed, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_arena_init(&scratch, BQ_CLIENT_FOUND_BYTES);
    struct bq_found found;
    enum barq_status status = bq_client_find(client, seen->id, &scratch, &found, err);
    if (status == BARQ_OK) {
        *changed = has_changed(seen, &found);
    }
    return status;
}

enum barq_status barq_wait_change(struct barq_client *client, const struct barq_job_info *seen,
                                  int64_t timeout_ms, struct barq_arena *arena,
                                  struct barq_job_info *out, struct barq_error *err)
{
    int64_t begun_ms = bq_mono_ms();
    bool changed = false;

    for (;;) {
        enum barq_status status = look(client, seen, &changed, err);
        if (status != BARQ_OK) {
            return status;
        }
        if (changed) {
            return barq_info(client, seen->id, arena, out, err);
        }
        if (!bq_client_wait(client, begun_ms, timeout_ms)) {
            return bq_fail(err, BARQ_ERR_TIMEOUT, "client: nothing has changed (%s): job %s",
                           barq_job_status_name(seen->status), seen->id);
        }
    }
}
