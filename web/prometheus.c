#include "web/prometheus.h"

#include <stdio.h>

enum { NAME_BYTES = 128, US_PER_S = 1000000, MAX_LABELS = 3, LABELS_WORDS = 2 * MAX_LABELS + 1 };

void bw_family(struct bq_buf *out, const char *name, const char *type, const char *help)
{
    bq_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Whoever called a function that has written what it likes into its name. */
static void put_value(struct bq_buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            bq_buf_puts(out, "\\n");
        } else if (*value == '\\' || *value == '"') {
            bq_buf_printf(out, "\\%c", *value);
        } else {
            bq_buf_put(out, value, 1);
        }
    }
}

static void put_name(struct bq_buf *out, const char *name, const char *const *labels)
{
    bq_buf_puts(out, name);
    for (size_t i = 0; labels && labels[i]; i += 2) {
        bq_buf_printf(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i]);
        put_value(out, labels[i + 1]);
        bq_buf_puts(out, "\"");
    }
    bq_buf_puts(out, labels && labels[0] ? "} " : " ");
}

void bw_sample_int(struct bq_buf *out, const char *name, const char *const *labels, int64_t number)
{
    put_name(out, name, labels);
    bq_buf_printf(out, "%lld\n", (long long)number);
}

void bw_sample_histogram(struct bq_buf *out, const char *name, const char *const *labels,
                         const struct barq_histogram *histogram)
{
    const char *own[LABELS_WORDS] = {NULL};
    char bound[32];
    char full[NAME_BYTES];
    size_t n = 0;
    int64_t count = 0;

    for (; labels && labels[n] && n + 3 < LABELS_WORDS; n++) {
        own[n] = labels[n];
    }
    own[n] = "le";
    own[n + 1] = bound;
    (void)snprintf(full, sizeof(full), "%s_bucket", name);
    for (int i = 0; i < BARQ_BUCKETS; i++) {
        if (i + 1 < BARQ_BUCKETS) {
            (void)snprintf(bound, sizeof(bound), "%g", (double)barq_bucket_ms(i) / 1000);
        } else {
            (void)snprintf(bound, sizeof(bound), "+Inf");
        }
        count += histogram->buckets[i];
        bw_sample_int(out, full, own, count);
    }
    (void)snprintf(full, sizeof(full), "%s_sum", name);
    put_name(out, full, labels);
    bq_buf_printf(out, "%lld.%06lld\n", (long long)(histogram->sum_us / US_PER_S),
                  (long long)(histogram->sum_us % US_PER_S));
    (void)snprintf(full, sizeof(full), "%s_count", name);
    bw_sample_int(out, full, labels, count);
}
