/* Archives: a Takeout as a whole, and those that mean harm. */
#include <minizip/zip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auto.h"
#include "fixture.h"
#include "formats/zip_file.h"
#include "intake/folder.h"
#include "intake/import.h"
#include "support/data.h"
#include "support/folder.h"

#define ID0   "aaaaaaaaa_0"
#define ID1   "aaaaaaaaa_1"
#define VIDEO "url\nhttps://youtu.be/" ID0 "\n"

static struct barq_error err;
static struct bm_import_report report;

/* -- archives, made as a test needs them -- */

struct archive {
    char *bytes; /* owned */
    size_t len;
    FILE *file;
    zipFile zip;
};

static void begin(struct archive *archive)
{
    *archive = (struct archive){.file = tmpfile()};
    assert_non_null(archive->file);
    zlib_filefunc64_def calls = bm_zip_calls(archive->file);
    archive->zip = zipOpen2_64("", APPEND_STATUS_CREATE, NULL, &calls);
    assert_non_null(archive->zip);
}

/* `mode` as of Unix; 0: what made the archive did not know of any. */
static void add(struct archive *archive, const char *name, unsigned mode, const void *bytes,
                size_t len)
{
    zip_fileinfo info = {.external_fa = (uLong)mode << 16};

    assert_int_equal(
        zipOpenNewFileInZip64(archive->zip, name, &info, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 9, 0),
        ZIP_OK);
    assert_int_equal(zipWriteInFileInZip(archive->zip, bytes, (unsigned)len), ZIP_OK);
    assert_int_equal(zipCloseFileInZip(archive->zip), ZIP_OK);
}

static void add_text(struct archive *archive, const char *name, const char *text)
{
    add(archive, name, 0, text, strlen(text));
}

static void add_data(struct archive *archive, const char *name, const char *path)
{
    size_t len = 0;
    bq_auto(memory) char *bytes = data_read(path, &len);

    add(archive, name, 0, bytes, len);
}

static void end(struct archive *archive)
{
    assert_int_equal(zipClose(archive->zip, NULL), ZIP_OK);
    assert_int_equal(fflush(archive->file), 0);
    archive->len = (size_t)ftello(archive->file);
    archive->bytes = malloc(archive->len);
    assert_non_null(archive->bytes);
    rewind(archive->file);
    assert_int_equal(fread(archive->bytes, 1, archive->len, archive->file), archive->len);
    (void)fclose(archive->file);
}

static enum barq_status import(const struct archive *archive)
{
    const struct bm_import_options options = {
        .list_name = "list", .template = "none", .now_ms = 1000};

    enum barq_status status =
        bm_import_bytes(session, &options, archive->bytes, archive->len, &report, &err);
    free(archive->bytes);
    return status;
}

static void assert_failure(const char *member, const char *reason)
{
    for (size_t i = 0; i < report.n_failures; i++) {
        if (strcmp(report.failures[i].member, member) == 0 &&
            strstr(report.failures[i].reason, reason)) {
            return;
        }
    }
    fail_msg("%s has not failed with %s", member, reason);
}

/* -- a Takeout -- */

#define TAKEOUT "Takeout/YouTube and YouTube Music/"

static void add_takeout(struct archive *archive)
{
    add_text(archive, "Takeout/archive_browser.html", "<html><a href=\"x\">Takeout</a></html>");
    add_data(archive, TAKEOUT "playlists/Watch later-videos.csv",
             "takeout/en-new/playlists/Watch later-videos.csv");
    add_data(archive, TAKEOUT "playlists/Learning, Python-videos.csv",
             "takeout/en-new/playlists/Learning, Python-videos.csv");
    add_data(archive, TAKEOUT "playlists/playlists.csv", "takeout/en-new/playlists/playlists.csv");
    add_data(archive, TAKEOUT "playlists/Empty-videos.csv", "takeout/empty/Empty-videos.csv");
    add_data(archive,
             TAKEOUT "listas/Mis favoritos-v\xc3\xad"
                     "deos.csv",
             "takeout/es-new/listas de reproducci\xc3\xb3n/Mis favoritos-v\xc3\xad"
             "deos.csv");
    add_data(archive, TAKEOUT "playlists/Road trip.csv", "takeout/en-old/playlists/Road trip.csv");
    add_data(archive, TAKEOUT "subscriptions/subscriptions.csv", "intake/subscriptions.csv");
    add_data(archive, TAKEOUT "history/watch-history.json", "intake/watch_history.json");
    add(archive, TAKEOUT "videos/mine.mp4", 0,
        "\0\0\0\x20"
        "ftypisom\0\xff\xfe\xfd",
        16);
}

static const char *query(const char *sql)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *all = "";
    bool more = true;

    check(barq_query(session, sql, BARQ_NO_PARAMS, &rows, &err), &err);
    for (;;) {
        check(barq_rows_next(rows, &more, &err), &err);
        if (!more) {
            return all;
        }
        all = bq_arena_format(&arena, "%s%s%s", all, *all ? "|" : "", barq_column_text(rows, 0));
    }
}

static void a_whole_takeout_is_its_playlists(void **state)
{
    (void)state;
    struct archive archive;
    begin(&archive);
    add_takeout(&archive);
    end(&archive);

    check(import(&archive), &err);
    assert_int_equal(report.added + report.present, 120 + 30 + 12 + 20);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.expanding, 0);
    assert_true(report.skipped > 0);
    assert_string_equal(query("SELECT name FROM tags ORDER BY name_key"),
                        "Learning, Python|Mis favoritos|Road trip|Watch later");
}

static void an_archive_within_is_not_opened(void **state)
{
    (void)state;
    struct archive inner;
    struct archive archive;
    begin(&inner);
    add_text(&inner, "a.csv", VIDEO);
    end(&inner);
    begin(&archive);
    add(&archive, "inner.zip", 0, inner.bytes, inner.len);
    add_text(&archive, "b.csv", "url\n" ID1 "\n");
    end(&archive);
    free(inner.bytes);

    check(import(&archive), &err);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.skipped, 1);
}

/* -- harm -- */

static void names_that_lead_out_are_refused_and_nothing_is_written(void **state)
{
    (void)state;
    static const char *const names[] = {
        "../out.csv", "a/../../out.csv", "/etc/out.csv", "..\\out.csv", "C:out.csv", "a/..",
    };
    struct archive archive;
    begin(&archive);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        add_text(&archive, names[i], VIDEO);
    }
    add_text(&archive, "line\nbreak.csv", VIDEO);
    add_text(&archive, "not \xff text.csv", VIDEO);
    add_text(&archive, "good..csv", "url\n" ID1 "\n");
    end(&archive);

    check(import(&archive), &err);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.failed, 8);
    assert_failure("../out.csv", "leads out");
    assert_failure("file 7", "no text");
}

static void links_and_devices_are_refused(void **state)
{
    (void)state;
    static const char target[] = "/etc/passwd";
    struct archive archive;
    begin(&archive);
    add(&archive, "link.csv", S_IFLNK | 0777, target, strlen(target));
    add(&archive, "pipe.csv", S_IFIFO | 0644, VIDEO, strlen(VIDEO));
    add(&archive, "plain.csv", S_IFREG | 0644, VIDEO, strlen(VIDEO));
    end(&archive);

    check(import(&archive), &err);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.failed, 2);
    assert_failure("link.csv", "a link");
}

static void a_bomb_is_put_out(void **state)
{
    (void)state;
    enum { BIG = 32 * 1024 * 1024, SMALL = 128 * 1024 };
    bq_auto(memory) char *zeros = malloc(BIG);
    struct archive archive;
    assert_non_null(zeros);
    memset(zeros, '\n', BIG);
    memcpy(zeros, VIDEO, sizeof(VIDEO) - 1);
    begin(&archive);
    add(&archive, "bomb.csv", 0, zeros, BIG);
    end(&archive);
    assert_true(archive.len < SMALL);

    assert_int_equal(import(&archive), BARQ_ERR_LIMIT);
    assert_non_null(strstr(err.text, "unpacks to more than can be right"));
}

static void too_many_files_are_too_many(void **state)
{
    (void)state;
    struct archive archive;
    begin(&archive);
    for (int i = 0; i < 20001; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d.txt", i);
        add(&archive, name, 0, "", 0);
    }
    end(&archive);

    assert_int_equal(import(&archive), BARQ_ERR_LIMIT);
    assert_non_null(strstr(err.text, "more than 20000 files"));
}

/* The first member's data, of which the directory says another sum. */
static void damage_costs_its_own_member(void **state)
{
    (void)state;
    struct archive archive;
    begin(&archive);
    add_text(&archive, "a.csv", VIDEO);
    add_text(&archive, "b.csv", "url\n" ID1 "\n");
    end(&archive);
    char *data = memmem(archive.bytes, archive.len, "a.csv", 5);
    assert_non_null(data);
    memset(data + 5 + 4, 0xff, 8);

    check(import(&archive), &err);
    assert_int_equal(report.added, 1);
    assert_failure("a.csv", "damaged");
    assert_string_equal(query("SELECT youtube_id FROM videos"), ID1);
}

static void half_an_archive_is_none(void **state)
{
    (void)state;
    struct archive archive;
    begin(&archive);
    add_takeout(&archive);
    end(&archive);
    archive.len /= 2;

    assert_int_equal(import(&archive), BARQ_ERR_FORMAT);
    assert_non_null(strstr(err.text, "damaged or not whole"));
    assert_string_equal(query("SELECT name FROM lists"), "");
}

static void an_encrypted_file_says_so(void **state)
{
    (void)state;
    struct archive archive;
    begin(&archive);
    add_text(&archive, "a.csv", VIDEO);
    end(&archive);
    char *entry = memmem(archive.bytes, archive.len, "PK\1\2", 4);
    assert_non_null(entry);
    entry[8] |= 1;

    check(import(&archive), &err);
    assert_failure("a.csv", "encrypted");
}

/* -- folders -- */

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(folder_text("%s/in/%s", folder_path(), name), "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void a_folder_is_read_file_by_file_and_no_link_is_followed(void **state)
{
    (void)state;
    const struct bm_import_options options = {
        .list_name = "list", .template = "none", .now_ms = 1000};
    assert_int_equal(mkdir(folder_text("%s/in", folder_path()), 0700), 0);
    assert_int_equal(mkdir(folder_text("%s/in/more", folder_path()), 0700), 0);
    put_file("one.info.json",
             "{\"id\": \"" ID0 "\", \"webpage_url\": \"https://youtu.be/" ID0 "\"}");
    put_file("more/two.txt", "https://youtu.be/" ID1 "\nhttps://youtu.be/" ID0 "\n");
    put_file("picture.jpg", "\xff\xd8\xff\xe0 no text");
    put_file(".hidden.txt", "https://youtu.be/aaaaaaaaa_2\n");
    assert_int_equal(symlink("/etc/passwd", folder_text("%s/in/link.txt", folder_path())), 0);

    check(bm_import_folder(session, &options, folder_text("%s/in", folder_path()), &report, &err),
          &err);
    assert_int_equal(report.added, 2);
    assert_int_equal(report.present, 1);
    assert_int_equal(report.skipped, 2);
    assert_string_equal(report.list_name, "list");
}

#define ARCHIVE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARCHIVE_TEST(a_whole_takeout_is_its_playlists),
        ARCHIVE_TEST(an_archive_within_is_not_opened),
        ARCHIVE_TEST(names_that_lead_out_are_refused_and_nothing_is_written),
        ARCHIVE_TEST(links_and_devices_are_refused),
        ARCHIVE_TEST(a_bomb_is_put_out),
        ARCHIVE_TEST(too_many_files_are_too_many),
        ARCHIVE_TEST(damage_costs_its_own_member),
        ARCHIVE_TEST(half_an_archive_is_none),
        ARCHIVE_TEST(an_encrypted_file_says_so),
        ARCHIVE_TEST(a_folder_is_read_file_by_file_and_no_link_is_followed),
    };

    return cmocka_run_group_tests_name("bookmarks/archives", tests, NULL, NULL);
}
