/*
 * data.h - the files of tests/data, from a C test.
 */
#ifndef TESTS_DATA_H
#define TESTS_DATA_H

#include <stddef.h>

/* The whole of SOURCE_ROOT/tests/data/PATH, ended by a NUL; freed by the caller. Fails the test. */
char *data_read(const char *path, size_t *len);

#endif
