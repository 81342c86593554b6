#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/codec.h"
#include "codec/integer.h"
#include "codec/show.h"

enum { PLENTY = 64 * 1024 * 1024, LINE_MAX_BYTES = 64 * 1024 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_arena arena;
static struct bq_buf bytes;
static struct bq_buf shown;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    bq_buf_init(&bytes, PLENTY);
    bq_buf_init(&shown, PLENTY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    bq_buf_clear(&bytes);
    bq_buf_clear(&shown);
    return 0;
}

/* A string literal with its length, NUL bytes included. */
struct raw {
    const char *bytes;
    size_t len;
};

#define RAW(text)    (text), sizeof(text) - 1
#define PROTO4(text) RAW("\x80\x04" text)

static enum barq_status read_raw(const char *from, size_t len, struct barq_value **out,
                                 struct barq_error *err)
{
    return bq_codec_pickle.decode(&arena, from, len, out, err);
}

static struct barq_value *read_well(const char *from, size_t len)
{
    struct barq_value *value = NULL;
    struct barq_error err;

    if (read_raw(from, len, &value, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(barq_value_check(value, NULL), BARQ_OK);
    return value;
}

static const char *text_of(const struct barq_value *value)
{
    bq_buf_reset(&shown);
    show(&shown, value);
    return bq_buf_cstr(&shown);
}

static void assert_read(const char *from, size_t len, const char *wanted)
{
    assert_string_equal(text_of(read_well(from, len)), wanted);
}

static void assert_refused(const char *from, size_t len, enum barq_status wanted, const char *why)
{
    struct barq_value *value = (void *)&arena;
    struct barq_error err = {.text = "none"};

    assert_int_equal(read_raw(from, len, &value, &err), wanted);
    assert_ptr_equal(value, &arena);
    if (!strstr(err.text, why)) {
        fail_msg("'%s' is not in: %s", why, err.text);
    }
}

/* Writes, reads again, and compares. */
static void assert_round(const struct barq_value *value)
{
    struct barq_error err;

    bq_buf_reset(&bytes);
    if (bq_codec_pickle.encode(value, &bytes, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    assert_true(barq_equal(read_well(bytes.data, bytes.len), value));
}

static size_t unhex(char *text)
{
    size_t len = 0;

    for (; text[2 * len] != '\0'; len++) {
        unsigned byte;
        assert_int_equal(sscanf(text + 2 * len, "%2x", &byte), 1);
        text[len] = (char)byte;
    }
    return len;
}

/* tests/data/pickles.txt: WHAT|PROTOCOL|HEX|SHOWN */
static void pickles_of_every_python_3_are_read(void **state)
{
    (void)state;
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/tests/data/pickles.txt", getenv("SOURCE_ROOT"));
    FILE *in = fopen(path, "re");
    char *line = malloc(LINE_MAX_BYTES);
    int count = 0;
    assert_non_null(in);
    assert_non_null(line);

    for (; fgets(line, LINE_MAX_BYTES, in); count++) {
        char *rest = line;
        const char *what = strsep(&rest, "|");
        const char *protocol = strsep(&rest, "|");
        char *hex = strsep(&rest, "|");
        const char *wanted = strsep(&rest, "\n");
        size_t len = unhex(hex);
        const struct barq_value *value = read_well(hex, len);
        assert_int_equal(hex[1], atoi(protocol));
        if (strcmp(text_of(value), wanted) != 0) {
            fail_msg("%s, protocol %s: %s", what, protocol, text_of(value));
        }
        assert_round(value);
    }
    assert_int_equal(count, 4 * 26);
    free(line);
    (void)fclose(in);
}

static void sharing_stays_a_copy_for_each_use(void **state)
{
    (void)state;
    /* a = [1]; b = [a, a, (a,)] */
    assert_read(PROTO4("]\x94(]\x94K\x01"
                       "ah\x01h\x01\x85"
                       "e."),
                "[[1], [1], ([1],)]");
}

static void what_contains_itself_is_refused(void **state)
{
    (void)state;
    static const char why[] = "it changes";

    assert_refused(PROTO4("]\x94h\x00"
                          "a."),
                   BARQ_ERR_FORMAT, why);
    assert_refused(PROTO4("}\x94K\x01h\x00s."), BARQ_ERR_FORMAT, why);
    /* a = []; b = (a,); a.append(b) */
    assert_refused(PROTO4("]\x94h\x00\x85"
                          "a."),
                   BARQ_ERR_FORMAT, why);
    /* an object whose attribute it is */
    assert_refused(PROTO4("\x8c\x01m\x8c\x01"
                          "C\x93)\x81\x94}\x8c\x01xh\x00sb."),
                   BARQ_ERR_FORMAT, why);
    assert_refused(PROTO4("\x8c\x01m\x8c\x01"
                          "C\x93)\x81\x94h\x00"
                          "b."),
                   BARQ_ERR_FORMAT, why);
}

/* Each level holds the one below twice. */
static void sharing_that_doubles_is_stopped_at_its_limit(void **state)
{
    (void)state;
    char text[512] = "\x80\x04]\x94";
    size_t len = 4;
    static const char level[] = {']', (char)0x94, '(', 'h', 0, 'h', 0, 'e'};

    for (int depth = 0; depth < 40; depth++) {
        memcpy(text + len, level, sizeof(level));
        text[len + 4] = text[len + 6] = (char)depth;
        len += sizeof(level);
    }
    /* Level n adds n - 1 to a fresh list, on a stack that grows; the last one is the value. */
    text[len++] = (char)0x85;
    assert_refused(text, len, BARQ_ERR_LIMIT, "what is shared takes more than 16 MiB");
    assert_true(arena.used_bytes < PLENTY);
}

static void arguments_that_are_used_again_count_as_shared(void **state)
{
    (void)state;
    /* t = ([0] * 1000,); set = builtins.set; then set(t) again and again */
    bq_buf_puts(&bytes, "\x80\x03]q");
    bq_buf_put_u8(&bytes, 0);
    bq_buf_puts(&bytes, "(");
    for (int i = 0; i < 1000; i++) {
        bq_buf_put(&bytes, "K\0", 2);
    }
    bq_buf_puts(&bytes, "e\x85q\x01"
                        "cbuiltins\nset\nq\x02");
    for (int i = 0; i < 20000; i++) {
        bq_buf_puts(&bytes, "h\x02h\x01R");
    }
    assert_refused(bytes.data, bytes.len, BARQ_ERR_LIMIT, "what is shared");
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[256] = "\x80\x04]";
    size_t len = 3;

    for (int depth = 1; depth < BARQ_VALUE_MAX_DEPTH; depth++) {
        text[len++] = (char)0x85;
    }
    text[len] = '.';
    (void)read_well(text, len + 1);
    text[len++] = (char)0x85;
    text[len++] = '.';
    assert_refused(text, len, BARQ_ERR_LIMIT, "more than 64 containers");
}

static void lengths_reserve_no_memory(void **state)
{
    (void)state;
    static const struct raw lies[] = {
        {PROTO4("X\xff\xff\xff\xff.")},
        {PROTO4("\x8d\xff\xff\xff\xff\xff\xff\xff\xff.")},
        {PROTO4("B\xff\xff\xff\x7f.")},
        {PROTO4("\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.")},
        {PROTO4("\x8b\xff\xff\xff\xff.")},
        {PROTO4("\x95\xff\xff\xff\xff\xff\xff\xff\xff.")},
        {PROTO4("Nr\xff\xff\xff\x7f.")},
        {PROTO4("\x8c")},
        {PROTO4("J\x01")},
        {PROTO4("G\x01")},
        {PROTO4("cos\nsystem")},
    };

    for (size_t i = 0; i < COUNT(lies); i++) {
        assert_refused(lies[i].bytes, lies[i].len, BARQ_ERR_FORMAT,
                       "pickle: cannot read opcode 0x");
        assert_true(arena.used_bytes < 1024);
    }
}

static void what_cannot_be_read_is_named_with_its_place(void **state)
{
    (void)state;
    assert_refused(PROTO4("N0\x82\x01."), BARQ_ERR_FORMAT,
                   "pickle: cannot read opcode 0x82 (EXT1) at byte 4: ");
    assert_refused(PROTO4("Px\n."), BARQ_ERR_FORMAT, "opcode 0x50 (PERSID) at byte 2");
    assert_refused(PROTO4("K\x01\xfe."), BARQ_ERR_FORMAT, "opcode 0xfe (unknown) at byte 4");
    assert_refused(PROTO4("K\x01)\x81."), BARQ_ERR_FORMAT, "0x81 (NEWOBJ) at byte 5: what is made");
    assert_refused(PROTO4("K\x01)R."), BARQ_ERR_FORMAT, "0x52 (REDUCE) at byte 5: what is called");
    assert_refused(RAW("\x80\x06N."), BARQ_ERR_FORMAT, "protocol 6, not 2 to 5");
    assert_refused(RAW("\x80\x01N."), BARQ_ERR_FORMAT, "protocol 1, not 2 to 5");
    assert_refused(RAW("(dp0\n."), BARQ_ERR_FORMAT, "starts with PROTO");
    assert_refused(RAW(""), BARQ_ERR_FORMAT, "starts with PROTO");
}

static void a_broken_pickle_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct raw pickle;
        const char *why;
    } broken[] = {
        {{PROTO4("N")}, "it has no end: byte 3 is missing"},
        {{PROTO4("")}, "it has no end"},
        {{PROTO4(".")}, "more values than there are"},
        {{PROTO4("N.N")}, "there is more after it"},
        {{PROTO4("NN.")}, "more than one value is left"},
        {{PROTO4("(N.")}, "more than one value is left"},
        {{PROTO4("(.")}, "more values than there are"},
        {{PROTO4("N\x80\x04.")}, "a pickle within a pickle"},
        {{PROTO4("t.")}, "there is none"},
        {{PROTO4("0.")}, "nothing on the stack"},
        {{PROTO4("h\x00.")}, "nothing is in that place"},
        {{PROTO4("(\x85.")}, "more values than there are"},
        {{PROTO4("}(Nu.")}, "a key without a value"},
        {{PROTO4("N(Ne.")}, "what it adds to is of kind null, not list"},
        {{PROTO4("](N\x90.")}, "what it adds to is of kind list, not set"},
        {{PROTO4("\x8c\x01\xff.")}, "not UTF-8"},
        {{PROTO4("\x8c\x03\xed\xa0\x80.")}, "half of a surrogate pair"},
        {{PROTO4("NN\x93.")}, "no text"},
        {{PROTO4("\x8c\x00\x8c\x01x\x93.")}, "whose name is none"},
        {{PROTO4("\x8c\x01x\x8c\x01:\x93.")}, "whose name is none"},
        {{PROTO4("\x8c\x01x\x8c\x01y\x93NR.")}, "no name with arguments"},
        {{PROTO4("\x8c\x01x\x8c\x01y\x93Nb.")}, "it changes an object that is in use"},
        {{PROTO4("NNb.")}, "what it changes is no object"},
        {{PROTO4("\x8c\x01x\x8c\x01y\x93)\x81}b}b.")}, "state for the second time"},
        {{PROTO4("\x8c\x01x\x8c\x01y\x93)\x81(Ne(NNu.")}, "both items and pairs"},
        {{PROTO4("\x8c\x01x\x8c\x01y\x93)}NNs\x92.")}, "keyword arguments"},
        {{PROTO4("\x8c\x08"
                 "datetime\x8c\x08"
                 "datetime\x93"
                 "C\x0a\x07\xe8\x02\x1e\x00\x00\x00\x00\x00\x00\x85R.")},
         "a datetime that does not exist"},
        {{PROTO4("\x8c\x08"
                 "datetime\x8c\x04"
                 "date\x93"
                 "C\x04\x00\x00\x01\x01\x85R.")},
         "a date that does not exist"},
        {{PROTO4("\x8c\x04uuid\x8c\x04UUID\x93)\x81}\x8c\x03intJ\xff\xff\xff\xffsb.")},
         "no number of 128 bits"},
        {{RAW("\x80\x02"
              "c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80X\x06\x00\x00\x00latin1\x86R.")},
         "a character above U+00FF"},
    };

    for (size_t i = 0; i < COUNT(broken); i++) {
        assert_refused(broken[i].pickle.bytes, broken[i].pickle.len, BARQ_ERR_FORMAT,
                       broken[i].why);
    }
}

static void nothing_is_executed(void **state)
{
    (void)state;
    assert_read(RAW("\x80\x03"
                    "cos\nsystem\nX\x0d\x00\x00\x00touch /tmp/x;\x85R."),
                "os.system('touch /tmp/x;')");
    assert_read(PROTO4("\x8c\x08"
                       "builtins\x8c\x04"
                       "eval\x93\x8c\x01"
                       "1\x85R."),
                "builtins.eval('1')");
}

static void objects_are_named_values(void **state)
{
    (void)state;
    static const struct {
        struct raw pickle;
        const char *wanted;
    } objects[] = {
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93.")},
         "m.C"},
        {{PROTO4("\x8c\x01m\x8c\x03"
                 "C.D\x93.")},
         "m:C.D"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)\x81.")},
         "m.C({})"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)\x81}\x8c\x01xK\x01sb.")},
         "m.C({'x': 1})"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)\x81NK\x01\x86"
                 "b.")},
         "m.C([None, (None, 1), None])"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93K\x01\x85R.")},
         "m.C(1)"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93N\x85R.")},
         "m.C(None,)"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93]\x85R.")},
         "m.C([],)"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93K\x01K\x02\x86\x81.")},
         "m.C(1, 2)"},
        {{RAW("\x80\x03"
              "cbuiltins\ngetattr\ncm\nC\nX\x01\x00\x00\x00"
              "D\x86\x81.")},
         "m:C.D"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93K\x01K\x02\x86}\x92.")},
         "m.C(1, 2)"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93K\x01\x85R}\x8c\x01xK\x01sb.")},
         "m.C([(1,), {'x': 1}, None])"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)RK\x05"
                 "a(K\x06"
                 "e.")},
         "m.C([(), None, [5, 6]])"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)\x81(K\x05Nu.")},
         "m.C([None, None, {5: None}])"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)\x81Nb.")},
         "m.C({})"},
        {{PROTO4("\x8c\x01m\x8c\x01"
                 "C\x93)R(e(u.")},
         "m.C()"},
        {{RAW("\x80\x02"
              "c__builtin__\nxrange\nK\x01\x85R.")},
         "builtins.range(1)"},
        {{RAW("\x80\x03"
              "cbuiltins\ngetattr\ncm\nC\nX\x01\x00\x00\x00"
              "D\x86R)R.")},
         "m:C.D()"},
    };

    for (size_t i = 0; i < COUNT(objects); i++) {
        assert_read(objects[i].pickle.bytes, objects[i].pickle.len, objects[i].wanted);
        assert_round(read_well(objects[i].pickle.bytes, objects[i].pickle.len));
    }
}

static void an_object_used_twice_is_read_twice(void **state)
{
    (void)state;
    assert_read(PROTO4("(\x8c\x01m\x8c\x01"
                       "C\x93\x94K\x01\x85R\x94h\x01h\x00t."),
                "(m.C(1), m.C(1), m.C)");
}

static void integers_of_any_size_go_both_ways(void **state)
{
    (void)state;
    static const char *const digits[] = {
        "0",
        "-1",
        "127",
        "128",
        "-128",
        "-129",
        "255",
        "256",
        "32767",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        "-340282366920938463463374607431768211456",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    };

    for (size_t i = 0; i < COUNT(digits); i++) {
        struct barq_value *number = barq_bigint(&arena, digits[i], strlen(digits[i]));
        assert_round(number);
        assert_string_equal(text_of(read_well(bytes.data, bytes.len)), digits[i]);
    }
}

static void an_integer_that_would_take_long_is_refused(void **state)
{
    (void)state;
    char digits[BQ_INTEGER_MAX_DIGITS + 2];
    memset(digits, '9', sizeof(digits));
    struct barq_error err;

    assert_round(barq_bigint(&arena, digits, BQ_INTEGER_MAX_DIGITS));
    assert_int_equal(bq_codec_pickle.encode(barq_bigint(&arena, digits, BQ_INTEGER_MAX_DIGITS + 1),
                                            &bytes, &err),
                     BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "too many digits"));

    bq_buf_reset(&bytes);
    bq_buf_puts(&bytes, "\x80\x04\x8b");
    bq_buf_put_u32(&bytes, BQ_INTEGER_MAX_BYTES + 1);
    for (int i = 0; i <= BQ_INTEGER_MAX_BYTES; i++) {
        bq_buf_put_u8(&bytes, 1);
    }
    bq_buf_puts(&bytes, ".");
    assert_refused(bytes.data, bytes.len, BARQ_ERR_LIMIT, "an integer of more than 8192 bytes");
}

static void what_python_cannot_hold_is_refused_with_its_path(void **state)
{
    (void)state;
    struct barq_value *list = barq_list(&arena);
    struct barq_value *map = barq_map(&arena);
    struct barq_error err;
    barq_put(map, barq_list(&arena), barq_null(&arena));
    barq_add(list, map);

    assert_int_equal(bq_codec_pickle.encode(list, &bytes, &err), BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "pickle: $[0][0]: in Python, a list or map can be no key"));
    assert_int_equal(
        bq_codec_pickle.encode(barq_timestamp(&arena, INT64_MAX, BARQ_NO_ZONE), &bytes, &err),
        BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "years are 1 to 9999"));
    assert_int_equal(bq_codec_pickle.encode(barq_timestamp(&arena, 0, 1440), &bytes, &err),
                     BARQ_ERR_TYPE);
    assert_int_equal(
        bq_codec_pickle.encode(barq_named(&arena, "Decimal", barq_null(&arena)), &bytes, &err),
        BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "has no module"));
    assert_int_equal(
        bq_codec_pickle.encode(barq_named(&arena, "m.C", barq_list(&arena)), &bytes, &err),
        BARQ_ERR_TYPE);
    assert_int_equal(bytes.len, 0);
}

static void a_set_within_a_key_is_a_frozenset(void **state)
{
    (void)state;
    struct barq_value *set = barq_set(&arena);
    struct barq_value *inner = barq_set(&arena);
    barq_add(inner, barq_int(&arena, 1));
    barq_add(set, inner);

    assert_int_equal(bq_codec_pickle.encode(set, &bytes, NULL), BARQ_OK);
    assert_int_equal(bytes.len, sizeof("\x80\x04\x8f((K\x01\x91\x90.") - 1);
    assert_memory_equal(bytes.data, "\x80\x04\x8f((K\x01\x91\x90.", bytes.len);
}

static void a_buffer_or_arena_that_is_full_is_an_error(void **state)
{
    (void)state;
    struct barq_value *value = barq_list(&arena);
    struct barq_value *read = NULL;
    for (int i = 0; i < 300; i++) {
        barq_add(value, barq_format(&arena, "%d", i));
    }
    assert_round(value);

    for (size_t limit = 0; limit < bytes.len; limit += 7) {
        bq_auto(buf) struct bq_buf small;
        bq_buf_init(&small, limit);
        assert_int_equal(bq_codec_pickle.encode(value, &small, NULL), BARQ_ERR_LIMIT);
        assert_int_equal(small.len, 0);
    }
    for (size_t limit = 0; limit < 8000; limit += 40) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        assert_int_equal(bq_codec_pickle.decode(&small, bytes.data, bytes.len, &read, NULL),
                         BARQ_ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pickles_of_every_python_3_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sharing_stays_a_copy_for_each_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_contains_itself_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sharing_that_doubles_is_stopped_at_its_limit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(arguments_that_are_used_again_count_as_shared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lengths_reserve_no_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_named_with_its_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_broken_pickle_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_executed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(objects_are_named_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_object_used_twice_is_read_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(integers_of_any_size_go_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_integer_that_would_take_long_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_python_cannot_hold_is_refused_with_its_path, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_set_within_a_key_is_a_frozenset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_buffer_or_arena_that_is_full_is_an_error, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
