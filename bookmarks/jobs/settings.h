/*
 * settings.h - with what keys and models a job asks the outside: what the person has set, and the
 * environment above it (store/options.h).
 */
#ifndef BM_JOBS_SETTINGS_H
#define BM_JOBS_SETTINGS_H

#include <barq/session.h>

#include "services/settings.h"

/* Its text is in `arena`, or the environment's. */
enum barq_status bm_services_of(struct barq_session *session, struct barq_arena *arena,
                                struct bm_services_settings *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* What may be spent a day, in millionths of a US dollar; 0: anything. */
enum barq_status bm_daily_budget(struct barq_session *session, struct barq_arena *arena,
                                 int64_t *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif
