/*
 * commands.h - the subcommands of bookmarks, one a file.
 *
 * Each gets its arguments with its own name as argv[0], and returns the exit
 * code. By then main() has made the data
 * folder and put BARQ_URL and DATABASE_URL into the environment.
 */
#ifndef BM_COMMANDS_H
#define BM_COMMANDS_H

#include <barq/error.h>
#include <barq/session.h>

#include "store/runs.h"

enum {
    BM_EXIT_OK = 0,
    BM_EXIT_FAILED = 1,
    BM_EXIT_USAGE = 2,
    BM_EXIT_PARTLY = 3, /* done, but some lines or videos of it failed: they were told */
};

/* For a list or a run, and for a page of videos. */
enum { BM_SMALL_ARENA_BYTES = 64 * 1024, BM_COMMAND_ARENA_BYTES = 64 * 1024 * 1024 };

/* Says what went wrong on stderr; BM_EXIT_FAILED. */
int bm_complain(const struct barq_error *err);
/* Prints `usage` where --help or a mistake wants it; the exit code. */
int bm_show_usage(const char *usage, bool asked_for);
/* Begins reading, finds the list, ends reading. */
enum barq_status bm_read_list(struct barq_session *session, const char *id_or_name,
                              struct barq_arena *arena, struct bm_list *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* Takes the list's pending videos on; the transaction is its own. As bm_run_start(). */
enum barq_status bm_process(struct barq_session *session, const char *list_id,
                            const struct bm_run_options *options, struct barq_arena *arena,
                            struct bm_run *out, struct barq_error *err) BARQ_MUST_CHECK;
/* Asks how far a run is; in a transaction of its own. */
enum barq_status bm_look_at_run(struct barq_session *session, struct bm_run *run,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* The first `rows` videos of a list with their fields, as wide as the terminal. */
enum barq_status bm_print_videos(struct barq_session *session, const struct bm_video_filter *filter,
                                 size_t rows, struct barq_error *err) BARQ_MUST_CHECK;

/* Wherever a LIST is asked for, its name or its id will do. */
int bm_cmd_import(int argc, char **argv);
int bm_cmd_lists(int argc, char **argv);
int bm_cmd_videos(int argc, char **argv);
int bm_cmd_edit(int argc, char **argv);
int bm_cmd_fields(int argc, char **argv);
int bm_cmd_tags(int argc, char **argv);
int bm_cmd_channels(int argc, char **argv);
int bm_cmd_views(int argc, char **argv);
int bm_cmd_bulk(int argc, char **argv);
int bm_cmd_duplicates(int argc, char **argv);
int bm_cmd_notes(int argc, char **argv);
int bm_cmd_process(int argc, char **argv);
int bm_cmd_export(int argc, char **argv);
int bm_cmd_backup(int argc, char **argv);
int bm_cmd_restore(int argc, char **argv);
int bm_cmd_migrate(int argc, char **argv);
int bm_cmd_password(int argc, char **argv);
int bm_cmd_settings(int argc, char **argv);
int bm_cmd_search(int argc, char **argv);
int bm_cmd_reindex(int argc, char **argv);
int bm_cmd_transcript(int argc, char **argv);
int bm_cmd_usage(int argc, char **argv);
int bm_cmd_token(int argc, char **argv);
int bm_cmd_worker(int argc, char **argv);
int bm_cmd_demo(int argc, char **argv);
int bm_cmd_runs(int argc, char **argv);
int bm_cmd_events(int argc, char **argv);
int bm_cmd_holds(int argc, char **argv);
int bm_cmd_statistics(int argc, char **argv);
int bm_cmd_subscriptions(int argc, char **argv);
int bm_cmd_run_change(int argc, char **argv); /* pause, resume, cancel, retry */

/*
 * serve [--port N | --listen HOST:PORT] [--base-path PATH]: the API on
 * 127.0.0.1:N (8460; 0: a free port) or where BOOKMARKS_LISTEN says, where
 * others reach it only with a password set, and the worker as a child unless
 * --no-worker. When both are up it prints one line,
 * "serving http://127.0.0.1:PORT", to stdout and flushes it. SIGTERM and
 * SIGINT end it, with its worker, in peace and with 0.
 */
int bm_cmd_serve(int argc, char **argv);

#endif
