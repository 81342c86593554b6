/*
 * line_json.h - what an import says, as JSON: on the command line and in the API.
 */
#ifndef BM_LINE_JSON_H
#define BM_LINE_JSON_H

#include "intake/import.h"

/* {"line", "member", "outcome", "kind", "id", "url", "title", "text", "reason"}, each if it is known. */
struct barq_value *bm_import_line_json(enum bm_intake outcome, const struct bm_item *item,
                                       const char *why, struct barq_arena *arena);
/* {"list", "dry_run", "added", "present", "expanding", "failed", "skipped", "values_refused",
 * "run_id"}: null when nothing of it is processed */
struct barq_value *bm_import_report_json(const struct bm_import_report *report, const char *list,
                                         bool preview, struct barq_arena *arena);

#endif
