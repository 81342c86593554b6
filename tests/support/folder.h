/*
 * folder.h - a temporary folder, for one test at a time.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

/* For cmocka_unit_test_setup_teardown(); anybody may look into the folder. */
int folder_make(void **state);
/* With all that is in it. */
int folder_remove(void **state);
/* The same with any folder. */
int folder_remove_at(const char *at);

/* Where it is. */
const char *folder_path(void);
/* printf-style, on the heap until folder_remove(). */
char *folder_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
