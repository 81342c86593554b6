/*
 * lists.h - the lists, each with its own schema and its own videos.
 */
#ifndef BM_STORE_LISTS_H
#define BM_STORE_LISTS_H

#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "store/id.h"

enum { BM_NAME_MAX_BYTES = 255, BM_DESCRIPTION_MAX_BYTES = 4000, BM_LISTS_MAX = 1000 };

struct bm_counts {
    int64_t total;
    int64_t pending;
    int64_t completed;
    int64_t failed;
};

struct bm_list {
    const char *id;
    const char *name;
    const char *description; /* NULL: none */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    struct bm_counts counts;
};

/*
 * Adds a list with a template's fields.
 *
 * BARQ_ERR_EXISTS  a list of this name is there
 * BARQ_ERR_ARG     a name must have 1 to BM_NAME_MAX_BYTES bytes of UTF-8, and no control
 *                  characters; or no such template
 */
enum barq_status bm_list_add(struct barq_session *session, const char *name, const char *template,
                             int64_t now_ms, char id[BM_ID_BYTES], struct barq_error *err)
    BARQ_MUST_CHECK;
struct bm_list_change {
    const char *name;        /* NULL: as it is */
    const char *description; /* NULL: as it is; "": none */
};
/*
 * BARQ_ERR_EXISTS    another list has this name
 * BARQ_ERR_ARG       as bm_list_add(); or the description is too long
 * BARQ_ERR_NOTFOUND  there is none of this id
 */
enum barq_status bm_list_change(struct barq_session *session, const char *id,
                                const struct bm_list_change *change, int64_t now_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* The list of this id or name. BARQ_ERR_NOTFOUND: there is none. */
enum barq_status bm_list_find(struct barq_session *session, const char *id_or_name,
                              struct barq_arena *arena, struct bm_list *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same without counting its videos. */
enum barq_status bm_list_id(struct barq_session *session, const char *id_or_name,
                            struct barq_arena *arena, const char **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* With all that is in it. */
enum barq_status bm_list_delete(struct barq_session *session, const char *id,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* The first BM_LISTS_MAX, by name. */
enum barq_status bm_lists(struct barq_session *session, struct barq_arena *arena,
                          const struct bm_list **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
