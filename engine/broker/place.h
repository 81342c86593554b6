/*
 * place.h - whether another worker on this machine lives, so that the jobs of
 * a dead one need not wait for the end of its lease.
 *
 * A worker holds a socket of the abstract namespace, named by its token: the
 * kernel frees it whatever ends the process. Names are seen within one network
 * namespace, so a place is that, of this boot of the kernel.
 */
#ifndef BQ_BROKER_PLACE_H
#define BQ_BROKER_PLACE_H

#include <stdbool.h>

#include "base/error.h"

enum { BQ_PLACE_BYTES = 96, BQ_TOKEN_BYTES = 17 };

/* "" when it cannot be known: then nobody is looked after. */
void bq_place_name(char out[BQ_PLACE_BYTES]);
/* Takes the name of `token`; closing `*fd` frees it. BARQ_ERR_BUSY: somebody has it. */
enum barq_status bq_place_take(const char *token, int *fd, struct barq_error *err) BARQ_MUST_CHECK;
/* Has nobody of this place its name? */
bool bq_place_is_free(const char *token);

#endif
