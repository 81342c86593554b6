#include "web/job_json.h"

#include "web/shown.h"
#include "web/text.h"

static struct barq_value *progress(struct barq_arena *arena, const struct barq_job_info *job)
{
    if (job->progress_at_ms == 0) {
        return barq_null(arena);
    }
    struct barq_value *value = barq_map(arena);
    barq_set_key(value, "done", barq_int(arena, job->done));
    barq_set_key(value, "total", barq_int(arena, job->total));
    barq_set_key(value, "note", bw_text(arena, job->note));
    barq_set_key(value, "at_ms", barq_int(arena, job->progress_at_ms));
    return value;
}

struct barq_value *bw_job_summary(struct barq_arena *arena, const struct barq_job_info *job)
{
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "id", bw_text(arena, job->id));
    barq_set_key(value, "queue", bw_text(arena, job->queue ? job->queue : ""));
    barq_set_key(value, "function", bw_text(arena, job->function ? job->function : "<unknown>"));
    barq_set_key(value, "status", barq_string(arena, barq_job_status_name(job->status)));
    barq_set_key(value, "try", barq_int(arena, job->job_try));
    barq_set_key(value, "priority", barq_int(arena, job->priority));
    barq_set_key(value, "key", bw_text(arena, job->key));
    barq_set_key(value, "waits_for", barq_int(arena, job->waits_for));
    barq_set_key(value, "enqueued_at_ms", barq_int(arena, job->enqueued_at_ms));
    barq_set_key(value, "due_at_ms", bw_maybe(arena, job->due_at_ms));
    barq_set_key(value, "started_at_ms", bw_maybe(arena, job->started_at_ms));
    barq_set_key(value, "finished_at_ms", bw_maybe(arena, job->finished_at_ms));
    barq_set_key(value, "worker", bw_text(arena, job->worker));
    barq_set_key(value, "error", bw_text(arena, job->error));
    barq_set_key(value, "progress", progress(arena, job));
    const char *brief = bw_brief(arena, job->args, job->kwargs);
    barq_set_key(value, "args_text", brief ? bw_text(arena, brief) : NULL);
    return value;
}

static struct barq_value *history(struct barq_arena *arena, const struct barq_value *entries)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < barq_count(entries); i++) {
        const struct barq_value *entry = barq_at(entries, i);
        struct barq_value *value = barq_map(arena);
        barq_set_key(value, "at_ms", barq_int(arena, barq_as_int(barq_get(entry, "at"), 0)));
        barq_set_key(value, "try", barq_int(arena, barq_as_int(barq_get(entry, "try"), 0)));
        barq_set_key(value, "event", bw_text(arena, barq_as_string(barq_get(entry, "event"), "")));
        barq_set_key(value, "error",
                     bw_text(arena, barq_as_string(barq_get(entry, "error"), NULL)));
        barq_add(list, value);
    }
    return list;
}

/* Of kwargs the keys are texts, or they are none. */
static struct barq_value *keywords(struct barq_arena *arena, const struct barq_value *kwargs)
{
    if (barq_kind(kwargs) != BARQ_MAP) {
        return barq_null(arena);
    }
    struct barq_value *value = barq_map(arena);
    for (size_t i = 0; i < barq_count(kwargs); i++) {
        barq_set_key(value, barq_as_string(barq_key_at(kwargs, i), "?"),
                     bw_shown(arena, barq_at(kwargs, i)));
    }
    return value;
}

struct barq_value *bw_job(struct barq_arena *arena, const struct barq_job_info *job)
{
    struct barq_value *value = bw_job_summary(arena, job);

    bool is_list = barq_kind(job->args) == BARQ_LIST || barq_kind(job->args) == BARQ_TUPLE;
    barq_set_key(value, "args", bw_shown(arena, is_list ? job->args : NULL));
    barq_set_key(value, "kwargs", keywords(arena, job->kwargs));
    barq_set_key(value, "result", bw_shown(arena, job->result));
    barq_set_key(value, "history", history(arena, job->history));
    barq_set_key(value, "log", bw_text(arena, job->log));
    return value;
}
