#include "intake/line_json.h"

#include <string.h>

#include "base/text.h"

enum { TEXT_BYTES = 500 };

static void set_text(struct barq_value *map, const char *key, const char *text,
                     struct barq_arena *arena)
{
    if (text && *text != '\0') {
        size_t len = bq_utf8_cut(text, strlen(text), TEXT_BYTES);
        barq_set_key(map, key, barq_string_of(arena, text, len));
    }
}

struct barq_value *bm_import_line_json(enum bm_intake outcome, const struct bm_item *item,
                                       const char *why, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    char url[BM_TARGET_URL_BYTES] = "";

    if (item->line > 0) {
        barq_set_key(map, "line", barq_int(arena, item->line));
    }
    set_text(map, "member", item->member, arena);
    barq_set_key(map, "outcome", barq_string(arena, bm_intake_name(outcome)));
    if (item->reading == BM_READ_TARGET) {
        bm_target_url(&item->target, url);
        set_text(map, "kind", bm_target_kind_name(item->target.kind), arena);
        set_text(map, "id", item->target.id, arena);
        set_text(map, "url", url, arena);
    }
    set_text(map, "title", item->title, arena);
    set_text(map, "text", item->text, arena);
    set_text(map, "reason", why, arena);
    return map;
}

struct barq_value *bm_import_report_json(const struct bm_import_report *report, const char *list,
                                         bool preview, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "list", barq_string(arena, list));
    barq_set_key(map, "dry_run", barq_bool(arena, preview));
    barq_set_key(map, "added", barq_int(arena, report->added));
    barq_set_key(map, "present", barq_int(arena, report->present));
    barq_set_key(map, "expanding", barq_int(arena, report->expanding));
    barq_set_key(map, "failed", barq_int(arena, report->failed));
    barq_set_key(map, "skipped", barq_int(arena, report->skipped));
    barq_set_key(map, "values_refused", barq_int(arena, report->values_refused));
    barq_set_key(map, "run_id",
                 barq_string(arena, *report->run_id != '\0' ? report->run_id : NULL));
    return map;
}
