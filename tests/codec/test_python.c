/*
 * A codec against Python's own: values that oracle.py makes at random are read
 * and written again, and Python finds what it had.
 *
 *     test_python FORMAT PYTHON ORACLE
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/codec.h"
#include "support/folder.h"

enum {
    ROUNDS = 3,
    VALUES = 300,
    MESSAGE_MAX_BYTES = 16 * 1024 * 1024,
    ARENA_MAX_BYTES = 256 * 1024 * 1024,
};

static const char *format;
static const char *python;
static const char *oracle;

static void ask(const char *what, const char *path, int seed)
{
    char seed_text[16];
    char count_text[16];
    int status;

    (void)snprintf(seed_text, sizeof(seed_text), "%d", seed);
    (void)snprintf(count_text, sizeof(count_text), "%d", VALUES);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(python, python, oracle, what, format, path, seed_text, count_text, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool read_message(FILE *in, struct bq_buf *message)
{
    uint8_t length[4];
    if (fread(length, 1, sizeof(length), in) != sizeof(length)) {
        return false;
    }

    size_t len = length[0] | length[1] << 8 | length[2] << 16 | (size_t)length[3] << 24;
    bq_buf_reset(message);
    char *room = bq_buf_reserve(message, len);
    assert_non_null(room);
    assert_int_equal(fread(room, 1, len, in), len);
    message->len = len;
    return true;
}

static void write_message(FILE *out, const struct bq_buf *message)
{
    uint8_t length[4];

    for (int i = 0; i < 4; i++) {
        length[i] = (uint8_t)(message->len >> (8 * i) & 0xff);
    }
    assert_int_equal(fwrite(length, 1, sizeof(length), out), sizeof(length));
    assert_int_equal(fwrite(message->data, 1, message->len, out), message->len);
}

static void again(const struct bq_codec *codec, const struct bq_buf *message,
                  struct bq_buf *written, int at)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_MAX_BYTES);
    struct barq_value *value;
    struct barq_error err;

    if (codec->decode(&arena, message->data, message->len, &value, &err) != BARQ_OK) {
        fail_msg("value %d: %s", at, err.text);
    }
    assert_int_equal(barq_value_check(value, NULL), BARQ_OK);
    bq_buf_reset(written);
    if (codec->encode(value, written, &err) != BARQ_OK) {
        fail_msg("value %d: %s", at, err.text);
    }
}

static void read_and_write(const char *from, const char *to)
{
    const struct bq_codec *codec =
        strcmp(format, "pickle") == 0 ? &bq_codec_pickle : &bq_codec_msgpack;
    bq_auto(buf) struct bq_buf message;
    bq_auto(buf) struct bq_buf written;
    bq_buf_init(&message, MESSAGE_MAX_BYTES);
    bq_buf_init(&written, MESSAGE_MAX_BYTES);
    FILE *in = fopen(from, "rbe");
    FILE *out = fopen(to, "wbe");
    int count = 0;
    assert_non_null(in);
    assert_non_null(out);

    for (; read_message(in, &message); count++) {
        again(codec, &message, &written, count);
        write_message(out, &written);
    }
    assert_int_equal(count, VALUES);
    (void)fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void python_gets_back_what_it_wrote(void **state)
{
    (void)state;
    const char *from = folder_text("%s/from", folder_path());
    const char *to = folder_text("%s/to", folder_path());

    for (int seed = 1; seed <= ROUNDS; seed++) {
        ask("make", from, seed);
        read_and_write(from, to);
        ask("check", to, seed);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(python_gets_back_what_it_wrote, folder_make, folder_remove),
    };
    if (argc != 4) {
        return 2;
    }

    format = argv[1];
    python = argv[2];
    oracle = argv[3];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
