#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/commands.h"
#include "commands/terminal.h"
#include "store/options.h"

static const char usage[] =
    "usage: bookmarks settings [--json]\n"
    "       bookmarks settings set NAME [VALUE]\n"
    "       bookmarks settings unset NAME\n"
    "\n"
    "Shows what is set, or sets it; without a VALUE the first line of stdin is taken,\n"
    "which keeps keys out of the shell's history. Of a key only its last four\n"
    "characters are shown. The environment counts before what is set here.\n"
    "\n"
    "  --json  print what the API would answer\n";

enum { N_COLUMNS = 3 };

static const struct bm_text_column columns[N_COLUMNS] = {
    {"setting", 22, false}, {"value", 30, false}, {"", 60, false}};

static void print_option(const struct bm_option *option, const struct bm_option_value *value,
                         struct barq_arena *arena)
{
    const struct barq_value *json = bm_option_json(option, value, arena);
    bool is_secret = option->kind == BM_OPTION_SECRET;
    const char *shown = barq_as_string(barq_get(json, is_secret ? "last4" : "value"), "");
    const char *label = bq_arena_format(
        arena, "%s%s%s%s", option->label, value->from_environment ? " (by " : "",
        value->from_environment ? option->environment : "", value->from_environment ? ")" : "");
    const char *cells[N_COLUMNS] = {
        option->name, value->text && is_secret ? bq_arena_format(arena, "...%s", shown) : shown,
        label};

    bm_print_row(stdout, columns, N_COLUMNS, cells);
}

static enum barq_status show(struct barq_session *session, struct barq_arena *arena, bool as_json,
                             struct barq_error *err)
{
    struct barq_value *all = barq_map(arena);
    const char *json = NULL;

    enum barq_status status = barq_session_begin(session, false, err);
    if (!as_json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (const struct bm_option *option = bm_options; status == BARQ_OK && option->name; option++) {
        struct bm_option_value value = {0};
        status = bm_option_get(session, option, arena, &value, err);
        if (status == BARQ_OK && !as_json) {
            print_option(option, &value, arena);
        }
        barq_set_key(all, option->name, bm_option_json(option, &value, arena));
    }
    barq_session_rollback(session);
    if (status == BARQ_OK && as_json) {
        status = barq_to_json(arena, all, &json, NULL, err);
        printf("%s\n", status == BARQ_OK ? json : "");
    }
    return status;
}

static enum barq_status set(struct barq_session *session, const struct bm_option *option,
                            const char *text, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);

    if (status == BARQ_OK) {
        status = bm_option_set(session, option, text, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? barq_session_commit(session, err) : status;
}

/* What follows the options: nothing, "set NAME", "set NAME VALUE", "unset NAME". */
static enum barq_status run(int count, char **words, bool as_json, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    char line[BM_OPTION_MAX_BYTES + 3];
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    const struct bm_option *option = count > 1 ? bm_option_find(words[1]) : NULL;
    if (count > 1 && !option) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "settings: there is no setting %s", words[1]);
    }
    enum barq_status status = bm_store_open(&session, err);
    if (status != BARQ_OK || count == 0) {
        return status == BARQ_OK ? show(session, &arena, as_json, err) : status;
    }
    const char *value = count == 3 ? words[2] : NULL;
    if (count == 2 && strcmp(words[0], "set") == 0) {
        value = fgets(line, sizeof(line), stdin);
        if (!value) {
            return bq_fail(err, BARQ_ERR_ARG, "settings: no value was given");
        }
        line[strcspn(line, "\n")] = '\0';
    }
    return set(session, option, value, err);
}

int bm_cmd_settings(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct barq_error err;

    int option = getopt_long(argc, argv, "h", options, NULL);
    int count = argc - optind;
    bool sets = count > 1 && count < 4 && strcmp(argv[optind], "set") == 0;
    bool unsets = count == 2 && strcmp(argv[optind], "unset") == 0;
    if ((option != -1 && option != 'j') || (count > 0 && !sets && !unsets)) {
        return bm_show_usage(usage, option == 'h');
    }
    return run(count, argv + optind, option == 'j', &err) == BARQ_OK ? BM_EXIT_OK
                                                                     : bm_complain(&err);
}
