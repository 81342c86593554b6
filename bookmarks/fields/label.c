#include "fields/label.h"

#include <string.h>

#include "base/text.h"

/* Those of ASCII, and those of Latin-1 as UTF-8 has them. */
static bool is_control(const char *at)
{
    unsigned char byte = (unsigned char)*at;

    return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && (unsigned char)at[1] < 0xa0);
}

static bool is_clean(const char *text, size_t max_bytes, const char *allowed)
{
    size_t len = strnlen(text, max_bytes + 1);
    bool clean = len <= max_bytes && bq_utf8_valid(text, len);

    for (const char *at = text; clean && *at != '\0'; at++) {
        clean = !is_control(at) || strchr(allowed, *at) != NULL;
    }
    return clean;
}

bool bm_is_label(const char *text, size_t max_bytes)
{
    return *text != '\0' && is_clean(text, max_bytes, "");
}

bool bm_is_prose(const char *text, size_t max_bytes)
{
    return is_clean(text, max_bytes, "\t\r\n");
}
