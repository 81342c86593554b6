/*
 * model_list.h - which models a service has, for a person to choose one.
 */
#ifndef BM_MODEL_LIST_H
#define BM_MODEL_LIST_H

#include "services/model.h"

enum { BM_MODEL_LIST_MAX = 1000 };

/*
 * The names of those that can answer a question, in `arena`, as the service
 * lists them. `model->name` is not read. Errors and verdicts are those of
 * bm_model_ask(); some servers have no list, which is SETUP.
 */
enum barq_status bm_model_list(const struct bm_model *model, int cancel_fd, int64_t now_ms,
                               struct barq_arena *arena, const char *const **out, size_t *count,
                               struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

#endif
