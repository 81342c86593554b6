#include "services/model_call.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

void bm_model_said(const char *message, const char *key, char out[BM_MODEL_SAID_BYTES])
{
    size_t len =
        bq_utf8_cut(message, strnlen(message, BM_MODEL_SAID_BYTES), BM_MODEL_SAID_BYTES - 1);
    bool secret = key && *key && strstr(message, key);

    if (secret || !bq_utf8_valid(message, len)) {
        len = 0;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)(iscntrl((unsigned char)message[i]) ? ' ' : message[i]);
    }
    out[len] = '\0';
}
