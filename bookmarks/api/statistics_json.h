/*
 * statistics_json.h - a list's statistics as the API tells them.
 */
#ifndef BM_API_STATISTICS_JSON_H
#define BM_API_STATISTICS_JSON_H

#include "store/lists.h"
#include "store/statistics.h"

struct barq_value *bm_api_statistics_json(const struct bm_list *list,
                                          const struct bm_statistics *statistics,
                                          struct barq_arena *arena);

#endif
