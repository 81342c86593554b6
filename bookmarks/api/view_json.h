/*
 * view_json.h - a saved view as the API tells of it.
 */
#ifndef BM_API_VIEW_JSON_H
#define BM_API_VIEW_JSON_H

#include "store/views.h"

struct barq_value *bm_api_view_json(const struct bm_view *view, struct barq_arena *arena);

#endif
