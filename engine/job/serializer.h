/*
 * serializer.h - in which format a job is written.
 */
#ifndef BQ_JOB_SERIALIZER_H
#define BQ_JOB_SERIALIZER_H

#include "codec/codec.h"

/*
 * The one that was asked for; NULL: that of BARQ_SERIALIZER, or `otherwise`, where nobody says.
 *
 * BARQ_ERR_ARG  there is none of that name; the error names those that there are
 */
enum barq_status bq_serializer_find(const char *name, const struct bq_codec *otherwise,
                                    const struct bq_codec **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
