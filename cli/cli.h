/*
 * cli.h - what the subcommands of `barq` share. Each one is a file that
 * exports one struct cli_command; main.c is the table of them.
 */
#ifndef BARQ_CLI_CLI_H
#define BARQ_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/client.h>
#include <barq/error.h>

#include "base/arena.h"

enum cli_exit {
    CLI_OK = 0,
    CLI_REFUSED = 1, /* the job failed, is not there, or its state does not allow what was asked */
    CLI_USAGE = 2,
    CLI_UNFINISHED = 3,
    CLI_BROKEN = 4, /* the queue or database is away, locked, damaged or full */
};

struct cli_command {
    const char *name;
    const char *words;   /* what follows the name: "[options] ID" */
    const char *summary; /* a line for `barq --help` */
    const char *help;    /* its own options and examples, for `barq NAME --help` */
    /* argv[0] is the subcommand's name; returns the exit code. */
    int (*run)(int argc, char **argv);
};
extern const struct cli_command cli_abort;
extern const struct cli_command cli_bench;
extern const struct cli_command cli_check;
extern const struct cli_command cli_cron;
extern const struct cli_command cli_delete;
extern const struct cli_command cli_enqueue;
extern const struct cli_command cli_info;
extern const struct cli_command cli_limits;
extern const struct cli_command cli_list;
extern const struct cli_command cli_migrate;
extern const struct cli_command cli_pause;
extern const struct cli_command cli_result;
extern const struct cli_command cli_resume;
extern const struct cli_command cli_retry;
extern const struct cli_command cli_stats;
extern const struct cli_command cli_status;
extern const struct cli_command cli_top;
extern const struct cli_command cli_web;
extern const struct cli_command cli_worker;
extern const struct cli_command cli_workers;

/* -- options.c: options, and what is wrong with them -- */

enum cli_option_kind {
    CLI_FLAG,          /* a bool */
    CLI_TEXT,          /* a const char * */
    CLI_COUNT,         /* an int64_t, 1 or more */
    CLI_NUMBER,        /* an int64_t */
    CLI_SECONDS,       /* an int64_t of ms; seconds with an optional fraction */
    CLI_MAYBE_SECONDS, /* the same, after an equals sign; BARQ_OFF without one */
};

struct cli_option {
    const char *name; /* "delay", or "d|delay" where -d will do, too; NULL ends a table */
    enum cli_option_kind kind;
    void *value; /* set when the option is given */
};

/* What every subcommand takes, and what is left. */
struct cli_args {
    const char *url; /* NULL: the default */
    bool json;
    char **words; /* what is no option */
    int n_words;
};

/*
 * Reads the options, which may stand anywhere before "--"; "-5" is a word.
 * False: there is nothing more to do, and `*exit_code` says how it went
 * (--help, or a usage error, which has been printed).
 */
bool cli_read(const struct cli_command *command, int argc, char **argv,
              const struct cli_option *options, int min_words, int max_words, struct cli_args *out,
              int *exit_code);
void cli_print_help(const struct cli_command *command);
/* Prints "barq: NAME: ..." and where help is; returns CLI_USAGE. */
int cli_misused(const struct cli_command *command, const char *format, ...) BARQ_PRINTF(2, 3);

/* -- print.c: nothing that is printed can steer a terminal -- */

/* `text` with every control character, and bytes that are no UTF-8, escaped; in the arena. */
const char *cli_clean(struct barq_arena *arena, const char *text);
/* The same for a value: its JSON; or in angle brackets, why it has none. */
const char *cli_json(struct barq_arena *arena, const struct barq_value *value);
/* Prints "barq: " and the sentence on stderr. */
void cli_complain(const char *sentence);
/* Complains, and says which exit code a status is. */
int cli_failed(enum barq_status status, const struct barq_error *err);
/* The same where a queue or a database could not be opened: what is not there then is no job. */
int cli_not_opened(enum barq_status status, const struct barq_error *err);
/* Rows of `n_columns` cells below a line of titles, in columns; titles NULL: without them. */
void cli_table(const char *const *titles, const char *const *cells, size_t n_rows,
               size_t n_columns);
/* "2026-11-23T16:13:07.042Z", or "-" for 0; in the arena. */
const char *cli_time(struct barq_arena *arena, int64_t at_ms);

/* -- objects.c -- */

/* A field of an object, as a column of a table. */
struct cli_column {
    const char *title; /* NULL ends an array of them */
    const char *key;   /* "..._at_ms" is an instant, and shown as one */
};

/* `text` as a value, cleaned. */
struct barq_value *cli_text(struct barq_arena *arena, const char *text);
/* Prints a list of maps: a JSON object a line, or these columns of them. */
int cli_print_objects(struct barq_arena *arena, const struct barq_value *objects,
                      const struct cli_column *columns, bool json);

/* -- job.c, result.c: one job, printed -- */

enum { CLI_ARENA_BYTES = 256 * 1024 * 1024 };

/* One line: an object with the twelve fields that barq(1) names. */
int cli_print_job(struct barq_arena *arena, const struct barq_job_info *job);
/* Looks it up and prints it so; what nothing is known of is "not_found". */
int cli_print_job_now(struct barq_client *client, const char *id);
/* Waits for its end as barq_result() does, and prints the result, or the job (`json`); complains
 * unless it is a success. */
int cli_print_result(struct barq_client *client, const char *id, int64_t timeout_ms, bool json);

/* -- enqueue_many.c -- */

/* Enqueues the jobs of a file ("-": standard input), a JSON object a line, in batches, and prints them as the
 * subcommand does. `base` holds for lines that do not say. */
int cli_enqueue_many(struct barq_client *client, const char *path,
                     const struct barq_enqueue_options *base, bool json);

/* -- progress.c -- */

/* "3 of 10 (30 %): resized", in the arena; "" when nothing was told. */
const char *cli_progress(struct barq_arena *arena, const struct barq_job_info *job);
/*
 * Shows on stderr, if that is a terminal, how a job is doing, until it is finished or `timeout_ms` is over; returns
 * what is left of that.
 */
int64_t cli_follow(struct barq_client *client, const char *id, int64_t timeout_ms);

/* -- each.c: subcommands that do one thing to some jobs, or queues -- */

typedef enum barq_status cli_deed(struct barq_client *client, const char *id,
                                  struct barq_error *err);
/* Does it to each; prints the id (or the object, as it is then) of those where it worked. The exit
 * code is the first that is not 0; a broker that is away ends it. */
int cli_each(const struct cli_command *command, int argc, char **argv, cli_deed *deed);
/* The same with the names of queues. */
int cli_each_queue(const struct cli_command *command, int argc, char **argv, cli_deed *deed);

/* Opens the queue, or complains. `options` may be NULL. */
int cli_open(const struct cli_args *args, const struct barq_client_options *options,
             struct barq_client **out);
void cli_client_drop(struct barq_client **client);
#define bq_cli_client_drop cli_client_drop /* for bq_auto(cli_client) */

#endif
