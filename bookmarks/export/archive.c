#include "export/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "formats/zip_file.h"

enum {
    PIECE_BYTES = 64 * 1024,
    LEVEL = 1 /* of the nine: pages of a database shrink well enough */
};

static void bq_file_drop(FILE **file)
{
    if (*file) {
        (void)fclose(*file);
    }
}

/* A file that is not there yet. */
static FILE *make(const char *path, enum barq_status *status, struct barq_error *err)
{
    bq_auto(fd) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+e");

    if (file) {
        (void)bq_fd_take(&fd);
        *status = BARQ_OK;
    } else if (errno == EEXIST) {
        *status = bq_fail(err, BARQ_ERR_EXISTS, "backup: there is a file %s already", path);
    } else {
        *status = bq_fail_errno(err, "backup: cannot make %s", path);
    }
    return file;
}

/* -- packing -- */

static enum barq_status pack_bytes(zipFile zip, FILE *from, const char *path,
                                   struct barq_error *err)
{
    char piece[PIECE_BYTES];

    for (;;) {
        size_t got = fread(piece, 1, sizeof(piece), from);
        if (got == 0) {
            return ferror(from) ? bq_fail_errno(err, "backup: cannot read %s", path) : BARQ_OK;
        }
        if (zipWriteInFileInZip(zip, piece, (unsigned)got) != ZIP_OK) {
            return bq_fail_errno(err, "backup: cannot write");
        }
    }
}

static enum barq_status pack_file(zipFile zip, const struct bm_archive_file *file,
                                  struct barq_error *err)
{
    bq_auto(file) FILE *from = fopen(file->path, "re");
    if (!from) {
        return bq_fail_errno(err, "backup: cannot open %s", file->path);
    }
    if (zipOpenNewFileInZip64(zip, file->name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, LEVEL,
                              1) != ZIP_OK) {
        return bq_fail_errno(err, "backup: cannot write");
    }

    enum barq_status status = pack_bytes(zip, from, file->path, err);
    if (zipCloseFileInZip(zip) != ZIP_OK && status == BARQ_OK) {
        return bq_fail_errno(err, "backup: cannot write");
    }
    return status;
}

static enum barq_status pack(FILE *out, const struct bm_archive_file *files, size_t count,
                             struct barq_error *err)
{
    zlib_filefunc64_def calls = bm_zip_calls(out);
    zipFile zip = zipOpen2_64("", APPEND_STATUS_CREATE, NULL, &calls);
    enum barq_status status = BARQ_OK;
    if (!zip) {
        return bq_fail(err, BARQ_ERR_NOMEM, "backup: out of memory");
    }

    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = files[i].path ? pack_file(zip, &files[i], err) : BARQ_OK;
    }
    if (zipClose(zip, NULL) != ZIP_OK && status == BARQ_OK) {
        return bq_fail_errno(err, "backup: cannot write");
    }
    return status;
}

enum barq_status bm_archive_write(const char *path, const struct bm_archive_file *files,
                                  size_t count, struct barq_error *err)
{
    enum barq_status status;
    bq_auto(file) FILE *out = make(path, &status, err);
    if (!out) {
        return status;
    }

    status = pack(out, files, count, err);
    if (status == BARQ_OK && (fflush(out) != 0 || fsync(fileno(out)) != 0)) {
        status = bq_fail_errno(err, "backup: cannot write %s", path);
    }
    if (status != BARQ_OK) {
        (void)unlink(path); /* half a backup is none */
    }
    return status;
}

/* -- unpacking -- */

static enum barq_status unpack_bytes(unzFile zip, FILE *to, const char *path,
                                     struct barq_error *err)
{
    char piece[PIECE_BYTES];
    unz_file_info64 info;
    ZPOS64_T unpacked = 0;

    /* When a stream ends too early, minizip does not look at the checksum either. */
    bool known = unzGetCurrentFileInfo64(zip, &info, NULL, 0, NULL, 0, NULL, 0) == UNZ_OK;
    for (;;) {
        int got = unzReadCurrentFile(zip, piece, sizeof(piece));
        unpacked += got > 0 ? (ZPOS64_T)got : 0;
        if (!known || got < 0 || (got == 0 && unpacked != info.uncompressed_size)) {
            return bq_fail(err, BARQ_ERR_CORRUPT, "restore: the backup is damaged");
        }
        if (got == 0) {
            return fflush(to) == 0 ? BARQ_OK : bq_fail_errno(err, "restore: cannot write %s", path);
        }
        if (fwrite(piece, 1, (size_t)got, to) != (size_t)got) {
            return bq_fail_errno(err, "restore: cannot write %s", path);
        }
    }
}

static enum barq_status unpack_file(unzFile zip, const struct bm_archive_file *file,
                                    struct barq_error *err)
{
    enum barq_status status;
    bq_auto(file) FILE *to = make(file->path, &status, err);
    if (!to) {
        return status;
    }
    if (unzOpenCurrentFile(zip) != UNZ_OK) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "restore: the backup is damaged");
    }

    status = unpack_bytes(zip, to, file->path, err);
    if (unzCloseCurrentFile(zip) != UNZ_OK && status == BARQ_OK) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "restore: the backup is damaged");
    }
    return status;
}

enum barq_status bm_archive_read(const char *path, const struct bm_archive_file *files,
                                 size_t count, bool *found, struct barq_error *err)
{
    bq_auto(file) FILE *from = fopen(path, "re");
    if (!from) {
        return bq_fail_errno(err, "restore: cannot open %s", path);
    }
    zlib_filefunc64_def calls = bm_zip_calls(from);
    unzFile zip = unzOpen2_64("", &calls);
    enum barq_status status = BARQ_OK;
    if (!zip) {
        return bq_fail(err, BARQ_ERR_FORMAT, "restore: %s is no backup of bookmarks", path);
    }

    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        found[i] = unzLocateFile(zip, files[i].name, 1) == UNZ_OK;
        status = found[i] ? unpack_file(zip, &files[i], err) : BARQ_OK;
    }
    unzClose(zip);
    return status;
}
