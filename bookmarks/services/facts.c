#include "services/facts.h"

#include <stdbool.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/csv.h"
#include "shipped.h"
#include "video/url.h"

enum { URL, TITLE, CHANNEL, DURATION, PUBLISHED, LANGUAGE, TAGS };

static const char *const columns[] = {
    "url", "title", "channel", "duration_seconds", "published", "language", "tags",
};

/* What is asked for, and what was found of it. */
struct search {
    struct bm_metadata *videos;
    size_t count;
    size_t found;
    struct barq_arena *arena;
    bool full; /* the arena */
};

static enum barq_status corrupt(const struct bm_csv *csv, struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_CORRUPT, "facts: line %lld is not as it should be",
                   (long long)csv->line);
}

/* "a|b|c" */
static void keep_tags(struct search *search, const char *field, struct bm_metadata *video)
{
    char *text = *field ? bq_arena_strdup(search->arena, field) : NULL;
    size_t most = 1;
    for (const char *at = field; *at; at++) {
        most += *at == '|';
    }
    const char **tags = text ? bq_arena_array(search->arena, most, sizeof(*tags)) : NULL;
    search->full |= *field && !tags;

    char *rest = NULL;
    for (char *tag = tags ? strtok_r(text, "|", &rest) : NULL; tag;
         tag = strtok_r(NULL, "|", &rest)) {
        tags[video->n_tags++] = tag;
    }
    video->tags = video->n_tags ? tags : NULL;
}

static bool read_row(struct search *search, const struct bm_csv *csv, struct bm_metadata *video)
{
    video->found = true;
    video->reason = NULL;
    video->refusal = BM_REFUSAL_NONE;
    video->origin = "shipped";
    video->title = bm_metadata_keep(search->arena, bm_csv_field(csv, TITLE), &search->full);
    video->channel = bm_metadata_keep(search->arena, bm_csv_field(csv, CHANNEL), &search->full);
    video->language = bm_metadata_keep(search->arena, bm_csv_field(csv, LANGUAGE), &search->full);
    video->thumbnail_url = bq_arena_format(search->arena, "https://i.ytimg.com/vi/%s/mqdefault.jpg",
                                           video->youtube_id);
    search->full |= !video->thumbnail_url;
    keep_tags(search, bm_csv_field(csv, TAGS), video);
    search->found++;

    const char *duration = bm_csv_field(csv, DURATION);
    const char *published = bm_csv_field(csv, PUBLISHED);
    return (*duration == '\0' || bq_parse_int(duration, &video->duration_s)) &&
           (*published == '\0' || bq_time_parse(published, &video->published_at_ms));
}

static enum barq_status take_row(struct search *search, const struct bm_csv *csv,
                                 struct barq_error *err)
{
    const char *url = bm_csv_field(csv, URL);
    char id[BM_VIDEO_ID_BYTES];

    if (csv->problem || bm_video_url_parse(url, strlen(url), id, NULL) != BARQ_OK) {
        return corrupt(csv, err);
    }
    for (size_t i = 0; i < search->count; i++) {
        struct bm_metadata *video = &search->videos[i];
        if (!video->found && strcmp(video->youtube_id, id) == 0 && !read_row(search, csv, video)) {
            return corrupt(csv, err);
        }
    }
    return search->full ? bq_fail(err, BARQ_ERR_NOMEM, "facts: arena is full") : BARQ_OK;
}

static enum barq_status check_header(const struct bm_csv *csv, struct barq_error *err)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (csv->problem || strcmp(bm_csv_field(csv, i), columns[i]) != 0) {
            return corrupt(csv, err);
        }
    }
    return BARQ_OK;
}

/* Every row, until all was found. */
static enum barq_status read_rows(struct search *search, struct bm_csv *csv, struct barq_error *err)
{
    const char *at = bm_shipped_facts;
    enum barq_status status = BARQ_OK;
    bool in_header = true;

    while (status == BARQ_OK && at < bm_shipped_facts_end && search->found < search->count) {
        bool row = false;
        at = bm_csv_push(csv, at, bm_shipped_facts_end, &row);
        row |= at == bm_shipped_facts_end && !row && bm_csv_end(csv);
        if (!row) {
            continue;
        }
        status = in_header ? check_header(csv, err) : take_row(search, csv, err);
        in_header = false;
    }
    return status;
}

enum barq_status bm_facts_fetch(const char *const *ids, size_t count, struct barq_arena *arena,
                                const struct bm_metadata **out, struct barq_error *err)
{
    struct search search = {
        .videos = bm_metadata_none(
            ids, count, "not among the shipped examples: needs a YouTube API key", arena),
        .count = count,
        .arena = arena,
    };
    if (!search.videos) {
        return bq_fail(err, BARQ_ERR_NOMEM, "facts: arena is full");
    }

    bm_auto(csv) struct bm_csv csv;
    bm_csv_init(&csv, ',');
    enum barq_status status = read_rows(&search, &csv, err);
    if (status == BARQ_OK) {
        *out = search.videos;
    }
    return status;
}
