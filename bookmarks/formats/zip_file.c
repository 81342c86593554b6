#include "formats/zip_file.h"

static voidpf on_open(voidpf file, const void *name, int mode)
{
    (void)name;
    (void)mode;
    return file;
}

static uLong on_read(voidpf file, voidpf stream, void *out, uLong len)
{
    (void)file;
    return (uLong)fread(out, 1, len, stream);
}

static uLong on_write(voidpf file, voidpf stream, const void *bytes, uLong len)
{
    (void)file;
    return (uLong)fwrite(bytes, 1, len, stream);
}

static ZPOS64_T on_tell(voidpf file, voidpf stream)
{
    (void)file;
    return (ZPOS64_T)ftello(stream);
}

static long on_seek(voidpf file, voidpf stream, ZPOS64_T offset, int origin)
{
    static const int whence[] = {[ZLIB_FILEFUNC_SEEK_SET] = SEEK_SET,
                                 [ZLIB_FILEFUNC_SEEK_CUR] = SEEK_CUR,
                                 [ZLIB_FILEFUNC_SEEK_END] = SEEK_END};

    (void)file;
    return fseeko(stream, (off_t)offset, whence[origin]);
}

static int on_close(voidpf file, voidpf stream)
{
    (void)file;
    (void)stream;
    return 0;
}

static int on_error(voidpf file, voidpf stream)
{
    (void)file;
    return ferror((FILE *)stream);
}

zlib_filefunc64_def bm_zip_calls(FILE *file)
{
    return (zlib_filefunc64_def){.zopen64_file = on_open,
                                 .zread_file = on_read,
                                 .zwrite_file = on_write,
                                 .ztell64_file = on_tell,
                                 .zseek64_file = on_seek,
                                 .zclose_file = on_close,
                                 .zerror_file = on_error,
                                 .opaque = file};
}
