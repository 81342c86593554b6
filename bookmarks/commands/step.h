/*
 * step.h - a command that is one transaction on the store.
 */
#ifndef BM_COMMANDS_STEP_H
#define BM_COMMANDS_STEP_H

#include "commands/commands.h"
#include "store/video_edit.h"

/* What a step works with; the command's own begins with it. */
struct bm_step {
    struct barq_session *session; /* a transaction is open */
    struct barq_arena *arena;
    bool json; /* print what the API would answer */
};
typedef enum barq_status bm_step_run(struct bm_step *step, struct barq_error *err);

/* Opens the store, runs the step in a transaction, and ends that as the step ends; the exit code. */
int bm_step(struct bm_step *step, bool writing, bm_step_run *run);
/* The video of a list that is named by its id, or by an address or id of YouTube's. */
enum barq_status bm_step_video(const struct bm_step *step, const char *list, const char *video,
                               struct bm_video *out, struct barq_error *err) BARQ_MUST_CHECK;
/* `sentence`, or the JSON when it is wanted. */
enum barq_status bm_step_tell(const struct bm_step *step, const struct barq_value *json,
                              const char *sentence, struct barq_error *err) BARQ_MUST_CHECK;

#endif
