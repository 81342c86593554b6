/*
 * list_json.h - a list as the API tells of it.
 */
#ifndef BM_API_LIST_JSON_H
#define BM_API_LIST_JSON_H

#include "store/lists.h"

struct barq_value *bm_api_list_json(const struct bm_list *list, struct barq_arena *arena);

#endif
