#include "commands/step.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "commands/run.h"
#include "commands/terminal.h"
#include "video/url.h"

static enum barq_status run_in_transaction(struct bm_step *step, bool writing, bm_step_run *run,
                                           struct barq_error *err)
{
    enum barq_status status = barq_session_begin(step->session, writing, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = run(step, err);
    if (status == BARQ_OK && writing) {
        return barq_session_commit(step->session, err);
    }
    barq_session_rollback(step->session);
    return status;
}

int bm_step(struct bm_step *step, bool writing, bm_step_run *run)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    step->session = session;
    step->arena = &arena;
    if (status == BARQ_OK) {
        status = run_in_transaction(step, writing, run, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

enum barq_status bm_step_video(const struct bm_step *step, const char *list, const char *video,
                               struct bm_video *out, struct barq_error *err)
{
    char id[BM_VIDEO_ID_BYTES];
    struct bm_list found;

    enum barq_status status = bm_list_find(step->session, list, step->arena, &found, err);
    if (status != BARQ_OK) {
        return status;
    }
    bool address = bm_video_url_parse(video, strlen(video), id, NULL) == BARQ_OK;
    return bm_video_find(step->session, found.id, address ? id : video, step->arena, out, err);
}

enum barq_status bm_step_tell(const struct bm_step *step, const struct barq_value *json,
                              const char *sentence, struct barq_error *err)
{
    if (step->json) {
        return bm_print_json(json, step->arena, err);
    }
    bm_print_text(stdout, sentence ? sentence : "");
    printf("\n");
    return BARQ_OK;
}
