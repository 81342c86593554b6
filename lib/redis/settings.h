/*
 * settings.h - the options behind an address's question mark, for address.c.
 */
#ifndef BQ_REDIS_SETTINGS_H
#define BQ_REDIS_SETTINGS_H

#include "redis/address.h"

/* Takes `text` apart and puts the values where they belong in `address`. */
enum barq_status bq_redis_settings_read(struct barq_arena *arena, const char *text,
                                        struct bq_redis_address *address, struct barq_error *err)
    BARQ_MUST_CHECK;

/* A database's number; `what` is how the error calls it. */
enum barq_status bq_redis_db_read(const char *text, const char *what, int *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif
