#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "web/shown.h"

/* However large a value is, no more of it is looked at than finds room. */
struct brief {
    char text[BW_BRIEF_BYTES];
    size_t len;
    bool is_cut;
};

static void put(struct brief *brief, const char *text, size_t len)
{
    size_t room = sizeof(brief->text) - brief->len;
    size_t part = bq_utf8_cut(text, len, room);

    if (brief->is_cut) {
        return;
    }
    memcpy(brief->text + brief->len, text, part);
    brief->len += part;
    brief->is_cut = part < len;
}

static void puts_of(struct brief *brief, const char *text)
{
    put(brief, text, strlen(text));
}

static void put_string(struct brief *brief, const struct barq_value *value)
{
    size_t len = 0;
    const char *text = barq_as_bytes(value, &len);

    puts_of(brief, "\"");
    for (size_t i = 0; i < len && !brief->is_cut;) {
        size_t plain = 0;
        while (i + plain < len && plain < sizeof(brief->text) &&
               (unsigned char)text[i + plain] >= ' ' && text[i + plain] != '"') {
            plain++;
        }
        put(brief, text + i, plain);
        i += plain;
        if (i < len && plain < sizeof(brief->text)) {
            char escape[8];
            (void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)text[i]);
            puts_of(brief, text[i] == '"' ? "\\\"" : escape);
            i++;
        }
    }
    puts_of(brief, "\"");
}

static void put_value(struct brief *brief, const struct barq_value *value);

static void put_list(struct brief *brief, const struct barq_value *list, const char *begin,
                     const char *end)
{
    puts_of(brief, begin);
    for (size_t i = 0; i < barq_count(list) && !brief->is_cut; i++) {
        puts_of(brief, i > 0 ? ", " : "");
        put_value(brief, barq_at(list, i));
    }
    puts_of(brief, end);
}

static void put_map(struct brief *brief, const struct barq_value *map)
{
    puts_of(brief, "{");
    for (size_t i = 0; i < barq_count(map) && !brief->is_cut; i++) {
        puts_of(brief, i > 0 ? ", " : "");
        put_value(brief, barq_key_at(map, i));
        puts_of(brief, ": ");
        put_value(brief, barq_at(map, i));
    }
    puts_of(brief, "}");
}

static void put_number(struct brief *brief, const struct barq_value *value)
{
    char text[32];

    if (barq_kind(value) == BARQ_INT) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)barq_as_int(value, 0));
    } else {
        (void)snprintf(text, sizeof(text), "%.17g", barq_as_double(value, 0));
    }
    puts_of(brief, text);
}

static void put_value(struct brief *brief, const struct barq_value *value)
{
    switch (barq_kind(value)) {
    case BARQ_NULL:
        puts_of(brief, "null");
        break;
    case BARQ_BOOL:
        puts_of(brief, barq_as_bool(value, false) ? "true" : "false");
        break;
    case BARQ_INT:
    case BARQ_DOUBLE:
        put_number(brief, value);
        break;
    case BARQ_BIGINT:
        puts_of(brief, barq_as_string(value, ""));
        break;
    case BARQ_STRING:
        put_string(brief, value);
        break;
    case BARQ_LIST:
        put_list(brief, value, "[", "]");
        break;
    case BARQ_TUPLE:
        put_list(brief, value, "(", ")");
        break;
    case BARQ_SET:
        put_list(brief, value, "{", "}");
        break;
    case BARQ_MAP:
        put_map(brief, value);
        break;
    case BARQ_NAMED:
        puts_of(brief, barq_name_of(value));
        puts_of(brief, "(");
        put_value(brief, barq_content_of(value));
        puts_of(brief, ")");
        break;
    case BARQ_BYTES:
    case BARQ_TIMESTAMP:
        puts_of(brief, "<");
        puts_of(brief, barq_kind_name(barq_kind(value)));
        puts_of(brief, ">");
        break;
    }
}

const char *bw_brief(struct barq_arena *arena, const struct barq_value *args,
                     const struct barq_value *kwargs)
{
    struct brief brief = {.len = 0};

    for (size_t i = 0; i < barq_count(args) && !brief.is_cut; i++) {
        puts_of(&brief, i > 0 ? ", " : "");
        put_value(&brief, barq_at(args, i));
    }
    for (size_t i = 0; i < barq_count(kwargs) && !brief.is_cut; i++) {
        puts_of(&brief, i > 0 || barq_count(args) > 0 ? ", " : "");
        puts_of(&brief, barq_as_string(barq_key_at(kwargs, i), "?"));
        puts_of(&brief, "=");
        put_value(&brief, barq_at(kwargs, i));
    }
    return bq_arena_format(arena, "%.*s%s", (int)brief.len, brief.text,
                           brief.is_cut ? "\xe2\x80\xa6" : "");
}
