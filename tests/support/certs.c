#include "support/certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/folder.h"

const char *certs_path(const char *file)
{
    return folder_text("%s/%s", folder_path(), file);
}

/* The names in it are ours, so a shell does no harm. */
static void run(const char *command)
{
    if (system(command) != 0) { /* NOLINT(cert-env33-c): a test's own words */
        fail_msg("%s", command);
    }
}

void certs_make_authority(const char *name)
{
    run(folder_text("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                    "-keyout %s.key -out %s.crt -days 2 -subj /CN=%s 2>%s.log && chmod a+r %s.key",
                    folder_path(), name, name, name, name, name));
}

void certs_make(const char *name, const char *authority, const char *names)
{
    run(folder_text("cd %s && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                    "-keyout %s.key -subj /CN=%s -addext subjectAltName=%s 2>%s.log | "
                    "openssl x509 -req -CA %s.crt -CAkey %s.key -CAcreateserial -days 2 "
                    "-copy_extensions copy -out %s.crt 2>>%s.log && chmod a+r %s.key",
                    folder_path(), name, name, names, name, authority, authority, name, name,
                    name));
}
