/*
 * channel_json.h - a channel as the API tells of it.
 */
#ifndef BM_API_CHANNEL_JSON_H
#define BM_API_CHANNEL_JSON_H

#include "store/channels.h"

struct barq_value *bm_api_channel_json(const struct bm_channel *channel, struct barq_arena *arena);

#endif
