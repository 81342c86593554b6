/*
 * settings.h - what is set from inside the application, by key. A secret is
 * written and used, and never shown again.
 */
#ifndef BM_SETTINGS_H
#define BM_SETTINGS_H

#include <barq/session.h>

#include "base/arena.h"

/* NULL when it is not set; in `arena`. */
enum barq_status bm_setting(struct barq_session *session, const char *key, struct barq_arena *arena,
                            const char **out, struct barq_error *err) BARQ_MUST_CHECK;
/* In a transaction for writing; `value` NULL or "": it is not set any more. */
enum barq_status bm_setting_put(struct barq_session *session, const char *key, const char *value,
                                bool is_secret, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
