/*
 * options.c - options of all subcommands, read one way.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dsn.h"
#include "base/text.h"
#include "cli.h"

enum { MAX_OPTIONS = 24 };

static const char common_help[] = "  --url URL            the queue; else BARQ_URL, else a file in "
                                  "~/.local/share/barq\n"
                                  "  --json               one JSON object a line\n"
                                  "  --help               this text\n";

/* The subcommand's own options, then those which all have. */
struct table {
    struct cli_option all[MAX_OPTIONS + 1];
    struct option getopt[MAX_OPTIONS + 1];
    char letters[MAX_OPTIONS + 1]; /* of each; 0: none */
    char short_options[2 * MAX_OPTIONS + 8];
    int count;
};

static void add(struct table *table, struct cli_option option)
{
    int has_arg = required_argument;

    if (table->count == MAX_OPTIONS) {
        return;
    }
    if (option.kind == CLI_FLAG) {
        has_arg = no_argument;
    } else if (option.kind == CLI_MAYBE_SECONDS) {
        has_arg = optional_argument;
    }
    if (option.name[1] == '|') {
        size_t len = strlen(table->short_options);
        (void)snprintf(table->short_options + len, sizeof(table->short_options) - len, "%c%s",
                       option.name[0], has_arg == no_argument ? "" : ":");
        table->letters[table->count] = option.name[0];
        option.name += 2;
    }
    table->getopt[table->count] = (struct option){.name = option.name, .has_arg = has_arg};
    table->all[table->count++] = option;
}

static bool set_text(const struct cli_option *option, const char *text)
{
    const char **value = option->value;

    *value = text;
    return true;
}

static bool set_number(const struct cli_option *option, const char *text)
{
    int64_t *value = option->value;

    if (option->kind == CLI_NUMBER) {
        return bq_parse_int(text, value);
    }
    if (option->kind == CLI_COUNT) {
        return bq_parse_int(text, value) && *value >= 1;
    }
    if (!text) {
        *value = BARQ_OFF;
        return true;
    }
    return bq_parse_seconds_ms(text, value);
}

static bool set_option(const struct cli_option *option, const char *text)
{
    bool *flag = option->value;

    switch (option->kind) {
    case CLI_FLAG:
        *flag = true;
        return true;
    case CLI_TEXT:
        return set_text(option, text);
    case CLI_COUNT:
    case CLI_NUMBER:
    case CLI_SECONDS:
    case CLI_MAYBE_SECONDS:
        return set_number(option, text);
    }
    return false;
}

/* What an option takes, where not every text will do. */
static const char *wants(const struct cli_option *option)
{
    switch (option->kind) {
    case CLI_COUNT:
        return "a whole number from 1";
    case CLI_NUMBER:
        return "a whole number";
    case CLI_SECONDS:
    case CLI_MAYBE_SECONDS:
        return "a number of seconds";
    case CLI_FLAG:
    case CLI_TEXT:
        break;
    }
    return "something else";
}

int cli_misused(const struct cli_command *command, const char *format, ...)
{
    char what[200];
    char sentence[300];
    va_list values;

    va_start(values, format);
    vsnprintf(what, sizeof(what), format, values);
    va_end(values);
    snprintf(sentence, sizeof(sentence), "%s: %s; see 'barq %s --help'", command->name, what,
             command->name);
    cli_complain(sentence);
    return CLI_USAGE;
}

void cli_print_help(const struct cli_command *command)
{
    printf("usage: barq %s %s\n\n%s\n", command->name, command->words, command->help);
    fputs("options of every command:\n", stdout);
    fputs(common_help, stdout);
    fputs("\nexit codes: 0 done, 1 the job failed, is not there or its state does not allow it,\n"
          "2 usage, 3 not finished yet, 4 the queue is away, locked, damaged or full\n",
          stdout);
}

/* A negative number is a word of its own, not a heap of short options. */
static bool is_negative_number(const char *word)
{
    return word && word[0] == '-' && strchr("0123456789.", word[1]) && word[1] != '\0';
}

/* What getopt_long() was not content with. */
static int misused_option(const struct cli_command *command, int said, char **argv)
{
    if (said == ':') {
        return cli_misused(command, "%.80s wants a value", argv[optind - 1]);
    }
    if (optopt != 0) {
        return cli_misused(command, "there is no option -%c", optopt);
    }
    return cli_misused(command, "there is no option %.80s", argv[optind - 1]);
}

/* As getopt_long(): 0 an option (`*at`), 1 a word (optarg), -1 the end or "--", else trouble. */
static int next(int argc, char **argv, const struct table *table, int *at)
{
    if (optind < argc && is_negative_number(argv[optind])) {
        optarg = argv[optind++];
        return 1;
    }
    int said = getopt_long(argc, argv, table->short_options, table->getopt, at);
    for (int i = 0; said > 1 && i < table->count; i++) {
        if (said == table->letters[i]) {
            *at = i;
            return 0;
        }
    }
    return said;
}

/* It may hold a password, which must not stay in the list of processes. */
static bool take_url(char *argument, struct cli_args *out, int *exit_code)
{
    if (setenv("BARQ_URL", argument, 1) != 0) {
        cli_complain("out of memory");
        *exit_code = CLI_BROKEN;
        return false;
    }
    bq_dsn_hide(argument);
    out->url = getenv("BARQ_URL");
    return true;
}

static bool read_all(const struct cli_command *command, int argc, char **argv,
                     const struct table *table, struct cli_args *out, bool *help, int *exit_code)
{
    int at = 0;
    int said;

    while ((said = next(argc, argv, table, &at)) != -1) {
        if (said == 1) {
            out->words[out->n_words++] = optarg;
        } else if (said == 'h') {
            *help = true;
        } else if (said != 0) {
            *exit_code = misused_option(command, said, argv);
            return false;
        } else if (table->all[at].value == &out->url) {
            if (!take_url(optarg, out, exit_code)) {
                return false;
            }
        } else if (!set_option(&table->all[at], optarg)) {
            *exit_code = cli_misused(command, "--%s takes %s, not '%.80s'", table->all[at].name,
                                     wants(&table->all[at]), optarg ? optarg : "");
            return false;
        }
    }
    while (optind < argc) {
        out->words[out->n_words++] = argv[optind++];
    }
    return true;
}

bool cli_read(const struct cli_command *command, int argc, char **argv,
              const struct cli_option *options, int min_words, int max_words, struct cli_args *out,
              int *exit_code)
{
    bool help = false;
    struct table table = {.short_options = "-:h"};
    for (const struct cli_option *option = options; option && option->name; option++) {
        add(&table, *option);
    }
    add(&table, (struct cli_option){"url", CLI_TEXT, &out->url});
    add(&table, (struct cli_option){"json", CLI_FLAG, &out->json});
    add(&table, (struct cli_option){"help", CLI_FLAG, &help});

    opterr = 0;
    out->words = argv + 1; /* words move to the front, over options that have been read */
    if (!read_all(command, argc, argv, &table, out, &help, exit_code)) {
        return false;
    }
    if (help) {
        cli_print_help(command);
        *exit_code = CLI_OK;
        return false;
    }
    if (out->n_words < min_words || out->n_words > max_words) {
        *exit_code = cli_misused(command, "it takes %s", command->words);
        return false;
    }
    return true;
}
