#include "fields/label.h"

#include <locale.h>
#include <string.h>
#include <wctype.h>

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

/* -- without case -- */

/* The character at `text` and how many bytes it has; what is no UTF-8 stands for itself. */
static uint32_t decode(const char *text, size_t *bytes)
{
    static const unsigned char starts[] = {0x00, 0x00, 0xc0, 0xe0, 0xf0};
    unsigned char lead = (unsigned char)*text;
    size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? lead : lead - starts[n];

    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            *bytes = 1;
            return lead;
        }
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    *bytes = n;
    return code;
}

static size_t encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char starts[] = {0x00, 0x00, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(starts[n] | code);
    return n;
}

void bm_label_key(const char *label, char out[BM_LABEL_KEY_BYTES])
{
    /* glibc has this one built in; without it only ASCII would be folded. */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    size_t len = bq_utf8_cut(label, strlen(label), BM_LABEL_MAX_BYTES);
    size_t n = 0;

    for (size_t at = 0, bytes = 1; at < len; at += bytes) {
        uint32_t code = decode(label + at, &bytes);
        uint32_t lower = utf8 ? (uint32_t)towlower_l((wint_t)code, utf8) : code;
        n += encode(lower < 0x110000 ? lower : code, out + n);
    }
    out[n] = '\0';
    if (utf8) {
        freelocale(utf8);
    }
}
