#include "export/markup.h"

void bm_put_markup(FILE *file, const char *text)
{
    for (const char *at = text ? text : ""; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '&') {
            fputs("&amp;", file);
        } else if (byte == '<') {
            fputs("&lt;", file);
        } else if (byte == '>') {
            fputs("&gt;", file);
        } else if (byte == '"') {
            fputs("&quot;", file);
        } else if (byte >= ' ' || byte == '\n' || byte == '\t') {
            fputc(byte, file);
        }
    }
}
