/*
 * zip_file.h - lets minizip read and write a file that is open.
 */
#ifndef BM_ZIP_FILE_H
#define BM_ZIP_FILE_H

#include <minizip/ioapi.h>
#include <stdio.h>

/* For unzOpen2_64() and zipOpen2_64(); `file` stays the caller's. */
zlib_filefunc64_def bm_zip_calls(FILE *file);

#endif
