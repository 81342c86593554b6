/*
 * import_tell.h - what an import, or a look at one, says on stdout.
 */
#ifndef BM_IMPORT_TELL_H
#define BM_IMPORT_TELL_H

#include "intake/import.h"

struct bm_import_tell_state {
    bool json;
    bool preview; /* every line is told, and not only what has failed */
    int64_t told;
};

void bm_import_tell_begin(struct bm_import_tell_state *state);
bm_import_tell bm_import_tell_line; /* its context is the state */
/* `name` of the list, unless the report says it. */
void bm_import_tell_end(struct bm_import_tell_state *state, const struct bm_import_report *report,
                        const char *name);

#endif
