/* notes.c - what a person writes down about a video. */
#include "store/notes.h"

#include "api/find.h"
#include "api/note_json.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "store/video_edit.h"

enum { SECONDS_MAX = 1000000 };

static enum barq_status refuse(struct bm_api_request *request, enum barq_status status,
                               const struct barq_error *err)
{
    status = bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_LIMIT, BM_PROBLEM_TOO_MANY_NOTES, err);
}

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_note note;

    enum barq_status status = bm_note_get(request->session, id, request->arena, &note, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_note_json(&note, request->arena);
    }
    return status;
}

static enum barq_status of_video(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_video video;

    return bm_api_find_video(request, request->ids[0], &video, &status, err)
               ? bm_api_notes_json(request->session, video.id, request->arena, &request->answer,
                                   err)
               : status;
}

/* What the body says of a note, over what it is. */
static void read_note(struct bm_api_request *request, const struct barq_value *body,
                      struct bm_note *note)
{
    note->text = bm_api_text(request, body, "text", BM_NOTE_MAX_BYTES, note->text);
    if (bm_api_has(body, "at_seconds")) {
        note->has_time = !barq_is_null(barq_get(body, "at_seconds"));
        note->at_seconds = bm_api_int(request, body, "at_seconds", 0, SECONDS_MAX, 0);
    }
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_note note = {.text = ""};
    char id[BM_ID_BYTES];
    enum barq_status status;
    struct bm_video video;

    (void)bm_api_need_text(request, body, "text", BM_NOTE_MAX_BYTES);
    read_note(request, body, &note);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    note.video_id = video.id;
    status = bm_note_add(request->session, &note, bq_wall_ms(), id, err);
    if (status == BARQ_OK) {
        status = bm_video_touch(request->session, video.id, bq_wall_ms(), err);
    }
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    bm_api_created(request, "/api/notes/%s", id);
    return show(request, id, err);
}

static bool find_note(struct bm_api_request *request, struct bm_note *out, enum barq_status *status,
                      struct barq_error *err)
{
    *status = bm_note_get(request->session, request->ids[0], request->arena, out, err);
    if (*status == BARQ_OK) {
        return true;
    }
    *status = bm_api_refuse_when(request, *status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_NOTE, err);
    return false;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_note note;

    if (find_note(request, &note, &status, err)) {
        request->answer = bm_api_note_json(&note, request->arena);
    }
    return status;
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    enum barq_status status;
    struct bm_note note;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!find_note(request, &note, &status, err)) {
        return status;
    }
    read_note(request, body, &note);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    status = bm_note_change(request->session, &note, bq_wall_ms(), err);
    if (status == BARQ_OK) {
        status = bm_video_touch(request->session, note.video_id, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? show(request, note.id, err) : refuse(request, status, err);
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_note note;

    if (!find_note(request, &note, &status, err)) {
        return status;
    }
    request->status = 204;
    status = bm_note_delete(request->session, note.id, err);
    return status == BARQ_OK ? bm_video_touch(request->session, note.video_id, bq_wall_ms(), err)
                             : status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/videos/{id}/notes", of_video, BM_READING},
    {"POST", "/api/videos/{id}/notes", add, BM_WRITING},
    {"GET", "/api/notes/{id}", one, BM_READING},
    {"PATCH", "/api/notes/{id}", change, BM_WRITING},
    {"DELETE", "/api/notes/{id}", take_away, BM_WRITING},
};

const struct bm_api_topic bm_api_notes_topic = BM_API_TOPIC(routes);
