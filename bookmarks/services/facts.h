/*
 * facts.h - metadata of a few hundred talks that are shipped with the program,
 * so that it shows what it does without a key and without a network.
 *
 * They are examples/facts.csv, embedded (see shipped.h); where they come from
 * is in examples/SOURCES.md. A video that is not among them is not found.
 */
#ifndef BM_FACTS_H
#define BM_FACTS_H

#include <barq/error.h>

#include "base/arena.h"
#include "video/metadata.h"

/*
 * As bm_youtube_fetch(): `*out` has `count` entries in the order of `ids`,
 * in `arena`. Reads through the embedded text once; keeps nothing.
 *
 * BARQ_ERR_NOMEM    `arena` is at its limit
 * BARQ_ERR_CORRUPT  the embedded text is not what it should be
 */
enum barq_status bm_facts_fetch(const char *const *ids, size_t count, struct barq_arena *arena,
                                const struct bm_metadata **out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif
