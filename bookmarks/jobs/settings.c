#include "jobs/settings.h"

#include <stdlib.h>

#include "store/options.h"

enum barq_status bm_services_of(struct barq_session *session, struct barq_arena *arena,
                                struct bm_services_settings *out, struct barq_error *err)
{
    struct bm_option_texts texts;

    enum barq_status status = bm_option_texts(session, arena, &texts, err);
    if (status == BARQ_OK) {
        *out = bm_services_by(bm_option_text, &texts);
    }
    return status;
}

enum barq_status bm_daily_budget(struct barq_session *session, struct barq_arena *arena,
                                 int64_t *out, struct barq_error *err)
{
    struct bm_option_value value;

    enum barq_status status =
        bm_option_get(session, bm_option_find("daily_budget"), arena, &value, err);
    if (status == BARQ_OK) {
        *out = value.text ? (int64_t)(strtod(value.text, NULL) * 1e6) : 0;
    }
    return status;
}
