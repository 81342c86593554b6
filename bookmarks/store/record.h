/*
 * record.h - rows as maps, for an export that comes back as it was: which
 * columns of which table leave the program, under which keys.
 *
 * A null is no key. A map that comes back may be from anyone: what does not
 * fit its column is left out, and texts are cut, so that pages still fit.
 */
#ifndef BM_RECORD_H
#define BM_RECORD_H

#include <barq/session.h>

#include "base/arena.h"

enum bm_record_kind {
    BM_RECORD_TEXT,
    BM_RECORD_INT,
    BM_RECORD_DOUBLE,
    BM_RECORD_BOOL,
    BM_RECORD_TIME, /* a column of ms, a key of RFC 3339 */
    BM_RECORD_LIST, /* JSON: a list of texts */
    BM_RECORD_JSON,
};

struct bm_record_column {
    const char *column;
    const char *key;
    enum bm_record_kind kind;
    size_t max_bytes;    /* of a text, and of each in a list; 0: BM_RECORD_TEXT_BYTES */
    const char *allowed; /* "pending completed failed": the words that there are; NULL: any */
    bool is_needed;      /* not null: a row without it is none */
};

enum {
    BM_RECORD_TEXT_BYTES = 64 * 1024,
    BM_RECORD_COLUMNS_MAX = 40,
    BM_RECORD_LIST_MAX = 250,
};

struct bm_record_table {
    const char *name;
    const struct bm_record_column *columns;
    size_t count;
};

extern const struct bm_record_table bm_record_list;
extern const struct bm_record_table bm_record_field;
extern const struct bm_record_table bm_record_value; /* of field_values and of values_aside */
extern const struct bm_record_table bm_record_tag;
extern const struct bm_record_table bm_record_channel;
extern const struct bm_record_table bm_record_view;
extern const struct bm_record_table bm_record_subscription;
extern const struct bm_record_table bm_record_video;
extern const struct bm_record_table bm_record_note;
extern const struct bm_record_table bm_record_chapter;
extern const struct bm_record_table bm_record_transcript;
extern const struct bm_record_table bm_record_cue;

/*
 * Queries the columns, and `more` behind them (SQL that begins with a comma:
 * ", t.id"; or ""); `rest` begins with FROM, where the table is called t.
 */
enum barq_status bm_record_query(struct barq_session *session, const struct bm_record_table *table,
                                 const char *more, const char *rest,
                                 const struct barq_scalar *params, size_t n_params,
                                 struct barq_rows **out, struct barq_error *err) BARQ_MUST_CHECK;
/* Puts the row stepped to into `map`, a map in `arena`; broken when that is full. */
void bm_record_read(const struct bm_record_table *table, const struct barq_rows *rows,
                    struct barq_value *map, struct barq_arena *arena);
/* All rows as a list of maps. */
enum barq_status bm_record_all(struct barq_session *session, const struct bm_record_table *table,
                               const char *rest, const struct barq_scalar *params, size_t n_params,
                               struct barq_arena *arena, struct barq_value **out,
                               struct barq_error *err) BARQ_MUST_CHECK;

/* A column of the row that is not in the map, with its value. */
struct bm_record_extra {
    const char *column;
    struct barq_scalar value;
};

/*
 * Inserts a row of what fits, unless a unique key refuses it. `into` is the
 * table's name where that differs (NULL: its own). `*done` is false when
 * nothing was inserted, for a key or for a column that is needed.
 */
enum barq_status bm_record_insert(struct barq_session *session, const struct bm_record_table *table,
                                  const char *into, const struct barq_value *map,
                                  const struct bm_record_extra *extra, size_t n_extra, bool *done,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* Sets what fits in the row of this id. */
enum barq_status bm_record_update(struct barq_session *session, const struct bm_record_table *table,
                                  const char *id, const struct barq_value *map,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif
