/*
 * show.h - a value as one line that tells all of it, much as Python would:
 *
 *     [None, 1, 1.0, 'text', b'00ff', (2,), <3>, {'k': True}, datetime(-5, 60), uuid.UUID('...')]
 *
 * Text is shown with escapes of the form \xNN for all bytes that are not printable ASCII.
 */
#ifndef TESTS_CODEC_SHOW_H
#define TESTS_CODEC_SHOW_H

#include <barq/value.h>

#include "base/buf.h"

void show(struct bq_buf *out, const struct barq_value *value);

#endif
