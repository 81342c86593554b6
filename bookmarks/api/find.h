/*
 * find.h - what a path names: found, or refused.
 *
 * False when it is not there, which is refused, or could not be asked for:
 * then `*status` is what the handler returns.
 */
#ifndef BM_API_FIND_H
#define BM_API_FIND_H

#include "api/request.h"

/* The list of this id or name. */
bool bm_api_find_list(struct bm_api_request *request, const char *id_or_name, struct bm_list *out,
                      enum barq_status *status, struct barq_error *err);
/* Its id alone, without counting its videos. */
bool bm_api_find_list_id(struct bm_api_request *request, const char *id_or_name, const char **out,
                         enum barq_status *status, struct barq_error *err);
bool bm_api_find_video(struct bm_api_request *request, const char *id, struct bm_video *out,
                       enum barq_status *status, struct barq_error *err);
/* The list's field of this id or name. */
bool bm_api_find_field(struct bm_api_request *request, const char *list_id, const char *id_or_name,
                       struct bm_field *out, enum barq_status *status, struct barq_error *err);

#endif
