#include "formats/chapters.h"

#include <ctype.h>
#include <string.h>

#include "video/metadata.h"

enum {
    LEAST = 3,
    LINE_MAX_BYTES = 1000,
};

/* -- times -- */

/* One or two digits, moving on; -1 when there are none. */
static int read_two(const char **at, const char *end)
{
    const char *from = *at;
    int number = 0;

    while (*at < end && *at - from < 2 && isdigit((unsigned char)**at)) {
        number = number * 10 + (*(*at)++ - '0');
    }
    return *at > from ? number : -1;
}

/* A colon with a digit after it goes on with a time; any other colon may stand behind one. */
static bool goes_on(const char *at, const char *end)
{
    return end - at > 1 && *at == ':' && isdigit((unsigned char)at[1]);
}

/* "1:02" or "1:02:03" at `*at`, moving on; -1 when there is none. Minutes alone may be above 59. */
static int64_t read_time(const char **at, const char *end)
{
    const char *here = *at;
    int parts[3] = {read_two(&here, end)};
    int count = 1;

    while (parts[0] >= 0 && count < 3 && goes_on(here, end)) {
        const char *from = ++here;
        parts[count] = read_two(&here, end);
        if (here - from != 2 || parts[count++] > 59) {
            return -1;
        }
    }
    if (count < 2 || goes_on(here, end) || (here < end && isdigit((unsigned char)*here))) {
        return -1;
    }
    *at = here;
    int64_t total = 0;
    for (int i = 0; i < count; i++) {
        total = total * 60 + parts[i];
    }
    return total;
}

/* -- lines -- */

/* What people put around a time: brackets, dashes (also of Unicode), bullets, colons, blanks. */
static size_t mark_len(const char *at, const char *end)
{
    static const char *const marks[] = {"\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\xa2",
                                        "\xe2\x96\xba", "\xc2\xa0"};

    if (strchr("[]()-*|:.> \t\r", *at)) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t len = strlen(marks[i]);
        if ((size_t)(end - at) >= len && memcmp(at, marks[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

static const char *skip_marks(const char *at, const char *end)
{
    while (at < end && mark_len(at, end) > 0) {
        at += mark_len(at, end);
    }
    return at;
}

/* The same from the end. */
static const char *trim_marks(const char *from, const char *end)
{
    while (end > from) {
        const char *last = end - 1;
        while (last > from && ((unsigned char)*last & 0xc0) == 0x80) {
            last--;
        }
        if (mark_len(last, end) != (size_t)(end - last)) {
            break;
        }
        end = last;
    }
    return end;
}

/* "2:03 Title" or "Title (2:03)": its time, and where the title is; -1 when it is neither. */
static int64_t read_line(const char *from, const char *end, const char **title, size_t *len)
{
    const char *at = skip_marks(from, end);
    int64_t time_s = read_time(&at, end);

    if (time_s >= 0 && (at == end || mark_len(at, end) > 0)) {
        *title = skip_marks(at, end);
        *len = (size_t)(trim_marks(*title, end) - *title);
        return *len > 0 ? time_s : -1;
    }
    const char *last = trim_marks(from, end);
    const char *time = last;
    while (time > from && (isdigit((unsigned char)time[-1]) || time[-1] == ':')) {
        time--;
    }
    if (time == from || mark_len(time - 1, time) != 1) {
        return -1;
    }
    at = time;
    time_s = read_time(&at, last);
    *title = skip_marks(from, time);
    *len = *title < time ? (size_t)(trim_marks(*title, time) - *title) : 0;
    return at == last && *len > 0 ? time_s : -1;
}

/* -- all of them -- */

struct found {
    int64_t start_s;
    const char *title;
    size_t len;
};

static size_t find_lines(const char *text, int64_t duration_s, struct found *found)
{
    size_t count = 0;

    for (const char *at = text; *at && count < BM_CHAPTERS_MAX;) {
        size_t len = strcspn(at, "\n");
        struct found line = {.start_s = -1};
        if (len < LINE_MAX_BYTES) {
            line.start_s = read_line(at, at + len, &line.title, &line.len);
        }
        at += len + (at[len] == '\n');
        if (line.start_s < 0 || (duration_s > 0 && line.start_s >= duration_s)) {
            continue;
        }
        /* What is not later than the line before is no chapter but a remark: "as said at 1:20". */
        if (count == 0 ? line.start_s == 0 : line.start_s > found[count - 1].start_s) {
            found[count++] = line;
        }
    }
    return count;
}

bool bm_chapters_of_description(const char *description, int64_t duration_s,
                                struct barq_arena *arena, const struct bm_chapter **out,
                                size_t *count)
{
    struct found found[BM_CHAPTERS_MAX];
    size_t lines = find_lines(description, duration_s, found);

    *out = NULL;
    *count = 0;
    if (lines < LEAST) {
        return true;
    }
    struct bm_chapter *chapters = bq_arena_array(arena, lines, sizeof(*chapters));
    for (size_t i = 0; chapters && i < lines; i++) {
        size_t len = found[i].len < BM_CHAPTER_TITLE_BYTES ? found[i].len : BM_CHAPTER_TITLE_BYTES;
        bool last = i + 1 == lines;
        bool full = false;
        char *title = bq_arena_strndup(arena, found[i].title, found[i].len);
        chapters[i] = (struct bm_chapter){
            .start_ms = found[i].start_s * 1000,
            .end_ms =
                last ? (duration_s > 0 ? duration_s * 1000 : -1) : found[i + 1].start_s * 1000,
            .title = bm_metadata_keep_most(arena, title, len, &full),
        };
        if (!chapters[i].title) {
            return false;
        }
    }
    *out = chapters;
    *count = chapters ? lines : 0;
    return chapters;
}
