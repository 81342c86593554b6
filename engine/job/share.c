#include "job/share.h"

#include <string.h>

#include "base/text.h"
#include "job/job.h"

/* Who has waited longest by weight: of equals the first. */
static struct bq_weighted *next_queue(struct bq_weighted *queues, size_t count)
{
    struct bq_weighted *next = &queues[0];
    int64_t total = 0;

    for (size_t i = 0; i < count; i++) {
        queues[i].credit += queues[i].weight;
        total += queues[i].weight;
        next = queues[i].credit > next->credit ? &queues[i] : next;
    }
    next->credit -= total;
    return next;
}

void bq_deal(struct bq_weighted *queues, size_t count, size_t max)
{
    size_t places = 0;

    for (size_t i = 0; i < count; i++) {
        queues[i].dealt = 0;
    }
    for (size_t i = 0; count > 0 && i < max; i++) {
        struct bq_weighted *queue = next_queue(queues, count);
        queue->place = queue->dealt == 0 ? places++ : queue->place;
        queue->dealt++;
    }
    for (size_t i = 0; i < count; i++) {
        queues[i].place = queues[i].dealt == 0 ? places++ : queues[i].place;
    }
}

/* What follows the last colon, if it could be a number: "arq:queue" is a name. */
static char *weight_of(char *name)
{
    char *colon = strrchr(name, ':');

    return colon && (colon[1] == '\0' || strchr("+-0123456789", colon[1])) ? colon : NULL;
}

/* "name" or "name:3". */
static enum barq_status parse_one(struct barq_arena *arena, const char *text, size_t len,
                                  struct barq_worker_queue *out, struct barq_error *err)
{
    char *name = bq_arena_strndup(arena, text, len);
    int64_t weight = 1;

    if (!name) {
        return bq_fail(err, BARQ_ERR_NOMEM, "queues: no memory for their names");
    }
    char *colon = weight_of(name);
    if (colon) {
        *colon = '\0';
        if (!bq_parse_int(colon + 1, &weight) || weight < 1 || weight > BQ_MAX_WEIGHT) {
            return bq_fail(err, BARQ_ERR_ARG, "'%s' is no weight from 1 to %d", colon + 1,
                           BQ_MAX_WEIGHT);
        }
    }
    *out = (struct barq_worker_queue){.name = name, .weight = (int)weight};
    return BARQ_OK;
}

enum barq_status bq_queues_parse(struct barq_arena *arena, const char *text,
                                 struct barq_worker_queue queues[BQ_MAX_QUEUES], size_t *count,
                                 struct barq_error *err)
{
    for (const char *end = text; *end != '\0'; text = end + 1) {
        end = strchrnul(text, ',');
        if (*count == BQ_MAX_QUEUES) {
            return bq_fail(err, BARQ_ERR_ARG, "more than %d queues", BQ_MAX_QUEUES);
        }
        enum barq_status status =
            parse_one(arena, text, (size_t)(end - text), &queues[*count], err);
        if (status != BARQ_OK) {
            return status;
        }
        (*count)++;
    }
    return bq_queues_check(queues, *count, err);
}

static bool is_twice(const struct barq_worker_queue *queues, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(queues[i].name, queues[at].name) == 0) {
            return true;
        }
    }
    return false;
}

enum barq_status bq_queues_check(const struct barq_worker_queue *queues, size_t count,
                                 struct barq_error *err)
{
    if (count < 1 || count > BQ_MAX_QUEUES) {
        return bq_fail(err, BARQ_ERR_ARG, "there must be 1 to %d queues", BQ_MAX_QUEUES);
    }
    for (size_t i = 0; i < count; i++) {
        if (!bq_name_valid(queues[i].name)) {
            return bq_fail(err, BARQ_ERR_ARG, "'%s' is no queue's name of 1 to %d bytes",
                           queues[i].name, BARQ_QUEUE_MAX_BYTES);
        }
        if (queues[i].weight < 0 || queues[i].weight > BQ_MAX_WEIGHT) {
            return bq_fail(err, BARQ_ERR_ARG, "the weight of queue '%s' is not from 1 to %d",
                           queues[i].name, BQ_MAX_WEIGHT);
        }
        if (is_twice(queues, i)) {
            return bq_fail(err, BARQ_ERR_ARG, "queue '%s' is there twice", queues[i].name);
        }
    }
    return BARQ_OK;
}
