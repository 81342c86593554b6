/*
 * fields_propose.h - fields --propose: the model that is set proposes fields for a list.
 */
#ifndef BM_COMMANDS_FIELDS_PROPOSE_H
#define BM_COMMANDS_FIELDS_PROPOSE_H

#include <stdbool.h>

/* Shows them, and adds them to the list if `accept`; the exit code. */
int bm_propose_fields(const char *list, const char *sentence, bool accept, bool json);

#endif
