#include "formats/bars.h"

#include <stddef.h>

char *bm_bars_next(char **at)
{
    char *text = *at;
    char *out = text;
    char *in = text;
    if (!text) {
        return NULL;
    }

    while (*in != '\0' && *in != '|') {
        in += *in == '\\' && (in[1] == '|' || in[1] == '\\');
        *out++ = *in++;
    }
    *at = *in == '|' ? in + 1 : NULL;
    *out = '\0';
    return text;
}
