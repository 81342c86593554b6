#include "job/job.h"

#include <string.h>

#include "base/text.h"

/* C0, DEL, and C1, which is two bytes in UTF-8. */
static bool has_control(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < ' ' || byte == 0x7f) {
            return true;
        }
        if (byte == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

static bool valid(const char *text, size_t max)
{
    if (!text) {
        return false;
    }
    size_t len = strnlen(text, max + 1);
    return len > 0 && len <= max && bq_utf8_valid(text, len) && !has_control(text, len);
}

bool bq_job_id_valid(const char *id)
{
    return valid(id, BARQ_JOB_ID_MAX_BYTES);
}

bool bq_name_valid(const char *name)
{
    _Static_assert((int)BARQ_QUEUE_MAX_BYTES == (int)BARQ_FUNCTION_MAX_BYTES, "one check for both");
    return valid(name, BARQ_FUNCTION_MAX_BYTES);
}

static bool after_valid(const struct bq_job *job)
{
    size_t bytes = 0;

    if (job->n_after > BARQ_AFTER_MAX) {
        return false;
    }
    for (size_t i = 0; i < job->n_after; i++) {
        if (!bq_job_id_valid(job->after[i]) || strcmp(job->after[i], job->id) == 0) {
            return false;
        }
        bytes += strlen(job->after[i]);
    }
    return bytes <= BARQ_AFTER_MAX_BYTES;
}

bool bq_job_valid(const struct bq_job *job)
{
    bool left_open = job->queue && job->queue[0] == '\0';
    bool named = bq_job_id_valid(job->id) && (left_open || bq_name_valid(job->queue)) &&
                 (!job->function || job->function[0] == '\0' || bq_name_valid(job->function)) &&
                 (!job->key || bq_name_valid(job->key));

    return named && job->priority >= -BARQ_PRIORITY_MAX && job->priority <= BARQ_PRIORITY_MAX &&
           after_valid(job);
}
