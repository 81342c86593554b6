#include "intake/import.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/commands.h"
#include "commands/import_tell.h"
#include "fields/templates.h"
#include "intake/folder.h"

enum { ADDRESSES_MAX_BYTES = 1024 * 1024 };

static const char usage[] =
    "usage: bookmarks import [OPTION...] FILE|FOLDER|ADDRESS...\n"
    "\n"
    "Adds videos to a list, from whatever says which: addresses or ids of videos,\n"
    "playlists and channels; a file (- is stdin) or a folder of files: text with\n"
    "addresses in it, CSV of any shape, a Google Takeout (the whole ZIP or a file of\n"
    "it), bookmarks of a browser, yt-dlp's .info.json and archive, exports of\n"
    "FreeTube, Linkwarden, Karakeep, Pocket, Raindrop and Instapaper, and our own.\n"
    "A list that is not there yet is made.\n"
    "\n"
    "  --list NAME      the list; by default it is named after the file\n"
    "  --template NAME  the fields of a new list: talks (unless said), quality,\n"
    "                   tutorials, recipes, reviews, technical, or none\n"
    "  --no-process     leave the videos pending; else they are processed as soon as\n"
    "                   a worker runs (bookmarks process --wait LIST shows how far)\n"
    "  --dry-run        only say what would be added, line by line\n"
    "  --json           say it as JSON\n"
    "\n"
    "Exit code: 0 all lines are in, 3 some failed (each is told), 1 failed, 2 usage.\n";

struct request {
    struct barq_session *session;
    struct bm_import_options options;
    struct bm_import_report *sum;
};

/* One source more. What the last import said of the list holds for the next one. */
static enum barq_status take_report(struct request *request, enum barq_status status,
                                    const struct bm_import_report *one)
{
    bm_import_report_add(request->sum, one);
    if (*request->sum->list_name != '\0') {
        request->options.list_name = request->sum->list_name;
        request->options.name_is_guess = false;
    }
    return status;
}

static enum barq_status take_path(struct request *request, const char *path,
                                  struct bm_import_report *one, struct barq_error *err)
{
    struct stat about;
    bq_auto(fd) int fd = -1;
    if (strcmp(path, "-") == 0) {
        return bm_import_file(request->session, &request->options, STDIN_FILENO, one, err);
    }
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return bm_import_folder(request->session, &request->options, path, one, err);
    }

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return bq_fail_errno(err, "import: cannot open %s", path);
    }
    return bm_import_file(request->session, &request->options, fd, one, err);
}

/* No file of this name, and something that means a video, a playlist or a channel. */
static bool is_address(const char *argument)
{
    struct bm_target target;

    return access(argument, F_OK) != 0 &&
           (bm_target_parse(argument, strlen(argument), &target, NULL) == BARQ_OK ||
            bm_video_url_likely(argument, strlen(argument)));
}

/* All arguments that are addresses, as if they were the lines of a file. */
static enum barq_status take_addresses(struct request *request, char **arguments, int count,
                                       struct bm_import_report *one, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, ADDRESSES_MAX_BYTES);

    for (int i = 0; i < count; i++) {
        bq_buf_puts(&text, arguments[i]);
        bq_buf_puts(&text, "\n");
    }
    if (text.failed) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: too many addresses; put them into a file");
    }
    request->options.priority = count == 1 ? BM_IMPORT_FRESH_PRIORITY : 0;
    enum barq_status status =
        bm_import_bytes(request->session, &request->options, text.data, text.len, one, err);
    request->options.priority = 0;
    return status;
}

static enum barq_status take_all(struct request *request, char **arguments, int count,
                                 struct bm_import_report *one, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (int i = 0; status == BARQ_OK && i < count; i++) {
        int addresses = 0;
        while (i + addresses < count && is_address(arguments[i + addresses])) {
            addresses++;
        }
        *one = (struct bm_import_report){.rows = 0};
        status = addresses > 0 ? take_addresses(request, arguments + i, addresses, one, err)
                               : take_path(request, arguments[i], one, err);
        status = take_report(request, status, one);
        i += addresses > 0 ? addresses - 1 : 0;
    }
    return status;
}

/* "talks" of "/some/where/talks.csv" */
static void name_of(const char *argument, char *out, size_t size)
{
    const char *slash = strrchr(argument, '/');
    bool has_no_name = strcmp(argument, "-") == 0 || is_address(argument);

    snprintf(out, size, "%s", has_no_name ? "import" : slash && slash[1] ? slash + 1 : argument);
    char *dot = strrchr(out, '.');
    if (dot && dot != out) {
        *dot = '\0';
    }
}

/* Asked before anything is read; a list is made only when there is something for it. */
static enum barq_status check_template(const char *name, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_field *fields = NULL;
    size_t count = 0;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    return bm_template_fields(name, &arena, &fields, &count, err);
}

static int run(const struct request *given, char **arguments, int count, bool json)
{
    struct request request = *given;
    struct barq_error err;
    bq_auto(memory) struct bm_import_report *reports = calloc(2, sizeof(*reports));
    struct bm_import_tell_state tell = {.json = json, .preview = request.options.preview};
    if (!reports) {
        bq_fail(&err, BARQ_ERR_NOMEM, "import: out of memory");
        return bm_complain(&err);
    }

    request.sum = &reports[0];
    request.options.tell = bm_import_tell_line;
    request.options.context = &tell;
    bm_import_tell_begin(&tell);
    enum barq_status status = take_all(&request, arguments, count, &reports[1], &err);
    enum barq_status started = bm_import_process(request.session, &request.options, request.sum,
                                                 status == BARQ_OK ? &err : NULL);
    status = status == BARQ_OK ? started : status;
    bm_import_tell_end(&tell, request.sum, request.options.list_name);
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    return request.sum->failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

int bm_cmd_import(int argc, char **argv)
{
    static const struct option options[] = {{"list", required_argument, NULL, 'l'},
                                            {"template", required_argument, NULL, 't'},
                                            {"no-process", no_argument, NULL, 'p'},
                                            {"dry-run", no_argument, NULL, 'n'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    struct request request = {.options = {.template = "talks", .now_ms = bq_wall_ms()}};
    struct barq_error err;
    char guess[BM_NAME_MAX_BYTES + 1];
    bool json = false;

    for (int option; (option = getopt_long(argc, argv, "l:t:njh", options, NULL)) != -1;) {
        switch (option) {
        case 'l':
            request.options.list_name = optarg;
            break;
        case 't':
            request.options.template = optarg;
            break;
        case 'p':
            request.options.no_process = true;
            break;
        case 'n':
            request.options.preview = true;
            break;
        case 'j':
            json = true;
            break;
        default:
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind == argc) {
        return bm_show_usage(usage, false);
    }
    if (!request.options.list_name) {
        name_of(argv[optind], guess, sizeof(guess));
        request.options.list_name = guess;
        request.options.name_is_guess = true;
    }
    if (check_template(request.options.template, &err) != BARQ_OK ||
        bm_store_open(&session, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    request.session = session;
    return run(&request, argv + optind, argc - optind, json);
}
