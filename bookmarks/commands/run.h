/*
 * run.h - what the commands about runs share.
 */
#ifndef BM_COMMANDS_RUN_H
#define BM_COMMANDS_RUN_H

#include "commands/commands.h"

/* The run of this id, or the newest of the list of this name or id; in the transaction that is open. */
enum barq_status bm_find_run(struct barq_session *session, const char *what,
                             struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Shows how far the run is until no video of it is pending, or waits for that without a word. */
enum barq_status bm_follow_run(struct barq_session *session, struct bm_run *run,
                               struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_await_run(struct barq_session *session, struct bm_run *run,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* One line of JSON on stdout. */
enum barq_status bm_print_json(const struct barq_value *value, struct barq_arena *arena,
                               struct barq_error *err) BARQ_MUST_CHECK;

#endif
