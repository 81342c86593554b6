#include "services/info_folder.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "services/folder.h"

enum {
    SPARE_BYTES = 128 * 1024, /* the last piece that is read may go beyond */
    LANGUAGE_BYTES = 40,
};

static void init_text(struct bq_buf *text, size_t most)
{
    bq_buf_init(text, most + SPARE_BYTES);
}

/* -- metadata -- */

struct search {
    struct bm_metadata *videos;
    size_t count;
    size_t found;
    struct barq_arena *arena;
    bool full;
};

/* The info of this file, if it is that of `id`. */
static bool read_info(int folder_fd, const char *name, const char *id, struct barq_arena *arena,
                      struct bm_info *out, bool *full)
{
    bq_auto(buf) struct bq_buf text;
    init_text(&text, BM_INFO_MAX_BYTES);
    if (!bm_folder_read(folder_fd, name, BM_INFO_MAX_BYTES, &text) || text.len == 0) {
        return false;
    }

    enum barq_status status = bm_info_read(text.data, text.len, arena, out, NULL);
    *full |= status == BARQ_ERR_NOMEM;
    return status == BARQ_OK && strcmp(out->video.youtube_id, id) == 0;
}

static bool look_at_info(void *owner, int folder_fd, const char *name)
{
    struct search *search = owner;
    struct bm_info info;

    for (size_t i = 0; i < search->count && bq_ends_with(name, ".info.json"); i++) {
        struct bm_metadata *video = &search->videos[i];
        if (!video->found && strstr(name, video->youtube_id) &&
            read_info(folder_fd, name, video->youtube_id, search->arena, &info, &search->full)) {
            *video = info.video;
            video->origin = "file";
            search->found++;
        }
    }
    return search->found < search->count && !search->full;
}

enum barq_status bm_info_folder_fetch(const char *folder, struct bm_metadata *videos, size_t count,
                                      struct barq_arena *arena, size_t *found,
                                      struct barq_error *err)
{
    struct search search = {.videos = videos, .count = count, .arena = arena};
    enum barq_status status = bm_folder_walk(folder, look_at_info, &search, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (search.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "folder: arena is full");
    }
    *found = search.found;
    return BARQ_OK;
}

/* -- captions -- */

struct hearing {
    const char *id;
    const char *languages;
    struct barq_arena *arena;
    struct bm_folder_captions *out;
    size_t rank; /* of what was found: its place among the languages */
    bool full;
};

/* "Title [ID].pt-BR.vtt": "pt-BR", or "" */
static void language_of(const char *name, const char *end, char out[LANGUAGE_BYTES])
{
    const char *dot = memrchr(name, '.', (size_t)(end - name));
    size_t len = dot ? (size_t)(end - dot - 1) : 0;

    out[0] = '\0';
    if (len > 1 && len < LANGUAGE_BYTES && !memchr(dot, ' ', len) && !memchr(dot, ']', len)) {
        memcpy(out, dot + 1, len);
        out[len] = '\0';
    }
}

/* The place of a language among the wanted ones; behind all of them, when it is none. */
static size_t rank_of(const char *languages, const char *language)
{
    size_t rank = 0;

    for (const char *at = languages; *at; rank++) {
        size_t len = strcspn(at, ", ");
        bool same = len > 0 && strncasecmp(at, language, len) == 0 &&
                    (language[len] == '\0' || language[len] == '-');
        if (same) {
            return rank;
        }
        at += len + (at[len] != '\0');
    }
    return rank;
}

static const char *ending_of(const char *name)
{
    static const char *const endings[] = {".vtt", ".srt", ".json3", ".srv3", ".srv1"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (bq_ends_with(name, endings[i])) {
            return name + strlen(name) - strlen(endings[i]);
        }
    }
    return NULL;
}

static void take_captions(struct hearing *hearing, int folder_fd, const char *name,
                          const char *ending)
{
    bq_auto(buf) struct bq_buf text;
    char language[LANGUAGE_BYTES];
    struct bm_captions captions;
    language_of(name, ending, language);
    size_t rank = rank_of(hearing->languages, language);
    init_text(&text, BM_CAPTIONS_MAX_BYTES);
    if ((hearing->out->found && rank >= hearing->rank) ||
        !bm_folder_read(folder_fd, name, BM_CAPTIONS_MAX_BYTES, &text) || text.len == 0) {
        return;
    }

    enum barq_status status =
        bm_captions_read(text.data, text.len, hearing->arena, &captions, NULL);
    hearing->full |= status == BARQ_ERR_NOMEM;
    if (status == BARQ_OK) {
        const char *own = captions.language ? captions.language : "und";
        hearing->out->found = true;
        hearing->out->captions = captions;
        hearing->out->language = bq_arena_strdup(hearing->arena, *language ? language : own);
        hearing->full |= !hearing->out->language;
        hearing->rank = rank;
    }
}

static bool look_at_captions(void *owner, int folder_fd, const char *name)
{
    struct hearing *hearing = owner;
    struct bm_info info;
    const char *ending = ending_of(name);
    if (!strstr(name, hearing->id)) {
        return true;
    }

    if (ending) {
        take_captions(hearing, folder_fd, name, ending);
    } else if (bq_ends_with(name, ".info.json") &&
               read_info(folder_fd, name, hearing->id, hearing->arena, &info, &hearing->full)) {
        hearing->out->chapters = info.chapters;
        hearing->out->n_chapters = info.n_chapters;
    }
    return !hearing->full;
}

enum barq_status bm_info_folder_captions(const char *folder, const char *id, const char *languages,
                                         struct barq_arena *arena, struct bm_folder_captions *out,
                                         struct barq_error *err)
{
    struct bm_folder_captions captions = {.found = false};
    struct hearing hearing = {.id = id, .languages = languages, .arena = arena, .out = &captions};
    enum barq_status status = bm_folder_walk(folder, look_at_captions, &hearing, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (hearing.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "folder: arena is full");
    }
    *out = captions;
    return BARQ_OK;
}
