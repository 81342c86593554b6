/*
 * certs.h - certificates in the test's folder (folder.h), made by openssl.
 */
#ifndef TESTS_CERTS_H
#define TESTS_CERTS_H

/* NAME.crt, which signs itself, and NAME.key. */
void certs_make_authority(const char *name);
/* NAME.crt, signed by that authority, for a subject's alternative names as "DNS:a,IP:127.0.0.1". */
void certs_make(const char *name, const char *authority, const char *names);
/* The path of NAME.crt or NAME.key, until the folder is removed. */
const char *certs_path(const char *file);

#endif
