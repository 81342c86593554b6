#include "redis/tls.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

enum { REASON_BYTES = 128 };

struct bq_redis_trust {
    SSL_CTX *context;
    bool any_name;
    bool any_cert;
};

struct bq_redis_tls {
    SSL *ssl;
    BIO *in;  /* from the server; `ssl` owns both */
    BIO *out; /* to the server */
};

/* The oldest error of this thread, which is the cause; the others go. */
static const char *reason(char *out)
{
    unsigned long code = ERR_get_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;

    strncpy(out, text ? text : "no reason given", REASON_BYTES - 1);
    out[REASON_BYTES - 1] = '\0';
    ERR_clear_error();
    return out;
}

static enum barq_status out_of_memory(struct barq_error *err)
{
    ERR_clear_error();
    return bq_fail(err, BARQ_ERR_NOMEM, "no memory for TLS");
}

/* -- what is trusted -- */

static enum barq_status load_authorities(SSL_CTX *context, const char *path, struct barq_error *err)
{
    char why[REASON_BYTES];

    if (*path == '\0') {
        return SSL_CTX_set_default_verify_paths(context) == 1
                   ? BARQ_OK
                   : bq_fail(err, BARQ_ERR_IO, "the system's certificates: %s", reason(why));
    }
    if (SSL_CTX_load_verify_file(context, path) != 1) {
        return bq_fail(err, BARQ_ERR_IO, "no certificates from ssl_ca_certs %s: %s", path,
                       reason(why));
    }
    return BARQ_OK;
}

static enum barq_status load_own(SSL_CTX *context, const struct bq_redis_tls_files *files,
                                 struct barq_error *err)
{
    const char *key = *files->keyfile != '\0' ? files->keyfile : files->certfile;
    char why[REASON_BYTES];

    if (*files->certfile == '\0') {
        return BARQ_OK;
    }
    if (SSL_CTX_use_certificate_chain_file(context, files->certfile) != 1) {
        return bq_fail(err, BARQ_ERR_IO, "no certificate from ssl_certfile %s: %s", files->certfile,
                       reason(why));
    }
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        return bq_fail(err, BARQ_ERR_IO, "no key for ssl_certfile from %s: %s", key, reason(why));
    }
    return BARQ_OK;
}

/* Nobody is asked for a key's password: that would wait at the terminal. */
static int no_password(char *out, int size, int writing, void *unused)
{
    (void)writing;
    (void)unused;
    if (size > 0) {
        out[0] = '\0';
    }
    return -1;
}

enum barq_status bq_redis_trust_new(const struct bq_redis_tls_files *files,
                                    struct bq_redis_trust **out, struct barq_error *err)
{
    struct bq_redis_trust *trust = calloc(1, sizeof(*trust));
    if (!trust) {
        return out_of_memory(err);
    }

    ERR_clear_error();
    trust->any_name = files->any_name;
    trust->any_cert = files->any_cert;
    trust->context = SSL_CTX_new(TLS_client_method());
    if (!trust->context || SSL_CTX_set_min_proto_version(trust->context, TLS1_2_VERSION) != 1) {
        bq_redis_trust_free(trust);
        return out_of_memory(err);
    }
    SSL_CTX_set_default_passwd_cb(trust->context, no_password);
    SSL_CTX_set_mode(trust->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    enum barq_status status =
        trust->any_cert ? BARQ_OK : load_authorities(trust->context, files->ca_certs, err);
    status = status == BARQ_OK ? load_own(trust->context, files, err) : status;
    if (status != BARQ_OK) {
        bq_redis_trust_free(trust);
        return status;
    }
    *out = trust;
    return BARQ_OK;
}

void bq_redis_trust_free(struct bq_redis_trust *trust)
{
    if (trust) {
        SSL_CTX_free(trust->context);
        free(trust);
    }
}

/* -- one connection -- */

static bool is_numeric(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* A hint for the server, by which it picks its certificate. By way of a copy, since OpenSSL's macro takes no const. */
static bool name_host(SSL *ssl, const char *host)
{
    bq_auto(memory) char *copy = strdup(host);

    return copy && SSL_set_tlsext_host_name(ssl, copy) == 1;
}

/* Whom the server has to be. */
static bool expect_host(SSL *ssl, const struct bq_redis_trust *trust, const char *host)
{
    bool numeric = is_numeric(host);

    SSL_set_verify(ssl, trust->any_cert ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (!numeric && !name_host(ssl, host)) {
        return false;
    }
    if (trust->any_name || trust->any_cert) {
        return true;
    }
    return numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1
                   : SSL_set1_host(ssl, host) == 1;
}

enum barq_status bq_redis_tls_new(const struct bq_redis_trust *trust, const char *host,
                                  struct bq_redis_tls **out, struct barq_error *err)
{
    struct bq_redis_tls *tls = calloc(1, sizeof(*tls));
    if (!tls) {
        return out_of_memory(err);
    }

    ERR_clear_error();
    tls->ssl = SSL_new(trust->context);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (!tls->ssl || !tls->in || !tls->out || !expect_host(tls->ssl, trust, host)) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        bq_redis_tls_free(tls);
        return out_of_memory(err);
    }
    /* Empty is not the end: more may come. */
    BIO_set_mem_eof_return(tls->in, -1);
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);
    *out = tls;
    return BARQ_OK;
}

void bq_redis_tls_free(struct bq_redis_tls *tls)
{
    if (tls) {
        SSL_free(tls->ssl);
        free(tls);
    }
}

bool bq_redis_tls_feed(struct bq_redis_tls *tls, const char *bytes, size_t len)
{
    return len <= INT_MAX && BIO_write(tls->in, bytes, (int)len) == (int)len;
}

size_t bq_redis_tls_drain(struct bq_redis_tls *tls, char *bytes, size_t max)
{
    int got = BIO_read(tls->out, bytes, max < INT_MAX ? (int)max : INT_MAX);

    return got > 0 ? (size_t)got : 0;
}

/* -- what goes wrong -- */

static enum barq_status fail_verify(long verdict, struct barq_error *err)
{
    const char *text = X509_verify_cert_error_string(verdict);

    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        return bq_fail(err, BARQ_ERR_CONN,
                       "the server's certificate is for another host (%s): the address has to "
                       "name the host as the certificate does, or ssl_check_hostname=false",
                       text);
    }
    return bq_fail(err, BARQ_ERR_CONN,
                   "the server's certificate is not trusted (%s): ssl_ca_certs names the file "
                   "with the authority that signed it",
                   text);
}

static enum barq_status fail_protocol(struct barq_error *err)
{
    int code = ERR_GET_REASON(ERR_peek_error());
    char why[REASON_BYTES];

    switch (code) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
        return bq_fail(err, BARQ_ERR_CONN,
                       "the server does not answer in TLS (%s): is its port one without, for "
                       "redis://?",
                       reason(why));
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return bq_fail(err, BARQ_ERR_CONN,
                       "the server refuses TLS (%s): it may ask for a client's certificate, "
                       "which ssl_certfile and ssl_keyfile name",
                       reason(why));
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        return bq_fail(err, BARQ_ERR_CONN,
                       "the server does not trust the certificate of ssl_certfile (%s)",
                       reason(why));
    default:
        return bq_fail(err, BARQ_ERR_CONN, "TLS failed: %s", reason(why));
    }
}

/* What a call of OpenSSL meant that has done nothing; `*ended` may be NULL. */
static enum barq_status judge(struct bq_redis_tls *tls, int result, bool *ended,
                              struct barq_error *err)
{
    int code = SSL_get_error(tls->ssl, result);
    long verdict = SSL_get_verify_result(tls->ssl);

    if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) {
        return BARQ_OK;
    }
    if (code == SSL_ERROR_ZERO_RETURN && ended) {
        *ended = true;
        return BARQ_OK;
    }
    bool is_asked = SSL_get_verify_mode(tls->ssl) != SSL_VERIFY_NONE;
    if (is_asked && verdict != X509_V_OK && !SSL_is_init_finished(tls->ssl)) {
        ERR_clear_error();
        return fail_verify(verdict, err);
    }
    return fail_protocol(err);
}

enum barq_status bq_redis_tls_greet(struct bq_redis_tls *tls, bool *done, struct barq_error *err)
{
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);

    *done = result == 1;
    return result == 1 ? BARQ_OK : judge(tls, result, NULL, err);
}

enum barq_status bq_redis_tls_read(struct bq_redis_tls *tls, char *bytes, size_t max, size_t *len,
                                   bool *ended, struct barq_error *err)
{
    ERR_clear_error();
    int result = SSL_read_ex(tls->ssl, bytes, max, len);
    if (result == 1) {
        return BARQ_OK;
    }
    *len = 0;
    return judge(tls, result, ended, err);
}

enum barq_status bq_redis_tls_write(struct bq_redis_tls *tls, const char *bytes, size_t len,
                                    size_t *written, struct barq_error *err)
{
    ERR_clear_error();
    int result = SSL_write_ex(tls->ssl, bytes, len, written);
    if (result == 1) {
        return BARQ_OK;
    }
    *written = 0;
    return judge(tls, result, NULL, err);
}
