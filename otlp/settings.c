#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MS_MAX = 24 * 3600 * 1000, BATCH_MAX = 10000 };

/* An empty one is as good as none. */
static const char *said(const char *variable)
{
    const char *text = getenv(variable);

    return text && text[0] != '\0' ? text : NULL;
}

/* The variable of the traces alone, else that of all that is exported. */
static const char *either(const char *of_traces, const char *of_all)
{
    const char *text = said(of_traces);

    return text ? text : said(of_all);
}

static enum barq_status read_url(struct barq_arena *arena, struct otlp_settings *out,
                                 struct barq_error *err)
{
    const char *own = said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    const char *base = said("OTEL_EXPORTER_OTLP_ENDPOINT");

    if (!own && !base) {
        return bq_fail(err, BARQ_ERR_ARG, "OTEL_EXPORTER_OTLP_ENDPOINT is not set");
    }
    if (own) {
        out->url = own;
    } else {
        size_t len = strlen(base);
        out->url = bq_arena_format(arena, "%s%sv1/traces", base, base[len - 1] == '/' ? "" : "/");
    }
    if (!out->url) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    if (!bq_starts_with(out->url, "http://") && !bq_starts_with(out->url, "https://")) {
        return bq_fail(err, BARQ_ERR_ARG, "%s is not an http:// or https:// URL",
                       own ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT");
    }
    return BARQ_OK;
}

static char *trimmed(char *text)
{
    text += strspn(text, " \t");
    for (size_t len = strlen(text); len > 0 && strchr(" \t", text[len - 1]); len--) {
        text[len - 1] = '\0';
    }
    return text;
}

/* "name=value,name=value", the values percent-encoded. */
static enum barq_status read_pairs(struct barq_arena *arena, const char *variable, const char *text,
                                   struct otlp_pair *pairs, size_t max, size_t *count,
                                   struct barq_error *err)
{
    char *rest = bq_arena_strdup(arena, text);
    char *one;

    if (!rest) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    while ((one = strsep(&rest, ",")) != NULL) {
        char *value = strchr(one, '=');
        if (*trimmed(one) == '\0') {
            continue;
        }
        if (!value || *count == max) {
            return bq_fail(err, BARQ_ERR_ARG, "%s is not a list of at most %zu name=value",
                           variable, max);
        }
        *value++ = '\0';
        char *name = trimmed(one);
        value = trimmed(value);
        if (name[0] == '\0' || !bq_percent_decode(value) || !bq_utf8_valid(name, strlen(name)) ||
            !bq_utf8_valid(value, strlen(value))) {
            return bq_fail(err, BARQ_ERR_ARG, "%s: number %zu has no name, or a broken value",
                           variable, *count + 1);
        }
        pairs[(*count)++] = (struct otlp_pair){.name = name, .value = value};
    }
    return BARQ_OK;
}

static enum barq_status read_headers(struct barq_arena *arena, struct otlp_settings *out,
                                     struct barq_error *err)
{
    static const char json[] = "Content-Type: application/json";
    struct otlp_pair pairs[OTLP_HEADERS_MAX];
    size_t count = 0;
    const char *text = either("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
    const char **headers = bq_arena_array(arena, OTLP_HEADERS_MAX + 2, sizeof(char *));

    if (!headers) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    enum barq_status status = text ? read_pairs(arena, "OTEL_EXPORTER_OTLP_HEADERS", text, pairs,
                                                OTLP_HEADERS_MAX, &count, err)
                                   : BARQ_OK;
    headers[0] = json;
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        headers[i + 1] = bq_arena_format(arena, "%s: %s", pairs[i].name, pairs[i].value);
        if (!headers[i + 1]) {
            return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
        }
    }
    headers[count + 1] = NULL;
    out->headers = headers;
    return status;
}

/* OTEL_SERVICE_NAME goes before a service.name among the attributes. */
static enum barq_status read_attributes(struct barq_arena *arena, struct otlp_settings *out,
                                        struct barq_error *err)
{
    struct otlp_pair *pairs = bq_arena_array(arena, OTLP_ATTRIBUTES_MAX + 1, sizeof(*pairs));
    const char *text = said("OTEL_RESOURCE_ATTRIBUTES");
    const char *service = said("OTEL_SERVICE_NAME");
    size_t count = 1;
    size_t kept = 1;

    if (!pairs) {
        return bq_fail(err, BARQ_ERR_NOMEM, "out of memory");
    }
    enum barq_status status = text ? read_pairs(arena, "OTEL_RESOURCE_ATTRIBUTES", text, pairs,
                                                OTLP_ATTRIBUTES_MAX, &count, err)
                                   : BARQ_OK;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(pairs[i].name, "service.name") != 0) {
            pairs[kept++] = pairs[i];
        } else if (!service) {
            service = pairs[i].value;
        }
    }
    if (service && !bq_utf8_valid(service, strlen(service))) {
        return bq_fail(err, BARQ_ERR_ARG, "OTEL_SERVICE_NAME is no UTF-8");
    }
    pairs[0] = (struct otlp_pair){.name = "service.name", .value = service ? service : "barq"};
    out->attributes = pairs;
    out->n_attributes = kept;
    return status;
}

static enum barq_status read_number(const char *variable, const char *text, int64_t max,
                                    int64_t *out, struct barq_error *err)
{
    int64_t number = 0;

    if (!text) {
        return BARQ_OK;
    }
    if (!bq_parse_int(text, &number) || number < 1 || number > max) {
        return bq_fail(err, BARQ_ERR_ARG, "%s is not a number from 1 to %lld", variable,
                       (long long)max);
    }
    *out = number;
    return BARQ_OK;
}

enum barq_status otlp_settings_read(struct barq_arena *arena, struct otlp_settings *out,
                                    struct barq_error *err)
{
    /* What OpenTelemetry has where nobody says. */
    struct otlp_settings settings = {.timeout_ms = 10000, .delay_ms = 5000};
    int64_t batch_max = 512;
    const char *timeout = either("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
    const char *delay = said("OTEL_BSP_SCHEDULE_DELAY");
    const char *batch = said("OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
    enum barq_status status = read_url(arena, &settings, err);

    if (status != BARQ_OK || (status = read_headers(arena, &settings, err)) != BARQ_OK ||
        (status = read_attributes(arena, &settings, err)) != BARQ_OK ||
        (status = read_number("OTEL_EXPORTER_OTLP_TIMEOUT", timeout, MS_MAX, &settings.timeout_ms,
                              err)) != BARQ_OK ||
        (status = read_number("OTEL_BSP_SCHEDULE_DELAY", delay, MS_MAX, &settings.delay_ms, err)) !=
            BARQ_OK ||
        (status = read_number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", batch, BATCH_MAX, &batch_max,
                              err)) != BARQ_OK) {
        return status;
    }
    settings.batch_max = (size_t)batch_max;
    *out = settings;
    return BARQ_OK;
}
