#include "intake/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"

struct walk {
    struct barq_session *session;
    struct bm_import_options options;
    int64_t files;
    struct bm_import_report *report;
};

static int shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* A file that is nothing to us counts as one thing that was skipped. */
static void skip_file(struct walk *walk, const char *why)
{
    const struct bm_item item = {.reading = BM_READ_SKIPPED,
                                 .member = walk->options.member,
                                 .why = why,
                                 .text = "",
                                 .added_at_ms = INT64_MIN};

    walk->report->rows++;
    walk->report->skipped++;
    if (walk->options.tell) {
        walk->options.tell(walk->options.context, BM_SKIPPED, &item, why);
    }
}

static enum barq_status take_file(struct walk *walk, int fd, const char *name,
                                  struct barq_error *err)
{
    bq_auto(memory) struct bm_import_report *one = calloc(1, sizeof(*one));
    if (!one) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    if (++walk->files > BM_FOLDER_FILES_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: more than %d files in the folder",
                       BM_FOLDER_FILES_MAX);
    }

    walk->options.member = name;
    enum barq_status status = bm_import_file(walk->session, &walk->options, fd, one, err);
    bm_import_report_add(walk->report, one);
    if (status == BARQ_ERR_FORMAT || status == BARQ_ERR_ARG) {
        skip_file(walk, err->text);
        return BARQ_OK;
    }
    return status;
}

static enum barq_status take_folder(struct walk *walk, int fd, int depth, struct barq_error *err);

static enum barq_status take_entry(struct walk *walk, int folder, const char *name, int depth,
                                   struct barq_error *err)
{
    struct stat about;
    bq_auto(fd) int fd =
        openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &about) != 0) {
        walk->options.member = name;
        skip_file(walk, "cannot be opened, or is a link");
        return BARQ_OK;
    }
    if (S_ISDIR(about.st_mode)) {
        return take_folder(walk, fd, depth + 1, err);
    }
    return S_ISREG(about.st_mode) ? take_file(walk, fd, name, err) : BARQ_OK;
}

/* `fd` stays the caller's. */
static enum barq_status take_folder(struct walk *walk, int fd, int depth, struct barq_error *err)
{
    struct dirent **entries = NULL;
    enum barq_status status = BARQ_OK;
    if (depth > BM_FOLDER_DEPTH_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: folders more than %d deep",
                       BM_FOLDER_DEPTH_MAX);
    }

    int count = scandirat(fd, ".", &entries, shown, alphasort);
    if (count < 0) {
        return bq_fail_errno(err, "import: cannot read a folder");
    }
    for (int i = 0; i < count; i++) {
        if (status == BARQ_OK) {
            status = take_entry(walk, fd, entries[i]->d_name, depth, err);
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum barq_status bm_import_folder(struct barq_session *session,
                                  const struct bm_import_options *options, const char *path,
                                  struct bm_import_report *out, struct barq_error *err)
{
    struct walk walk = {.session = session, .options = *options, .report = out};
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    *out = (struct bm_import_report){.rows = 0};
    if (fd < 0) {
        return bq_fail_errno(err, "import: cannot open %s", path);
    }

    enum barq_status status = take_folder(&walk, fd, 0, err);
    if (status == BARQ_OK && out->rows == out->skipped) {
        return bq_fail(err, BARQ_ERR_ARG, "import: no file in %s was for us", path);
    }
    return status;
}
