#include "web/auth.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/place.h"

/* -- the password -- */

static enum barq_status read_file(const char *path, char *out, size_t room, struct barq_error *err)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return bq_fail_errno(err, "web: cannot open the file of the password, %s", path);
    }

    bool has_line = fgets(out, (int)room, file) != NULL;
    (void)fclose(file);
    if (!has_line) {
        return bq_fail(err, BARQ_ERR_ARG, "web: the file of the password is empty");
    }
    out[strcspn(out, "\r\n")] = '\0';
    return BARQ_OK;
}

enum barq_status bw_auth_init(struct bw_auth *auth, const char *file, struct barq_error *err)
{
    char given[BW_PASSWORD_MOST_BYTES + 3] = ""; /* so that one that is too long is seen to be */
    const char *variable = getenv("BARQ_WEB_PASSWORD");

    *auth = (struct bw_auth){.password = ""};
    enum barq_status status = file ? read_file(file, given, sizeof(given), err) : BARQ_OK;
    if (status != BARQ_OK) {
        return status;
    }
    const char *password = file ? given : variable ? variable : "";
    size_t len = strlen(password);
    if ((file || len > 0) && (len < BW_PASSWORD_LEAST_BYTES || len > BW_PASSWORD_MOST_BYTES)) {
        return bq_fail(err, BARQ_ERR_ARG, "web: a password has %d to %d bytes",
                       BW_PASSWORD_LEAST_BYTES, BW_PASSWORD_MOST_BYTES);
    }
    memcpy(auth->password, password, len + 1);
    return BARQ_OK;
}

/* -- what was sent -- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Base64 into `out`, ended by a NUL; false when it is none, has a NUL in it, or no room. */
static bool decode(const char *text, char *out, size_t room)
{
    size_t len = strcspn(text, "=");
    size_t n = 0;
    unsigned bits = 0;

    if (len % 4 == 1 || strspn(text + len, "=") != strlen(text + len) || strlen(text + len) > 2) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int digit = digit_of(text[i]);
        bits = bits << 6 | ((unsigned)digit & 63);
        if (digit < 0) {
            return false;
        }
        if (i % 4 != 0) {
            char byte = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
            if (byte == '\0' || n + 1 >= room) {
                return false;
            }
            out[n++] = byte;
        }
    }
    out[n] = '\0';
    return true;
}

/* Whatever is sent, it takes as long. */
static bool is_equal(const char *sent, const char *password)
{
    char padded[BW_PASSWORD_MOST_BYTES + 1] = {0};
    volatile unsigned char difference = 0;
    size_t len = strnlen(sent, sizeof(padded) - 1);

    memcpy(padded, sent, len);
    for (size_t i = 0; i < sizeof(padded); i++) {
        difference |= (unsigned char)(padded[i] ^ password[i]);
    }
    return difference == 0 && strlen(sent) == len;
}

/* Any user name will do: there is one owner. */
static bool is_right(const struct bw_auth *auth, const char *header)
{
    static const char scheme[] = "Basic ";
    char pair[2 * BW_PASSWORD_MOST_BYTES];

    if (!header || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0) {
        return false;
    }
    header += sizeof(scheme) - 1;
    if (!decode(header + strspn(header, " "), pair, sizeof(pair))) {
        return false;
    }
    const char *colon = strchr(pair, ':');
    return colon && is_equal(colon + 1, auth->password);
}

/* -- who may -- */

static struct bw_guesser *guesser_of(struct bw_auth *auth, const struct bq_http_call *call,
                                     int64_t now_ms)
{
    const char *sender = bq_http_sender(call);
    size_t slot = (size_t)(bq_hash(sender, strlen(sender)) % BW_GUESSERS);
    struct bw_guesser *guesser = &auth->guessers[call->thread][slot];

    if (now_ms - guesser->since_ms >= BW_GUESSES_MS) {
        *guesser = (struct bw_guesser){.since_ms = now_ms};
    }
    return guesser;
}

enum bw_admitted bw_auth_check(struct bw_auth *auth, const struct bq_http_call *call,
                               int64_t now_ms)
{
    const char *header = bq_http_header(call, "Authorization");
    struct bw_guesser *guesser = guesser_of(auth, call, now_ms);

    if (auth->password[0] == '\0') {
        return BW_ADMITTED;
    }
    if (!header) {
        return BW_NOT_ADMITTED; /* as browsers ask at first: that is no guess */
    }
    if (guesser->count >= BW_GUESSES) {
        return BW_HAS_TO_WAIT;
    }
    if (is_right(auth, header)) {
        return BW_ADMITTED;
    }
    guesser->count++;
    return BW_NOT_ADMITTED;
}
