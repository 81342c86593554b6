#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/tokens.h"
#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/commands.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks token [--json] list\n"
    "       bookmarks token [--json] [--read-only] [--days N] add NAME\n"
    "       bookmarks token revoke NAME\n"
    "\n"
    "Tokens let programs use the API: Authorization: Bearer bm_... A new one is\n"
    "shown once; only a hash of it is kept.\n"
    "\n"
    "  --read-only  it changes nothing\n"
    "  --days N     it is over after so many days; never unless given\n"
    "  --json       print what the API would answer\n";

enum { DAYS_MAX = 3650, N_COLUMNS = 5 };

struct token_command {
    struct barq_session *session;
    struct barq_arena *arena;
    bool json;
    bool read_only;
    int64_t days; /* 0: for ever */
};

static enum barq_status print_json(struct barq_arena *arena, const struct barq_value *value,
                                   struct barq_error *err)
{
    const char *json = NULL;

    enum barq_status status = barq_to_json(arena, value, &json, NULL, err);
    if (status == BARQ_OK) {
        printf("%s\n", json);
    }
    return status;
}

/* -- list -- */

static const struct bm_text_column columns[N_COLUMNS] = {{"token", 30, false},
                                                         {"may", 10, false},
                                                         {"made", 10, false},
                                                         {"last used", 10, false},
                                                         {"until", 10, false}};

/* The day; "" when there is none. */
static void day_text(int64_t at_ms, char out[BQ_TIME_TEXT_BYTES])
{
    *out = '\0';
    if (at_ms != INT64_MIN) {
        bq_time_text(at_ms, out);
        out[sizeof("2026-11-30") - 1] = '\0';
    }
}

static void print_token(const struct bm_token *token)
{
    char days[3][BQ_TIME_TEXT_BYTES];

    day_text(token->created_at_ms, days[0]);
    day_text(token->last_used_at_ms, days[1]);
    day_text(token->expires_at_ms, days[2]);
    const char *cells[N_COLUMNS] = {token->name, token->can_write ? "read write" : "read", days[0],
                                    days[1], days[2]};
    bm_print_row(stdout, columns, N_COLUMNS, cells);
}

static enum barq_status list(const struct token_command *command, struct barq_error *err)
{
    const struct bm_token *tokens = NULL;
    struct barq_value *json = barq_list(command->arena);
    size_t count = 0;

    enum barq_status status = bm_tokens(command->session, command->arena, &tokens, &count, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!command->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; i < count; i++) {
        if (command->json) {
            barq_add(json, bm_token_json(&tokens[i], command->arena));
        } else {
            print_token(&tokens[i]);
        }
    }
    return command->json ? print_json(command->arena, json, err) : BARQ_OK;
}

/* -- add -- */

static enum barq_status add(const struct token_command *command, const char *name,
                            struct barq_error *err)
{
    int64_t now_ms = bq_wall_ms();
    char secret[BM_TOKEN_BYTES];
    struct bm_token token;

    enum barq_status status =
        bm_token_add(command->session, name, !command->read_only,
                     command->days > 0 ? now_ms + command->days * BQ_DAY_MS : INT64_MIN, now_ms,
                     command->arena, &token, secret, err);
    if (status == BARQ_OK) {
        status = barq_session_commit(command->session, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!command->json) {
        printf("%s\n", secret);
        return BARQ_OK;
    }
    struct barq_value *json = bm_token_json(&token, command->arena);
    barq_set_key(json, "token", barq_string(command->arena, secret));
    return print_json(command->arena, json, err);
}

static enum barq_status revoke(const struct token_command *command, const char *name,
                               struct barq_error *err)
{
    enum barq_status status = bm_token_revoke(command->session, name, err);

    return status == BARQ_OK ? barq_session_commit(command->session, err) : status;
}

/* -- the command -- */

static enum barq_status run(const struct token_command *command, const char *what, const char *name,
                            struct barq_error *err)
{
    bool is_list = strcmp(what, "list") == 0;

    enum barq_status status = barq_session_begin(command->session, !is_list, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (is_list) {
        return list(command, err);
    }
    return strcmp(what, "add") == 0 ? add(command, name, err) : revoke(command, name, err);
}

/* False for what makes no sense. */
static bool read_options(struct token_command *command, int argc, char **argv, bool *help)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"read-only", no_argument, NULL, 'r'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool good = true;

    for (int given; good && (given = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        command->json |= given == 'j';
        command->read_only |= given == 'r';
        *help |= given == 'h';
        good = given != '?' && (given != 'd' || (bq_parse_int(optarg, &command->days) &&
                                                 command->days > 0 && command->days <= DAYS_MAX));
    }
    return good && !*help;
}

int bm_cmd_token(int argc, char **argv)
{
    bq_auto(arena) struct barq_arena arena;
    struct token_command command = {.arena = &arena};
    struct barq_error err;
    bool help = false;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    bool good = read_options(&command, argc, argv, &help);
    const char *what = good && optind < argc ? argv[optind] : "";
    int names = argc - optind - 1;
    bool is_list = strcmp(what, "list") == 0 && names == 0;
    bool has_name = (strcmp(what, "add") == 0 || strcmp(what, "revoke") == 0) && names == 1;
    if (!is_list && !has_name) {
        return bm_show_usage(usage, help);
    }
    bm_auto(session) struct barq_session *session = NULL;
    enum barq_status status = bm_store_open(&session, &err);
    command.session = session;
    if (status == BARQ_OK) {
        status = run(&command, what, argv[optind + 1], &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}
