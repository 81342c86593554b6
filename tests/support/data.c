#include "support/data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *data_read(const char *path, size_t *len)
{
    const char *root = getenv("SOURCE_ROOT");
    char whole[512];
    assert_non_null(root);
    snprintf(whole, sizeof(whole), "%s/tests/data/%s", root, path);

    FILE *file = fopen(whole, "re");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    *len = fread(text, 1, (size_t)size, file);
    assert_int_equal(*len, size);
    text[*len] = '\0';
    fclose(file);
    return text;
}
