#include "commands/import_tell.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "commands/terminal.h"
#include "intake/line_json.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

void bm_import_tell_begin(struct bm_import_tell_state *state)
{
    if (state->json) {
        fputs("{\"lines\": [", stdout);
    }
}

static void put_json(const struct barq_value *value, struct barq_arena *arena)
{
    const char *json = NULL;
    size_t len = 0;

    if (barq_to_json(arena, value, &json, &len, NULL) == BARQ_OK) {
        fwrite(json, 1, len, stdout);
    }
}

static void tell_text(enum bm_intake outcome, const struct bm_item *item, const char *why)
{
    char url[BM_TARGET_URL_BYTES] = "";

    fputs("  ", stdout);
    if (item->member) {
        bm_print_text(stdout, item->member);
        fputs(item->line > 0 ? ", " : "", stdout);
    }
    if (item->line > 0) {
        printf("line %lld", (long long)item->line);
    }
    if (item->reading == BM_READ_TARGET) {
        bm_target_url(&item->target, url);
    }
    printf(": %s", outcome == BM_FAILED_LINE ? "" : bm_intake_name(outcome));
    if (why) {
        fputs(outcome == BM_FAILED_LINE ? "" : ": ", stdout);
        bm_print_text(stdout, why);
    }
    fputs(*url != '\0' || (item->text && *item->text != '\0') ? ": " : "", stdout);
    bm_print_text(stdout, *url != '\0' ? url : item->text ? item->text : "");
    fputc('\n', stdout);
}

void bm_import_tell_line(void *context, enum bm_intake outcome, const struct bm_item *item,
                         const char *why)
{
    struct bm_import_tell_state *state = context;
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, LINE_MAX_BYTES);
    bool told_at_the_end = !state->preview && !state->json;
    bool too_many = state->told == BM_IMPORT_FAILURES_KEPT || outcome != BM_FAILED_LINE;
    if (told_at_the_end || (!state->preview && too_many)) {
        return;
    }

    if (state->json) {
        fputs(state->told > 0 ? ",\n" : "\n", stdout);
        put_json(bm_import_line_json(outcome, item, why, &arena), &arena);
    } else {
        tell_text(outcome, item, why);
    }
    state->told++;
}

static void tell_counts(const struct bm_import_report *report)
{
    printf("%lld added, %lld already there, %lld failed", (long long)report->added,
           (long long)report->present, (long long)report->failed);
    if (report->expanding > 0) {
        printf(", %lld playlists and channels to expand", (long long)report->expanding);
    }
    if (report->skipped > 0) {
        printf(", %lld of other sites skipped", (long long)report->skipped);
    }
    if (report->values_refused > 0) {
        printf(", %lld values that their fields do not allow left out",
               (long long)report->values_refused);
    }
    fputc('\n', stdout);
}

static void tell_failures(const struct bm_import_report *report)
{
    for (size_t i = 0; i < report->n_failures; i++) {
        const struct bm_import_failure *failure = &report->failures[i];
        fputs("  ", stdout);
        bm_print_text(stdout, failure->member);
        fputs(*failure->member != '\0' && failure->line > 0 ? ", " : "", stdout);
        if (failure->line > 0) {
            printf("line %lld", (long long)failure->line);
        }
        fputs(": ", stdout);
        bm_print_text(stdout, failure->reason);
        fputs(*failure->url != '\0' ? ": " : "", stdout);
        bm_print_text(stdout, failure->url);
        fputc('\n', stdout);
    }
    if (report->failed > (int64_t)report->n_failures) {
        printf("  and %lld more\n", (long long)(report->failed - (int64_t)report->n_failures));
    }
}

/* For a person only: a script knows what it does next. */
static void tell_next(const char *name, const struct bm_import_report *report)
{
    bool processed = *report->run_id != '\0';
    if ((report->added == 0 && !processed) || bm_terminal_width(stdout) == 0) {
        return;
    }

    if (processed) {
        printf("%lld are being processed: ", (long long)report->run_total);
    }
    fputs(processed ? "bookmarks process --wait \"" : "bookmarks process \"", stdout);
    bm_print_text(stdout, name);
    fputs(processed ? "\" shows how far\n" : "\" fetches what is known of them\n", stdout);
}

void bm_import_tell_end(struct bm_import_tell_state *state, const struct bm_import_report *report,
                        const char *name)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, LINE_MAX_BYTES);
    const char *list = *report->list_name != '\0' ? report->list_name : name;

    if (state->json) {
        fputs("],\n\"report\": ", stdout);
        put_json(bm_import_report_json(report, list, state->preview, &arena), &arena);
        fputs("}\n", stdout);
        return;
    }
    if (report->rows > 0) {
        fputs(state->preview ? "would be in " : "", stdout);
        bm_print_text(stdout, list);
        fputs(": ", stdout);
        tell_counts(report);
    }
    if (!state->preview) {
        tell_failures(report);
        tell_next(list, report);
    }
}
