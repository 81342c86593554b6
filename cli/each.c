/*
 * each.c - one thing done to some jobs, and how a queue is opened.
 */
#include <limits.h>
#include <stdio.h>

#include "base/arena.h"
#include "cli.h"

int cli_open(const struct cli_args *args, const struct barq_client_options *options,
             struct barq_client **out)
{
    struct barq_error err;
    enum barq_status status = barq_client_open(args->url, options, out, &err);

    return status == BARQ_OK ? CLI_OK : cli_not_opened(status, &err);
}

void cli_client_drop(struct barq_client **client)
{
    barq_client_close(*client);
}

typedef int print_done(const struct cli_args *args, struct barq_client *client, const char *word);

static int print_job(const struct cli_args *args, struct barq_client *client, const char *id)
{
    if (args->json) {
        return cli_print_job_now(client, id);
    }
    puts(id); /* has no control characters: the deed would have been refused */
    return CLI_OK;
}

static int print_queue(const struct cli_args *args, struct barq_client *client, const char *queue)
{
    bq_auto(arena) struct barq_arena arena;
    (void)client;

    bq_arena_init(&arena, CLI_ARENA_BYTES);
    if (args->json) {
        struct barq_value *object = barq_map(&arena);
        barq_set_key(object, "queue", barq_string(&arena, queue));
        puts(cli_json(&arena, object));
    } else {
        puts(queue); /* has no control characters, either */
    }
    return CLI_OK;
}

static int each(const struct cli_command *command, int argc, char **argv, cli_deed *deed,
                print_done *print)
{
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(command, argc, argv, NULL, 1, INT_MAX, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    for (int i = 0; code != CLI_BROKEN && client && i < args.n_words; i++) {
        struct barq_error err;
        enum barq_status status = deed(client, args.words[i], &err);
        int here =
            status == BARQ_OK ? print(&args, client, args.words[i]) : cli_failed(status, &err);
        code = code == CLI_OK || here == CLI_BROKEN ? here : code;
    }
    return code;
}

int cli_each(const struct cli_command *command, int argc, char **argv, cli_deed *deed)
{
    return each(command, argc, argv, deed, print_job);
}

int cli_each_queue(const struct cli_command *command, int argc, char **argv, cli_deed *deed)
{
    return each(command, argc, argv, deed, print_queue);
}
