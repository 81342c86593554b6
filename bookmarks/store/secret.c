#include "store/secret.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

/* As strong as OWASP asks for (2^14, 8, 5), in the least memory of its choices. */
enum { SCRYPT_LOG_N = 14, SCRYPT_R = 8, SCRYPT_P = 5, SCRYPT_MEMORY_MAX = 64 * 1024 * 1024 };
enum { SALT_BYTES = 16, HASH_BYTES = 32 };

static const char plain[] = "sha256$";

void bm_secret_new(char out[BM_SECRET_BYTES])
{
    unsigned char bytes[(BM_SECRET_BYTES - 1) / 2];

    bq_random(bytes, sizeof(bytes));
    bq_hex(bytes, sizeof(bytes), out);
}

void bm_hash_bytes(const void *bytes, size_t len, char out[BM_SECRET_HASH_BYTES])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;

    int done = EVP_Digest(bytes, len, hash, &hash_len, EVP_sha256(), NULL);
    assert(done == 1 && hash_len == HASH_BYTES);
    bq_hex(hash, HASH_BYTES, out);
}

void bm_secret_hash(const char *secret, char out[BM_SECRET_HASH_BYTES])
{
    bm_hash_bytes(secret, strlen(secret), out);
}

/* -- scrypt -- */

struct cost {
    unsigned log_n;
    unsigned r;
    unsigned p;
};

static enum barq_status scrypt(const char *password, const char *salt, struct cost cost,
                               char out[2 * HASH_BYTES + 1], struct barq_error *err)
{
    unsigned char hash[HASH_BYTES];
    uint64_t n = UINT64_C(1) << cost.log_n;
    uint64_t most = SCRYPT_MEMORY_MAX;
    /* OpenSSL has no const here, but only reads. */
    union {
        const char *ours;
        char *theirs;
    } pass = {.ours = password}, salted = {.ours = salt};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, pass.theirs, strlen(password)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salted.theirs, strlen(salt)),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_SCRYPT_R, &cost.r),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_SCRYPT_P, &cost.p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;

    int done = context ? EVP_KDF_derive(context, hash, sizeof(hash), params) : 0;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    if (done != 1) {
        return bq_fail(err, BARQ_ERR_NOMEM, "password: scrypt failed");
    }
    bq_hex(hash, sizeof(hash), out);
    return BARQ_OK;
}

enum barq_status bm_verifier_make(const char *password, char out[BM_VERIFIER_BYTES],
                                  struct barq_error *err)
{
    struct cost cost = {.log_n = SCRYPT_LOG_N, .r = SCRYPT_R, .p = SCRYPT_P};
    unsigned char random[SALT_BYTES];
    char salt[2 * SALT_BYTES + 1];
    char hash[2 * HASH_BYTES + 1];
    size_t len = strnlen(password, BM_PASSWORD_MOST_BYTES + 1);
    if (len < BM_PASSWORD_LEAST_BYTES || len > BM_PASSWORD_MOST_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG, "password: it must have %d to %d bytes",
                       BM_PASSWORD_LEAST_BYTES, BM_PASSWORD_MOST_BYTES);
    }

    bq_random(random, sizeof(random));
    bq_hex(random, sizeof(random), salt);
    enum barq_status status = scrypt(password, salt, cost, hash, err);
    if (status == BARQ_OK) {
        snprintf(out, BM_VERIFIER_BYTES, "scrypt$%u$%u$%u$%s$%s", cost.log_n, cost.r, cost.p, salt,
                 hash);
    }
    return status;
}

void bm_verifier_of_plain(const char *password, char out[BM_VERIFIER_BYTES])
{
    char hash[BM_SECRET_HASH_BYTES];

    bm_secret_hash(password, hash);
    snprintf(out, BM_VERIFIER_BYTES, "%s%s", plain, hash);
}

static bool equal(const char *a, const char *b)
{
    size_t len = strlen(a);

    return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

enum barq_status bm_verifier_check(const char *verifier, const char *password, bool *right,
                                   struct barq_error *err)
{
    struct cost cost;
    char salt[2 * SALT_BYTES + 1];
    char stored[2 * HASH_BYTES + 1];
    char hash[BM_SECRET_HASH_BYTES];

    if (bq_starts_with(verifier, plain)) {
        bm_secret_hash(password, hash);
        *right = equal(verifier + sizeof(plain) - 1, hash);
        return BARQ_OK;
    }
    if (sscanf(verifier, "scrypt$%2u$%2u$%2u$%32[0-9a-f]$%64[0-9a-f]", &cost.log_n, &cost.r,
               &cost.p, salt, stored) != 5 ||
        cost.log_n > 20 || strlen(stored) != sizeof(stored) - 1) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "password: what is stored is none: set a new one");
    }
    enum barq_status status = scrypt(password, salt, cost, hash, err);
    if (status == BARQ_OK) {
        *right = equal(stored, hash);
    }
    return status;
}
