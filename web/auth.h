/*
 * auth.h - the one password of barq-web (HTTP Basic, so that browsers and Prometheus know how).
 *
 * Each of the server's threads counts the wrong guesses that it has seen, so that they share nothing; an
 * address has so many of them a minute on each.
 */
#ifndef BW_AUTH_H
#define BW_AUTH_H

#include "web/web.h"

enum {
    BW_PASSWORD_LEAST_BYTES = 8,
    BW_PASSWORD_MOST_BYTES = 1024,
    BW_GUESSES = 10,
    BW_GUESSES_MS = 60 * 1000,
    BW_GUESSERS =
        64, /* addresses that are told apart; those that fall together share their guesses */
};

struct bw_guesser {
    int64_t since_ms;
    int count;
};

struct bw_auth {
    char password[BW_PASSWORD_MOST_BYTES + 1]; /* "": none is needed */
    struct bw_guesser guessers[BW_THREADS][BW_GUESSERS];
};

/*
 * From the file's first line, or else from BARQ_WEB_PASSWORD, or else none. The file may be NULL.
 *
 * BARQ_ERR_ARG  it is too short, or too long
 */
enum barq_status bw_auth_init(struct bw_auth *auth, const char *file, struct barq_error *err)
    BARQ_MUST_CHECK;

enum bw_admitted {
    BW_ADMITTED,
    BW_NOT_ADMITTED,
    BW_HAS_TO_WAIT, /* it has guessed too often */
};
enum bw_admitted bw_auth_check(struct bw_auth *auth, const struct bq_http_call *call,
                               int64_t now_ms);

#endif
