/*
 * grown.h - tables that have grown by a great deal at once.
 */
#ifndef BM_GROWN_H
#define BM_GROWN_H

#include <stdint.h>

#include <barq/session.h>

/*
 * After so many videos were added, in no transaction: PostgreSQL counts what is in the tables. Until its own
 * vacuum comes by, a minute later, it would take them for as good as empty, and go through a whole list for each
 * video that it looks up. SQLite has no need of it, nor do a few videos. A failure costs that minute, nothing else.
 */
enum barq_status bm_tables_grown(struct barq_session *session, int64_t added,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif
