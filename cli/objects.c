/*
 * objects.c - objects for people, as a table, and for scripts, as JSON.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli.h"

static const char *cell_of(struct barq_arena *arena, const struct barq_value *object,
                           const char *key)
{
    const struct barq_value *value = barq_get(object, key);

    if (bq_ends_with(key, "_at_ms")) {
        return cli_time(arena, barq_as_int(value, 0));
    }
    if (barq_kind(value) == BARQ_BOOL) {
        return barq_as_bool(value, false) ? "yes" : "no";
    }
    return barq_kind(value) == BARQ_INT ? cli_json(arena, value) : barq_as_string(value, "");
}

static int print_table(struct barq_arena *arena, const struct barq_value *objects,
                       const struct cli_column *columns, size_t n_columns)
{
    const char **titles = bq_arena_array(arena, n_columns, sizeof(*titles));
    const char **cells =
        bq_arena_array(arena, (barq_count(objects) + 1) * n_columns, sizeof(*cells));
    if (!titles || !cells) {
        cli_complain("out of memory");
        return CLI_BROKEN;
    }

    for (size_t i = 0; i < n_columns; i++) {
        titles[i] = columns[i].title;
        for (size_t row = 0; row < barq_count(objects); row++) {
            cells[row * n_columns + i] = cell_of(arena, barq_at(objects, row), columns[i].key);
        }
    }
    cli_table(titles, cells, barq_count(objects), n_columns);
    return CLI_OK;
}

struct barq_value *cli_text(struct barq_arena *arena, const char *text)
{
    return barq_string(arena, cli_clean(arena, text));
}

int cli_print_objects(struct barq_arena *arena, const struct barq_value *objects,
                      const struct cli_column *columns, bool json)
{
    size_t n_columns = 0;
    struct barq_error err;
    enum barq_status status = barq_value_check(objects, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    if (!json) {
        while (columns[n_columns].title) {
            n_columns++;
        }
        return print_table(arena, objects, columns, n_columns);
    }
    for (size_t i = 0; i < barq_count(objects); i++) {
        puts(cli_json(arena, barq_at(objects, i)));
    }
    return CLI_OK;
}
