#include "fields/rules.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

/* -- patterns -- */

/* Letters and digits; all bytes above ASCII belong to letters. */
static bool in_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* `word` is in `text`, from where a word begins; and ends with one, unless it ends with a star. */
static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    bool open = len > 0 && word[len - 1] == '*';
    len -= open;

    for (const char *at = text; len > 0 && *at != '\0'; at++) {
        bool begins = at == text || !in_word(at[-1]) || !in_word(*word);
        if (begins && strncasecmp(at, word, len) == 0 &&
            (open || !in_word(at[len]) || !in_word(word[len - 1]))) {
            return true;
        }
    }
    return false;
}

static bool video_has(const struct bm_metadata *video, const char *word)
{
    if (video->title && has_word(video->title, word)) {
        return true;
    }
    for (size_t i = 0; i < video->n_tags; i++) {
        if (has_word(video->tags[i], word)) {
            return true;
        }
    }
    return false;
}

static bool words_match(const struct barq_value *words, const struct bm_metadata *video)
{
    if (barq_is_null(words)) {
        return true;
    }
    for (size_t i = 0; i < barq_count(words); i++) {
        if (video_has(video, barq_as_string(barq_at(words, i), ""))) {
            return true;
        }
    }
    return false;
}

static bool duration_matches(const struct barq_value *pattern, const struct bm_metadata *video)
{
    const struct barq_value *min = barq_get(pattern, "min_minutes");
    const struct barq_value *max = barq_get(pattern, "max_minutes");
    double minutes = (double)video->duration_s / 60;

    if (barq_is_null(min) && barq_is_null(max)) {
        return true;
    }
    return video->duration_s > 0 && minutes >= barq_as_double(min, 0) &&
           minutes <= barq_as_double(max, minutes);
}

static bool matches(const struct barq_value *pattern, const struct bm_metadata *video)
{
    return words_match(barq_get(pattern, "words"), video) && duration_matches(pattern, video);
}

/* -- rules -- */

static struct barq_value *option_of(const struct barq_value *pattern, struct barq_arena *arena)
{
    return barq_string(arena, barq_as_string(barq_get(pattern, "option"), ""));
}

static struct barq_value *first_match(const struct barq_value *rule, const struct barq_value *list,
                                      const struct bm_metadata *video, struct barq_arena *arena)
{
    for (size_t i = 0; i < barq_count(list); i++) {
        if (matches(barq_at(list, i), video)) {
            return option_of(barq_at(list, i), arena);
        }
    }
    return barq_string(arena, barq_as_string(barq_get(rule, "otherwise"), NULL));
}

static struct barq_value *all_matches(const struct barq_value *list,
                                      const struct bm_metadata *video, struct barq_arena *arena)
{
    struct barq_value *found = barq_list(arena);

    for (size_t i = 0; i < barq_count(list); i++) {
        if (matches(barq_at(list, i), video)) {
            barq_add(found, option_of(barq_at(list, i), arena));
        }
    }
    return found;
}

static struct barq_value *any_match(const struct barq_value *list, const struct bm_metadata *video,
                                    struct barq_arena *arena)
{
    for (size_t i = 0; i < barq_count(list); i++) {
        if (matches(barq_at(list, i), video)) {
            return barq_bool(arena, true);
        }
    }
    return barq_bool(arena, false);
}

static struct barq_value *year_of(int64_t at_ms, struct barq_arena *arena)
{
    char text[BQ_TIME_TEXT_BYTES];
    int64_t year = 0;

    if (at_ms == INT64_MIN) {
        return barq_null(arena);
    }
    bq_time_text(at_ms, text);
    text[4] = '\0';
    return bq_parse_int(text, &year) ? barq_int(arena, year) : barq_null(arena);
}

/* NULL also for a name that there is not: `*known` tells. */
static struct barq_value *metadata_of(const char *name, const struct bm_metadata *video,
                                      struct barq_arena *arena, bool *known)
{
    bool timed = video->duration_s > 0;

    *known = true;
    if (strcmp(name, "year") == 0) {
        return year_of(video->published_at_ms, arena);
    }
    if (strcmp(name, "minutes") == 0) {
        return timed ? barq_int(arena, (video->duration_s + 30) / 60) : barq_null(arena);
    }
    if (strcmp(name, "seconds") == 0) {
        return timed ? barq_int(arena, video->duration_s) : barq_null(arena);
    }
    if (strcmp(name, "channel") == 0) {
        return barq_string(arena, video->channel);
    }
    if (strcmp(name, "language") == 0) {
        return barq_string(arena, video->language);
    }
    *known = false;
    return NULL;
}

enum barq_status bm_rule_apply(const struct barq_value *rule, const struct bm_metadata *video,
                               struct barq_arena *arena, struct barq_value **out,
                               struct barq_error *err)
{
    const char *from = barq_as_string(barq_get(rule, "from"), NULL);
    const struct barq_value *first = barq_get(rule, "first");
    const struct barq_value *all = barq_get(rule, "all");
    const struct barq_value *any = barq_get(rule, "any");
    struct barq_value *found = NULL;
    bool known = true;

    if (from) {
        found = metadata_of(from, video, arena, &known);
    } else if (first) {
        found = first_match(rule, first, video, arena);
    } else if (all) {
        found = all_matches(all, video, arena);
    } else if (any) {
        found = any_match(any, video, arena);
    } else {
        known = false;
    }
    if (!known) {
        return bq_fail(err, BARQ_ERR_FORMAT, "rules: neither from, first, all nor any is in it");
    }
    enum barq_status status = barq_value_check(found, err);
    if (status == BARQ_OK) {
        *out = barq_is_null(found) ? NULL : found;
    }
    return status;
}
