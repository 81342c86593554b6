#include <errno.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/format.h"
#include "formats/member.h"
#include "formats/reader.h"
#include "formats/zip_file.h"

/*
 * An archive's directory is at its end, so its bytes wait in a file without a
 * name until they are all there. Each file in it then goes through a reader
 * of its own; nothing is ever written under a name that an archive holds.
 */

enum {
    MEMBERS_MAX = 20000,
    NAME_MAX_BYTES = BM_MEMBER_NAME_BYTES - 1,
    READ_BYTES = 64 * 1024,
    RATIO_MAX = 200, /* text shrinks to a twentieth at best */
    RATIO_FROM_BYTES = 16 * 1024 * 1024,
};
#define ARCHIVE_MAX_BYTES  (INT64_C(2) << 30)
#define UNPACKED_MAX_BYTES (INT64_C(2) << 30)

struct zip {
    const struct bm_sink *sink; /* borrowed */
    FILE *file;                 /* the archive */
    int64_t packed;             /* its bytes */
    int64_t unpacked;           /* bytes that came out so far */
    unzFile members;
    struct bm_sink inner; /* of the reader of a member */
    char name[NAME_MAX_BYTES + 1];
    char folder[BM_MEMBER_NAME_BYTES];
    const struct bm_reader *reader; /* of the member at hand */
    ZPOS64_T size;                  /* which it says it has */
    size_t given;                   /* by it */
};

/* -- what is read of a member -- */

static enum barq_status give(void *context, const struct bm_item *item, struct barq_error *err)
{
    struct zip *zip = context;
    struct bm_item whole = *item;
    bool table = strcmp(bm_reader_format(zip->reader), bm_format_table.name) == 0;

    bm_member_item(&whole, zip->name, table, zip->folder);
    zip->given++;
    return zip->sink->item(zip->sink->context, &whole, err);
}

static enum barq_status give_head(void *context, const struct barq_value *head,
                                  struct barq_error *err)
{
    struct zip *zip = context;

    return zip->sink->head ? zip->sink->head(zip->sink->context, head, err) : BARQ_OK;
}

/* Something about the whole member. */
static enum barq_status tell(struct zip *zip, enum bm_reading reading, const char *why,
                             struct barq_error *err)
{
    const struct bm_item item = {
        .reading = reading, .member = zip->name, .why = why, .text = "", .added_at_ms = INT64_MIN};

    return zip->sink->item(zip->sink->context, &item, err);
}

static enum barq_status count_unpacked(struct zip *zip, size_t len, struct barq_error *err)
{
    zip->unpacked += (int64_t)len;
    bool dense = zip->unpacked > RATIO_FROM_BYTES && zip->unpacked / RATIO_MAX > zip->packed;
    if (dense || zip->unpacked > UNPACKED_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT,
                       "import: the archive unpacks to more than can be right; unpack it and "
                       "import the files that you want");
    }
    return BARQ_OK;
}

/* `*damaged`: the archive's own fault; any other failure is the reader's. */
static enum barq_status read_member(struct zip *zip, struct bm_reader *reader, bool *damaged,
                                    struct barq_error *err)
{
    char bytes[READ_BYTES];
    ZPOS64_T unpacked = 0;

    for (;;) {
        int got = unzReadCurrentFile(zip->members, bytes, sizeof(bytes));
        unpacked += got > 0 ? (ZPOS64_T)got : 0;
        /* When a stream ends too early, minizip does not look at the checksum either. */
        *damaged = got < 0 || (got == 0 && unpacked != zip->size);
        if (got <= 0) {
            return *damaged ? BARQ_OK : bm_reader_end(reader, err);
        }
        enum barq_status status = count_unpacked(zip, (size_t)got, err);
        if (status == BARQ_OK) {
            status = bm_reader_push(reader, bytes, (size_t)got, err);
        }
        if (status != BARQ_OK) {
            return status;
        }
    }
}

/* A member that is nothing to us is skipped: photos, settings, pages; one that breaks off has failed. */
static enum barq_status judge_member(struct zip *zip, enum barq_status status, bool damaged,
                                     struct barq_error *err)
{
    struct barq_error why;

    if (damaged) {
        return tell(zip, BM_READ_FAILED, "damaged in the archive", err);
    }
    if (status != BARQ_ERR_FORMAT && status != BARQ_ERR_ARG) {
        return status;
    }
    why = *err;
    const char *text =
        bq_starts_with(why.text, "import: ") ? why.text + strlen("import: ") : why.text;
    return tell(zip, zip->given > 0 ? BM_READ_FAILED : BM_READ_SKIPPED, text, err);
}

static enum barq_status take_member(struct zip *zip, struct barq_error *err)
{
    bm_auto(reader) struct bm_reader *reader = NULL;
    bool damaged = false;
    if (unzOpenCurrentFile(zip->members) != UNZ_OK) {
        return tell(zip, BM_READ_FAILED, "packed in a way that cannot be read", err);
    }

    zip->given = 0;
    zip->inner = (struct bm_sink){zip, give, give_head};
    enum barq_status status = bm_reader_open(&zip->inner, true, &reader, err);
    zip->reader = reader;
    if (status == BARQ_OK) {
        status = read_member(zip, reader, &damaged, err);
    }
    damaged |= unzCloseCurrentFile(zip->members) == UNZ_CRCERROR;
    return judge_member(zip, status, damaged, err);
}

/* -- what is refused before it is read -- */

/* Nothing is written under these names; but who makes such an archive means harm. */
static bool leads_out(const char *name)
{
    const char *at = name;

    if (*name == '/' || strchr(name, '\\') || (*name != '\0' && name[1] == ':')) {
        return true;
    }
    for (; *at != '\0'; at += strcspn(at, "/"), at += *at == '/') {
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool is_clean(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            return false;
        }
    }
    return *name != '\0' && bq_utf8_valid(name, strlen(name));
}

/* The file type that archives made on Unix keep. */
static bool is_plain_file(const unz_file_info64 *info)
{
    unsigned type = (unsigned)(info->external_fa >> 16) & S_IFMT;

    return type == 0 || type == S_IFREG;
}

static enum barq_status take_entry(struct zip *zip, int number, struct barq_error *err)
{
    unz_file_info64 info;
    if (unzGetCurrentFileInfo64(zip->members, &info, zip->name, NAME_MAX_BYTES, NULL, 0, NULL, 0) !=
        UNZ_OK) {
        return bq_fail(err, BARQ_ERR_FORMAT, "import: the archive's directory is damaged");
    }

    size_t len = info.size_filename < NAME_MAX_BYTES ? info.size_filename : NAME_MAX_BYTES;
    zip->name[len] = '\0';
    if (info.size_filename > NAME_MAX_BYTES || strlen(zip->name) != len || !is_clean(zip->name)) {
        snprintf(zip->name, sizeof(zip->name), "file %d", number);
        return tell(zip, BM_READ_FAILED, "a name that is no text, or too long", err);
    }
    if (leads_out(zip->name)) {
        return tell(zip, BM_READ_FAILED, "a name that leads out of the archive", err);
    }
    if (bq_ends_with(zip->name, "/")) {
        return BARQ_OK;
    }
    if (!is_plain_file(&info)) {
        return tell(zip, BM_READ_FAILED, "a link, or no file at all", err);
    }
    if (info.flag & 1) {
        return tell(zip, BM_READ_FAILED, "encrypted", err);
    }
    zip->size = info.uncompressed_size;
    return take_member(zip, err);
}

static enum barq_status take_entries(struct zip *zip, struct barq_error *err)
{
    unz_global_info64 all;

    if (unzGetGlobalInfo64(zip->members, &all) != UNZ_OK || all.number_entry > MEMBERS_MAX) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: more than %d files in the archive",
                       MEMBERS_MAX);
    }
    int found = unzGoToFirstFile(zip->members);
    enum barq_status status = BARQ_OK;
    for (int number = 1; status == BARQ_OK && found == UNZ_OK && number <= MEMBERS_MAX; number++) {
        status = take_entry(zip, number, err);
        if (status == BARQ_OK) {
            found = unzGoToNextFile(zip->members);
        }
    }
    if (status == BARQ_OK && found != UNZ_OK && found != UNZ_END_OF_LIST_OF_FILE) {
        return bq_fail(err, BARQ_ERR_FORMAT, "import: the archive's directory is damaged");
    }
    return status;
}

/* -- the archive -- */

static enum barq_status open_zip(const struct bm_sink *sink, const struct bm_head *head, void **out,
                                 struct barq_error *err)
{
    if (head->inside) {
        return bq_fail(err, BARQ_ERR_FORMAT, "import: an archive within an archive");
    }
    struct zip *zip = calloc(1, sizeof(*zip));
    FILE *file = zip ? tmpfile() : NULL;
    if (!file) {
        free(zip);
        return bq_fail_errno(err, "import: cannot make a temporary file");
    }

    zip->sink = sink;
    zip->file = file;
    *out = zip;
    return BARQ_OK;
}

static void close_zip(void *self)
{
    struct zip *zip = self;

    if (zip) {
        if (zip->members) {
            unzClose(zip->members);
        }
        (void)fclose(zip->file);
        free(zip);
    }
}

static enum barq_status push_zip(void *self, const char *bytes, size_t len, struct barq_error *err)
{
    struct zip *zip = self;

    zip->packed += (int64_t)len;
    if (zip->packed > ARCHIVE_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: an archive of more than 2 GiB");
    }
    if (fwrite(bytes, 1, len, zip->file) != len) {
        return bq_fail_errno(err, "import: cannot write to a temporary file");
    }
    return BARQ_OK;
}

static enum barq_status end_zip(void *self, struct barq_error *err)
{
    struct zip *zip = self;
    zlib_filefunc64_def calls = bm_zip_calls(zip->file);

    if (fflush(zip->file) != 0) {
        return bq_fail_errno(err, "import: cannot write to a temporary file");
    }
    zip->members = unzOpen2_64("", &calls);
    if (!zip->members) {
        return bq_fail(err, BARQ_ERR_FORMAT, "import: a ZIP archive that is damaged or not whole");
    }
    return take_entries(zip, err);
}

const struct bm_format bm_format_zip = {"zip", open_zip, push_zip, end_zip, close_zip};
