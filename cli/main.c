/*
 * main.c - the barq binary: which subcommand it is.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct cli_command *const commands[] = {
    &cli_worker,  &cli_enqueue, &cli_result, &cli_status, &cli_info,  &cli_list,    &cli_abort,
    &cli_retry,   &cli_delete,  &cli_pause,  &cli_resume, &cli_stats, &cli_limits,  &cli_cron,
    &cli_workers, &cli_check,   &cli_top,    &cli_web,    &cli_bench, &cli_migrate,
};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const char intro[] = "usage: barq COMMAND [options] ...\n"
                            "\n"
                            "Runs background jobs: a program enqueues them, a worker runs them.\n"
                            "\n";

static const char outro[] =
    "\n"
    "'barq COMMAND --help' says more. The queue is BARQ_URL, or a file in\n"
    "~/.local/share/barq:\n"
    "  sqlite:FILE                          a file\n"
    "  redis://[USER:PASSWORD@]HOST:PORT/DB Redis, with arq's keys; rediss:// is\n"
    "                                       Redis over TLS\n"
    "  unix://PATH?db=DB                    Redis at a socket\n"
    "  redis+sentinel://HOST:PORT,.../NAME  Redis by its sentinels\n"
    "  postgresql://[USER@]HOST/DATABASE    PostgreSQL; ?schema=NAME\n"
    "A password belongs into BARQ_URL, not into --url, which others can see in the\n"
    "list of processes. barq(1) has what follows a '?'.\n"
    "\n"
    "exit codes:\n"
    "  0  done\n"
    "  1  the job failed, is not there, or its state does not allow it\n"
    "  2  the command line makes no sense\n"
    "  3  the job has not finished yet\n"
    "  4  the queue or the database is away, locked, damaged or full\n"
    "\n"
    "example:\n"
    "  barq worker ./hello.so &\n"
    "  barq enqueue greet World --wait\n";

static int print_help(void)
{
    fputs(intro, stdout);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs(outro, stdout);
    return CLI_OK;
}

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int refuse(const char *name)
{
    char sentence[200];

    snprintf(sentence, sizeof(sentence), "there is no command '%.80s'; see 'barq --help'", name);
    cli_complain(sentence);
    return CLI_USAGE;
}

static int help_of(char *name)
{
    const struct cli_command *command = find(name);
    char option[] = "--help";
    char *argv[] = {name, option, NULL};

    return command ? command->run(2, argv) : refuse(name);
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (name[0] == '\0') {
        cli_complain("which command? see 'barq --help'");
        return CLI_USAGE;
    }
    if (strcmp(name, "help") == 0 && argc > 2) {
        return help_of(argv[2]);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        return print_help();
    }
    if (strcmp(name, "--version") == 0) {
        puts("barq " BARQ_VERSION);
        return CLI_OK;
    }

    const struct cli_command *command = find(name);
    return command ? command->run(argc - 1, argv + 1) : refuse(name);
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error to be told */
    int code = run(argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_complain("stdout could not be written");
        return code == CLI_OK ? CLI_BROKEN : code;
    }
    return code;
}
