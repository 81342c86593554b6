/*
 * number.h - doubles as text, whatever the program's locale.
 */
#ifndef BQ_CODEC_NUMBER_H
#define BQ_CODEC_NUMBER_H

#include <stddef.h>

enum { BQ_DOUBLE_TEXT_BYTES = 32 };

/*
 * The shortest of 15, 16 or 17 digits that reads back as the same double, always with a fraction or
 * an exponent: "0.1", "1.0", "-0.0", "1e+22". `number` is finite.
 */
void bq_double_text(double number, char out[BQ_DOUBLE_TEXT_BYTES]);

/* What `text` says, a number in JSON's form; infinite when that is too large for a double. */
double bq_double_parse(const char *text);

#endif
