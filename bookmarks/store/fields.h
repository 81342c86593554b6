/*
 * fields.h - the schema of a list: its fields, in their order.
 */
#ifndef BM_STORE_FIELDS_H
#define BM_STORE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "fields/field.h"
#include "store/id.h"

/* All of them, in `arena`. */
enum barq_status bm_fields(struct barq_session *session, const char *list_id,
                           struct barq_arena *arena, const struct bm_field **out, size_t *count,
                           struct barq_error *err) BARQ_MUST_CHECK;
/* The list's field of this id or name. BARQ_ERR_NOTFOUND: it has none. */
enum barq_status bm_field_find(struct barq_session *session, const char *list_id,
                               const char *id_or_name, struct barq_arena *arena,
                               struct bm_field *out, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Adds a field behind the others; its id goes to `id`, unless that is NULL.
 *
 * BARQ_ERR_ARG     it makes no sense (see bm_field_check_definition())
 * BARQ_ERR_EXISTS  the list has one of this name
 * BARQ_ERR_LIMIT   the list has BM_FIELDS_MAX, or BM_FIELD_CARDS_MAX on its cards
 */
enum barq_status bm_field_add(struct barq_session *session, const char *list_id,
                              const struct bm_field *field, int64_t now_ms, char *id,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* Adds those of whose names there is none; `*added` counts them. Where the cards are full, they are not
 * shown there. Else as bm_field_add(). */
enum barq_status bm_fields_add(struct barq_session *session, const char *list_id,
                               const struct bm_field *fields, size_t count, int64_t now_ms,
                               size_t *added, struct barq_error *err) BARQ_MUST_CHECK;
/* With its values. BARQ_ERR_NOTFOUND: the list has none of this id. */
enum barq_status bm_field_delete(struct barq_session *session, const char *list_id, const char *id,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/*
 * The order of all fields: their ids.
 *
 * BARQ_ERR_ARG  these are not all of the list's fields, each once
 */
enum barq_status bm_fields_reorder(struct barq_session *session, const char *list_id,
                                   const char *const *ids, size_t count, int64_t now_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;

struct bm_field_change {
    /* {"old option": "new option"}, for the values that have the old one; NULL: none */
    const struct barq_value *renamed;
    /* What does not fit any more is put aside, and comes back when it fits again; else that there
     * is any is an error. */
    bool set_aside;
};
struct bm_field_changed {
    int64_t
        converted; /* values that now read otherwise: "5" that is 5, an option that was renamed */
    int64_t aside;
    int64_t restored;
};
/*
 * Makes the field of `field->id` what `field` says.
 *
 * BARQ_ERR_ARG       it makes no sense
 * BARQ_ERR_EXISTS    the list has another of this name
 * BARQ_ERR_LIMIT     as bm_field_add()
 * BARQ_ERR_NOTFOUND  the list has none of this id
 * BARQ_ERR_DENIED  there are values that do not fit; the error counts them and shows one. Roll back.
 */
enum barq_status bm_field_update(struct barq_session *session, const char *list_id,
                                 const struct bm_field *field, const struct bm_field_change *how,
                                 int64_t now_ms, struct bm_field_changed *out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* The definition alone, whatever values there are: a step of bm_field_update(). */
enum barq_status bm_field_write(struct barq_session *session, const char *list_id,
                                const struct bm_field *field, int64_t now_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif
