#include "job/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* version-traceid-spanid-flags, and of a later version what follows another dash */
enum {
    TRACE_AT = 3,
    SPAN_AT = 36,
    FLAGS_AT = 53,
    END_AT = 55,
    LATER_MAX_BYTES = 255,
    STATE_MEMBERS_MAX = 32,
    KEY_MAX_BYTES = 256,
    TENANT_MAX_BYTES = 241,
    SYSTEM_MAX_BYTES = 14,
    VALUE_MAX_BYTES = 256,
};

#define HEX         "0123456789abcdef"
#define KEY_START   "abcdefghijklmnopqrstuvwxyz0123456789"
#define KEY_BYTES   KEY_START "_-*/"
#define STATE_SPACE " \t"

static bool is_hex(const char *text, size_t len)
{
    return strspn(text, HEX) >= len;
}

static bool is_zero(const char *text, size_t len)
{
    return strspn(text, "0") >= len;
}

/* Do its parts stand where they must? */
static bool has_form(const char *text)
{
    size_t len = strnlen(text, LATER_MAX_BYTES + 1);
    bool later = strncmp(text, "00", 2) != 0;

    return len >= END_AT && len <= LATER_MAX_BYTES && text[TRACE_AT - 1] == '-' &&
           text[SPAN_AT - 1] == '-' && text[FLAGS_AT - 1] == '-' &&
           (len == END_AT || (later && text[END_AT] == '-'));
}

bool bq_span_id_valid(const char *id)
{
    const size_t len = BQ_SPAN_ID_BYTES - 1;

    return strnlen(id, BQ_SPAN_ID_BYTES) == len && is_hex(id, len) && !is_zero(id, len);
}

bool bq_trace_read(const char *traceparent, struct bq_trace *out)
{
    const char *text = traceparent;
    const size_t trace_len = BQ_TRACE_ID_BYTES - 1;
    const size_t span_len = BQ_SPAN_ID_BYTES - 1;

    if (!text || !has_form(text) || !is_hex(text, 2) || strncmp(text, "ff", 2) == 0 ||
        !is_hex(text + TRACE_AT, trace_len) || is_zero(text + TRACE_AT, trace_len) ||
        !is_hex(text + SPAN_AT, span_len) || is_zero(text + SPAN_AT, span_len) ||
        !is_hex(text + FLAGS_AT, 2)) {
        return false;
    }
    unsigned long flags = strtoul((char[]){text[FLAGS_AT], text[FLAGS_AT + 1], '\0'}, NULL, 16);
    bool later = strncmp(text, "00", 2) != 0;
    memcpy(out->trace_id, text + TRACE_AT, trace_len);
    out->trace_id[trace_len] = '\0';
    memcpy(out->span_id, text + SPAN_AT, span_len);
    out->span_id[span_len] = '\0';
    out->flags = (uint8_t)(later ? flags & BQ_TRACE_SAMPLED : flags);
    return true;
}

void bq_trace_write(const struct bq_trace *trace, char out[BQ_TRACEPARENT_BYTES])
{
    (void)snprintf(out, BQ_TRACEPARENT_BYTES, "00-%s-%s-%02x", trace->trace_id, trace->span_id,
                   trace->flags);
}

/* Never all zero: that would be none. */
static void random_hex(char *out, size_t words)
{
    uint64_t random[2] = {0, 0};

    do {
        bq_random(random, words * sizeof(random[0]));
    } while (random[0] == 0);
    for (size_t i = 0; i < words; i++) {
        (void)snprintf(out + 16 * i, BQ_SPAN_ID_BYTES, "%016llx", (unsigned long long)random[i]);
    }
}

void bq_trace_child(const struct bq_trace *parent, struct bq_trace *out)
{
    struct bq_trace trace = {.flags = BQ_TRACE_SAMPLED};

    if (parent) {
        memcpy(trace.trace_id, parent->trace_id, sizeof(trace.trace_id));
        trace.flags = parent->flags & BQ_TRACE_SAMPLED; /* of others only their maker knows */
    } else {
        random_hex(trace.trace_id, 2);
    }
    random_hex(trace.span_id, 1);
    *out = trace;
}

bool barq_traceparent_valid(const char *traceparent)
{
    struct bq_trace trace;

    return bq_trace_read(traceparent, &trace);
}

/* -- tracestate -- */

static bool is_word(const char *text, size_t len, size_t max)
{
    return len > 0 && len <= max && strchr(KEY_START, text[0]) && strspn(text, KEY_BYTES) >= len;
}

/* vendor, or tenant@vendor */
static bool key_valid(const char *key, size_t len)
{
    const char *at = memchr(key, '@', len);
    size_t tenant_len = at ? (size_t)(at - key) : 0;

    if (!at) {
        return is_word(key, len, KEY_MAX_BYTES);
    }
    return is_word(key, tenant_len, TENANT_MAX_BYTES) &&
           is_word(at + 1, len - tenant_len - 1, SYSTEM_MAX_BYTES);
}

static bool value_valid(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (value[i] < ' ' || value[i] > '~' || value[i] == '=') {
            return false;
        }
    }
    return len > 0 && len <= VALUE_MAX_BYTES;
}

/* `member` has no white space around it. */
static bool member_valid(const char *member, size_t len)
{
    const char *equals = memchr(member, '=', len);
    size_t key_len = equals ? (size_t)(equals - member) : 0;

    return equals && key_valid(member, key_len) && value_valid(equals + 1, len - key_len - 1);
}

bool barq_tracestate_valid(const char *tracestate)
{
    int members = 0;

    if (!tracestate ||
        strnlen(tracestate, BARQ_TRACESTATE_MAX_BYTES + 1) > BARQ_TRACESTATE_MAX_BYTES) {
        return false;
    }
    for (const char *at = tracestate; *at != '\0'; at += *at == ',') {
        at += strspn(at, STATE_SPACE);
        size_t whole = strcspn(at, ",");
        size_t len = whole;
        while (len > 0 && strchr(STATE_SPACE, at[len - 1])) {
            len--;
        }
        /* Nothing between two commas is allowed. */
        if (len > 0 && (!member_valid(at, len) || ++members > STATE_MEMBERS_MAX)) {
            return false;
        }
        at += whole;
    }
    return members > 0;
}

/* -- the environment -- */

static bool is_set(const char *name)
{
    const char *text = getenv(name);

    return text && text[0] != '\0';
}

static bool is(const char *name, const char *word)
{
    const char *text = getenv(name);

    return text && strcmp(text, word) == 0;
}

bool bq_trace_exported(void)
{
    return (is_set("OTEL_EXPORTER_OTLP_ENDPOINT") ||
            is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) &&
           !is("OTEL_SDK_DISABLED", "true") && !is("OTEL_TRACES_EXPORTER", "none");
}
