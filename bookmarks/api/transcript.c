/* transcript.c - what is said in a video, and its chapters. */
#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/transcript_json.h"

static enum barq_status of_video(struct bm_api_request *request, struct barq_error *err)
{
    const char *transcript_id = bm_api_query(request, "transcript_id", NULL);
    enum barq_status status;
    struct bm_video video;

    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    status = bm_api_transcript_json(request->session, video.id, transcript_id, request->arena,
                                    &request->answer, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TRANSCRIPT, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/videos/{id}/transcript", of_video, BM_READING},
};

const struct bm_api_topic bm_api_transcript_topic = BM_API_TOPIC(routes);
