#include "codec/number.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The C library makes its "C" locale without allocating, so that this neither costs nor fails, and
 * a user's program that has set another one does not get "0,5".
 */
static locale_t plain_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

void bq_double_text(double number, char out[BQ_DOUBLE_TEXT_BYTES])
{
    locale_t plain = plain_locale();
    locale_t before = uselocale(plain);

    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(out, BQ_DOUBLE_TEXT_BYTES - 2, "%.*g", digits, number);
        double again = strtod(out, NULL);
        if (again <= number && again >= number) {
            break;
        }
    }
    uselocale(before);
    freelocale(plain);
    if (!strpbrk(out, ".e")) {
        memcpy(out + strlen(out), ".0", sizeof(".0"));
    }
}

double bq_double_parse(const char *text)
{
    locale_t plain = plain_locale();
    double number = strtod_l(text, NULL, plain);

    freelocale(plain);
    return number;
}
