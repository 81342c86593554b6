#include "formats/item.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

enum { TIME_BYTES = 64 };

/* Around a tag; also of a list as JSON has it. */
#define AROUND " \t\r\n[]\""

/* 1973 to 5138, read as one of the three units. */
#define SECONDS_MIN 1e8
#define SECONDS_MAX 1e11

enum barq_status bm_item_give(const struct bm_sink *sink, struct bm_item *item, const char *text,
                              bool mixed, struct barq_error *err)
{
    struct barq_error why;

    enum barq_status status = bm_target_parse(text, strlen(text), &item->target, &why);
    item->reading = status == BARQ_OK                  ? BM_READ_TARGET
                    : status == BARQ_ERR_TYPE && mixed ? BM_READ_SKIPPED
                                                       : BM_READ_FAILED;
    item->why = status == BARQ_OK ? NULL : status == BARQ_ERR_ARG ? "no address" : why.text;
    item->text = text;
    return sink->item(sink->context, item, err);
}

enum barq_status bm_item_fail(const struct bm_sink *sink, int64_t line, const char *text,
                              const char *why, struct barq_error *err)
{
    const struct bm_item item = {.reading = BM_READ_FAILED,
                                 .line = line,
                                 .text = text,
                                 .why = why,
                                 .added_at_ms = INT64_MIN};

    return sink->item(sink->context, &item, err);
}

int64_t bm_item_instant(double number)
{
    static const double units[] = {1, 1e3, 1e6};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        double seconds = number / units[i];
        if (seconds >= SECONDS_MIN && seconds < SECONDS_MAX) {
            return (int64_t)(seconds * 1000 + 0.5);
        }
    }
    return INT64_MIN;
}

int64_t bm_item_time(const char *text)
{
    char copy[TIME_BYTES];
    int64_t at_ms;
    size_t begin = strspn(text, " \t");
    size_t len = strcspn(text + begin, "\r\n");

    if (len == 0 || len >= sizeof(copy)) {
        return INT64_MIN;
    }
    memcpy(copy, text + begin, len);
    copy[len] = '\0';
    if (strspn(copy, "0123456789") == len) {
        return bm_item_instant(strtod(copy, NULL));
    }
    if (len > 4 && bq_ends_with(copy, " UTC")) {
        copy[len - 4] = '\0';
    }
    return bq_time_parse(copy, &at_ms) ? at_ms : INT64_MIN;
}

void bm_item_tags(struct bm_item *item, char *text, char mark)
{
    const char marks[] = {mark, '\0'};

    for (char *tag; (tag = strsep(&text, marks)) != NULL && item->n_tags < BM_ITEM_TAGS_MAX;) {
        tag += strspn(tag, AROUND);
        size_t len = strlen(tag);
        while (len > 0 && strchr(AROUND, tag[len - 1])) {
            tag[--len] = '\0';
        }
        if (len > 0) {
            item->tags[item->n_tags++] = tag;
        }
    }
}
