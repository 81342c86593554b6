#include "api/find.h"

#include "api/problem.h"

static bool found(struct bm_api_request *request, enum barq_status *status, enum bm_problem problem,
                  const struct barq_error *err)
{
    if (*status == BARQ_OK) {
        return true;
    }
    *status = bm_api_refuse_when(request, *status, BARQ_ERR_NOTFOUND, problem, err);
    return false;
}

bool bm_api_find_list(struct bm_api_request *request, const char *id_or_name, struct bm_list *out,
                      enum barq_status *status, struct barq_error *err)
{
    *status = bm_list_find(request->session, id_or_name, request->arena, out, err);
    return found(request, status, BM_PROBLEM_NO_LIST, err);
}

bool bm_api_find_list_id(struct bm_api_request *request, const char *id_or_name, const char **out,
                         enum barq_status *status, struct barq_error *err)
{
    *status = bm_list_id(request->session, id_or_name, request->arena, out, err);
    return found(request, status, BM_PROBLEM_NO_LIST, err);
}

bool bm_api_find_video(struct bm_api_request *request, const char *id, struct bm_video *out,
                       enum barq_status *status, struct barq_error *err)
{
    *status = bm_video_get(request->session, id, request->arena, out, err);
    return found(request, status, BM_PROBLEM_NO_VIDEO, err);
}

bool bm_api_find_field(struct bm_api_request *request, const char *list_id, const char *id_or_name,
                       struct bm_field *out, enum barq_status *status, struct barq_error *err)
{
    *status = bm_field_find(request->session, list_id, id_or_name, request->arena, out, err);
    return found(request, status, BM_PROBLEM_NO_FIELD, err);
}
