#include "broker/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the entry that begins at `at` ends: at the comma or bracket behind it. */
static const char *entry_end(const char *at)
{
    int depth = 0;
    bool quoted = false;

    for (; *at; at++) {
        if (quoted && *at == '\\' && at[1]) {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        } else if (quoted) {
            continue;
        } else if (depth == 0 && (*at == ',' || *at == ']')) {
            break;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        }
    }
    return at;
}

/* Where the entry behind the one at `at` begins. */
static const char *next_entry(const char *at)
{
    const char *end = entry_end(at);

    return *end == ',' ? end + 1 : end;
}

static int count_entries(const char *at)
{
    int entries = 0;

    for (; *at && *at != ']'; at = next_entry(at)) {
        entries++;
    }
    return entries;
}

void bq_history_add(struct bq_buf *out, const char *list, const char *entry)
{
    size_t len = strlen(entry);
    const char *at = list && list[0] == '[' ? list + 1 : "]";
    int entries = count_entries(at);

    if (len + strlen("[]") > BQ_HISTORY_MAX_BYTES) {
        bq_buf_puts(out, list && list[0] == '[' ? list : "[]");
        return;
    }
    while (entries > 0 && (entries >= BQ_HISTORY_MAX_ENTRIES ||
                           strlen(at) + len + strlen("[,") > BQ_HISTORY_MAX_BYTES)) {
        at = next_entry(at);
        entries--;
    }

    bq_buf_puts(out, "[");
    if (entries > 0) {
        bq_buf_put(out, at, strlen(at) - strlen("]"));
        bq_buf_puts(out, ",");
    }
    bq_buf_put(out, entry, len);
    bq_buf_puts(out, "]");
}

void bq_history_lost(int64_t now_ms, char *out)
{
    (void)snprintf(out, BQ_HISTORY_LOST_BYTES,
                   "{\"at\":%" PRId64 ",\"event\":\"lost\",\"error\":\"its worker vanished\"}",
                   now_ms);
}
