/*
 * secret.h - what is kept of passwords and tokens: never themselves.
 *
 * A token is long and random, so its SHA-256 is enough. A password is not:
 * it is kept as scrypt makes it, slowly (16 MiB and about 0.2 s for a guess).
 */
#ifndef BM_SECRET_H
#define BM_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

enum {
    BM_SECRET_BYTES = 49,      /* 192 random bits in hexadecimal, and a NUL */
    BM_SECRET_HASH_BYTES = 65, /* SHA-256 in hexadecimal, and a NUL */
    BM_VERIFIER_BYTES = 160,
    BM_PASSWORD_LEAST_BYTES = 8,
    BM_PASSWORD_MOST_BYTES = 1024,
};

void bm_secret_new(char out[BM_SECRET_BYTES]);
void bm_secret_hash(const char *secret, char out[BM_SECRET_HASH_BYTES]);
void bm_hash_bytes(const void *bytes, size_t len, char out[BM_SECRET_HASH_BYTES]);

/*
 * What a password is verified by: "scrypt$14$8$5$SALT$HASH" with a new salt.
 *
 * BARQ_ERR_ARG  a password has BM_PASSWORD_LEAST_BYTES to BM_PASSWORD_MOST_BYTES
 */
enum barq_status bm_verifier_make(const char *password, char out[BM_VERIFIER_BYTES],
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* The same for a password that is in the environment, and so no secret from whoever runs this. */
void bm_verifier_of_plain(const char *password, char out[BM_VERIFIER_BYTES]);
/*
 * Takes as long for a wrong one as for the right one.
 *
 * BARQ_ERR_CORRUPT  `verifier` is none
 */
enum barq_status bm_verifier_check(const char *verifier, const char *password, bool *right,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif
