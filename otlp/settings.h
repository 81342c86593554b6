/*
 * settings.h - what OpenTelemetry's environment variables say to an exporter of spans over HTTP.
 */
#ifndef OTLP_SETTINGS_H
#define OTLP_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { OTLP_HEADERS_MAX = 32, OTLP_ATTRIBUTES_MAX = 64 };

struct otlp_pair {
    const char *name;
    const char *value; /* percent-decoded */
};

/* All in the arena, or in the environment. */
struct otlp_settings {
    const char *url;            /* that spans are posted to */
    const char *const *headers; /* "Name: value", ended by a NULL; secret */
    const struct otlp_pair
        *attributes; /* of the resource: who it is that tells; its service.name is the first */
    size_t n_attributes;
    int64_t timeout_ms; /* of one request */
    int64_t delay_ms;   /* a span waits at most so long for others to go with it, */
    size_t batch_max;   /* and at most so many go together */
};

/* BARQ_ERR_ARG: one of them makes no sense; the error names it, and quotes nothing of it. */
enum barq_status otlp_settings_read(struct barq_arena *arena, struct otlp_settings *out,
                                    struct barq_error *err) BARQ_MUST_CHECK;

#endif
