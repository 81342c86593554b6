/*
 * options.h - what can be set: its names, what they may be, and what they are.
 *
 * The environment counts before what is stored, so that whoever runs the program
 * has the last word. A secret is told as its last four characters only.
 */
#ifndef BM_OPTIONS_H
#define BM_OPTIONS_H

#include <barq/session.h>

#include "base/arena.h"

enum { BM_OPTION_MAX_BYTES = 2048 };

enum bm_option_kind {
    BM_OPTION_SECRET, /* visible ASCII */
    BM_OPTION_URL,    /* http or https, with nobody's name in it */
    BM_OPTION_TEXT,   /* visible ASCII: models, languages */
    BM_OPTION_WORD,   /* one of `words` */
    BM_OPTION_INT,    /* from `least` to `most` */
    BM_OPTION_MONEY,  /* US dollars, with at most six decimals */
    BM_OPTION_BOOL,   /* true or false */
};

struct bm_option {
    const char *name;
    const char *label; /* for people */
    enum bm_option_kind kind;
    const char *environment;  /* NULL: it is not looked for there */
    const char *const *words; /* ended by NULL */
    int64_t least;
    int64_t most;
};

/* All of them, ended by one without a name. */
extern const struct bm_option bm_options[];
/* NULL: there is none of this name. */
const struct bm_option *bm_option_find(const char *name);

struct bm_option_value {
    const char *text; /* NULL: it is not set */
    bool from_environment;
};
enum barq_status bm_option_get(struct barq_session *session, const struct bm_option *option,
                               struct barq_arena *arena, struct bm_option_value *out,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* All of them at once, as services/settings.h asks for them: bm_services_by(bm_option_text, &texts). */
enum { BM_OPTIONS_MAX = 32 };
struct bm_option_texts {
    const char *texts[BM_OPTIONS_MAX]; /* in the order of bm_options; NULL: not set */
};
enum barq_status bm_option_texts(struct barq_session *session, struct barq_arena *arena,
                                 struct bm_option_texts *out, struct barq_error *err)
    BARQ_MUST_CHECK;
const char *bm_option_text(void *texts, const char *name);
/*
 * In a transaction for writing. NULL or "": it is not set any more.
 *
 * BARQ_ERR_ARG  it may not be that; the error says what it must be
 */
enum barq_status bm_option_set(struct barq_session *session, const struct bm_option *option,
                               const char *text, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * {"set", "from", "value"}, of a secret "last4" in place of the value; all but
 * "set" null when it is not. In `arena`.
 */
struct barq_value *bm_option_json(const struct bm_option *option,
                                  const struct bm_option_value *value, struct barq_arena *arena);

#endif
