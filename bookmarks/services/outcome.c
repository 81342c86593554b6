#include "services/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const struct {
    const char *name;
    const char *label;
} services[BM_SERVICES] = {
    [BM_SERVICE_NONE] = {"none", "Files"},
    [BM_SERVICE_YOUTUBE] = {"youtube", "YouTube"},
    [BM_SERVICE_WEB] = {"web", "YouTube without a key"},
    [BM_SERVICE_YTDLP] = {"yt-dlp", "yt-dlp"},
    [BM_SERVICE_GEMINI] = {"gemini", "Gemini"},
    [BM_SERVICE_OPENAI] = {"openai", "The model's server"},
};

const char *bm_service_name(enum bm_service service)
{
    return service < BM_SERVICES ? services[service].name : "";
}

const char *bm_service_label(enum bm_service service)
{
    return service < BM_SERVICES ? services[service].label : "";
}

bool bm_service_parse(const char *name, enum bm_service *out)
{
    for (int i = 0; i < BM_SERVICES; i++) {
        if (strcmp(services[i].name, name) == 0) {
            *out = (enum bm_service)i;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    enum barq_status status;
} outcomes[BM_CALL_OUTCOMES] = {
    [BM_CALL_OK] = {"ok", BARQ_OK},
    [BM_CALL_RETRY] = {"retry", BARQ_ERR_CONN},
    [BM_CALL_HELD] = {"held", BARQ_ERR_BUSY},
    [BM_CALL_SETUP] = {"setup", BARQ_ERR_DENIED},
    [BM_CALL_REFUSED] = {"refused", BARQ_ERR_DENIED},
    [BM_CALL_CANCELED] = {"canceled", BARQ_ERR_CANCELED},
};

const char *bm_outcome_name(enum bm_outcome outcome)
{
    return outcome < BM_CALL_OUTCOMES ? outcomes[outcome].name : "";
}

enum barq_status bm_judged(struct bm_verdict *verdict, enum bm_outcome outcome,
                           enum bm_refusal refusal, struct barq_error *err, const char *format, ...)
{
    char text[BARQ_ERROR_MAX_BYTES];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    verdict->outcome = outcome;
    verdict->refusal = refusal;
    return bq_fail(err, outcomes[outcome].status, "%s", text);
}
