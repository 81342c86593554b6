/*
 * environment.h - where the application's data is.
 */
#ifndef BM_ENVIRONMENT_H
#define BM_ENVIRONMENT_H

#include <barq/error.h>

/*
 * Puts BARQ_URL and DATABASE_URL into the environment, unless they are there:
 * queue.db and data.db in the data folder, which is BOOKMARKS_DATA, or else
 * $XDG_DATA_HOME/bookmarks, or else ~/.local/share/bookmarks. Makes the folder
 * when it is needed. Call it while the process has one thread.
 */
enum barq_status bm_environment_prepare(struct barq_error *err) BARQ_MUST_CHECK;

#endif
