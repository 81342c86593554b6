#include "formats/column.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { NAME_BYTES = 80 };

/* The surest first; "video id" in any language and spelling comes between, as BM_RANK_VIDEO_ID. */
static const char *const address_names[] = {
    [BM_RANK_URL] = "url",
    "youtube_url",
    "youtube url",
    "video_url",
    "video url",
    "link",
    "video_link",
    "video link",
    "address",
    "titleurl",
    [BM_RANK_VIDEO_ID] = "",
    "youtube_id",
    "youtube id",
    "youtube-id",
    "id",
    "playlist url",
    "playlist id",
    "channel url",
    "channel id",
};

static const struct role {
    const char *name;
    enum bm_column column;
} roles[] = {
    {"title", BM_COLUMN_TITLE},
    {"video title", BM_COLUMN_TITLE},
    {"video_title", BM_COLUMN_TITLE},
    {"name", BM_COLUMN_TITLE},
    {"channel title", BM_COLUMN_TITLE},
    {"playlist title", BM_COLUMN_TITLE},
    {"playlist title (original)", BM_COLUMN_TITLE},
    {"playlist video creation timestamp", BM_COLUMN_ADDED},
    {"time added", BM_COLUMN_ADDED},
    {"time_added", BM_COLUMN_ADDED},
    {"added", BM_COLUMN_ADDED},
    {"added_at", BM_COLUMN_ADDED},
    {"created", BM_COLUMN_ADDED},
    {"created_at", BM_COLUMN_ADDED},
    {"timestamp", BM_COLUMN_ADDED},
    {"tags", BM_COLUMN_TAGS},
    {"folder", BM_COLUMN_FOLDER},
    {"collection", BM_COLUMN_FOLDER},
    {"note", BM_COLUMN_NOTE},
    {"notes", BM_COLUMN_NOTE},
    {"selection", BM_COLUMN_NOTE},
};

/* Without blanks around it, and in small letters; empty when it is too long for a name of ours. */
static void simple_name(const char *field, char out[NAME_BYTES])
{
    size_t len = strlen(field);
    *out = '\0';

    while (len > 0 && strchr(" \t", field[len - 1])) {
        len--;
    }
    while (len > 0 && strchr(" \t", *field)) {
        field++;
        len--;
    }
    if (len >= NAME_BYTES) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        bool capital = field[i] >= 'A' && field[i] <= 'Z';
        out[i] = (char)(capital ? field[i] - 'A' + 'a' : field[i]);
    }
    out[len] = '\0';
}

/* "video id", "video-id", "videoid", "id del vídeo", "id de la vidéo" */
static bool says_video_id(const char *name)
{
    const char *video = strstr(name, "video");
    const char *id = video ? strstr(video + 5, "id") : NULL;

    if (id && id <= video + 6) {
        return id[2] == '\0';
    }
    return bq_starts_with(name, "id d") && (strstr(name, " vid") || strstr(name, " v\xc3\xad"
                                                                                 "d"));
}

int bm_address_rank(const char *field)
{
    char name[NAME_BYTES];
    simple_name(field, name);

    if (says_video_id(name)) {
        return BM_RANK_VIDEO_ID;
    }
    for (size_t i = 0; *name != '\0' && i < sizeof(address_names) / sizeof(address_names[0]); i++) {
        if (address_names[i] && strcmp(name, address_names[i]) == 0) {
            return (int)i;
        }
    }
    return BM_RANKS;
}

enum bm_column bm_column_of(const char *field)
{
    char name[NAME_BYTES];
    simple_name(field, name);

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(name, roles[i].name) == 0) {
            return roles[i].column;
        }
    }
    return BM_COLUMNS;
}

static bool has(const struct bm_csv *csv, const char *wanted)
{
    for (size_t i = 0; i < csv->n_fields; i++) {
        char name[NAME_BYTES];
        simple_name(bm_csv_field(csv, i), name);
        if (strcmp(name, wanted) == 0) {
            return true;
        }
    }
    return false;
}

bool bm_columns_are_own(const struct bm_csv *csv)
{
    return has(csv, "url") && has(csv, "status") && has(csv, "youtube_tags") && has(csv, "tags");
}

/* Pocket, Raindrop, Instapaper */
bool bm_columns_are_mixed(const struct bm_csv *csv)
{
    return has(csv, "url") && (has(csv, "time_added") || has(csv, "folder"));
}
