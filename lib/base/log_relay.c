#include <string.h>

#include "base/log_line.h"
#include "base/text.h"

/* More pairs than any event of ours has. */
enum { MAX_PAIRS = 16 };

/* Ends the field at `text`, and returns the next one, or NULL. */
static char *next_field(char *text)
{
    char *tab = strchr(text, '\t');

    if (!tab) {
        return NULL;
    }
    *tab = '\0';
    return tab + 1;
}

/* "job=0193..." or "took_ms#12" */
static bool read_pair(char *field, struct bq_log_pair *out)
{
    char *value = strpbrk(field, "=#");
    if (!value || value == field) {
        return false;
    }

    bool is_number = *value == '#';
    *value++ = '\0';
    *out = (struct bq_log_pair){.key = field, .text = value, .is_number = is_number};
    for (const char *at = field; *at != '\0'; at++) {
        if ((*at < 'a' || *at > 'z') && *at != '_') {
            return false;
        }
    }
    bq_line_unescape(value);
    return !is_number || bq_parse_int(value, &out->number);
}

bool bq_log_relay(const char *name, char *line)
{
    struct bq_log_pair pairs[MAX_PAIRS + 1];
    size_t n_pairs = 0;

    if (line[0] != BQ_LOG_RELAY_MARK || line[1] < '0' || line[1] > '0' + (int)BQ_LOG_DEBUG ||
        line[2] != '\t') {
        return false;
    }
    char *event = line + 3;
    for (char *at = next_field(event); at && n_pairs < MAX_PAIRS; n_pairs++) {
        char *field = at;
        at = next_field(field);
        if (!read_pair(field, &pairs[n_pairs])) {
            return false;
        }
    }
    pairs[n_pairs] = (struct bq_log_pair){.key = NULL};
    bq_line_unescape(event);
    bq_log_write_as(name, (enum bq_log_level)(line[1] - '0'), event, pairs);
    return true;
}
