/*
 * commands.h - the subcommands of bookmarks, one a file.
 *
 * Each gets its arguments with its own name as argv[0], and returns the exit
 * code: 0 done, 1 failed, 2 wrongly called. By then main() has made the data
 * folder and put BARQ_URL and DATABASE_URL into the environment.
 */
#ifndef BM_COMMANDS_H
#define BM_COMMANDS_H

enum { BM_EXIT_OK = 0, BM_EXIT_FAILED = 1, BM_EXIT_USAGE = 2 };

/* Wherever a LIST is asked for, its name or its id will do. */
int bm_cmd_import(int argc, char **argv);
int bm_cmd_lists(int argc, char **argv);
int bm_cmd_videos(int argc, char **argv);
int bm_cmd_process(int argc, char **argv);
int bm_cmd_export(int argc, char **argv);
int bm_cmd_migrate(int argc, char **argv);
int bm_cmd_worker(int argc, char **argv);
int bm_cmd_demo(int argc, char **argv);

/*
 * serve [--port N]: the API on 127.0.0.1:N (8460; 0: a free port), and the
 * worker as a child unless --no-worker. When both are up it prints one line,
 * "serving http://127.0.0.1:PORT", to stdout and flushes it. SIGTERM and
 * SIGINT end it, with its worker, in peace and with 0.
 */
int bm_cmd_serve(int argc, char **argv);

#endif
