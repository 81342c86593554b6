/*
 * The main() of a fuzz target where there is no fuzzer: the corpus, and each
 * piece of it damaged some hundred times, the same ones in each run.
 *
 *     fuzz_pickle ROUNDS FILE...
 *
 * A file has one piece a line: the last of its fields between bars that is
 * hexadecimal, or, without such a field, the line as it is.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { LINE_MAX_BYTES = 64 * 1024, DAMAGES_MAX = 4 };

static char line[LINE_MAX_BYTES];

/* xorshift64*; a run repeats itself exactly. */
static uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static const char *hex_field(char *fields)
{
    const char *hex = NULL;

    for (char *field; (field = strsep(&fields, "|")) != NULL;) {
        size_t len = strlen(field);
        if (len >= 4 && len % 2 == 0 && strspn(field, "0123456789abcdef") == len) {
            hex = field;
        }
    }
    return hex;
}

/* The piece in `line`, in its place; its length. */
static size_t read_piece(void)
{
    static char fields[LINE_MAX_BYTES];
    line[strcspn(line, "\n")] = '\0';
    memcpy(fields, line, strlen(line) + 1);
    const char *hex = hex_field(fields);
    size_t len = 0;
    if (!hex) {
        return strlen(line);
    }

    for (char byte[3] = ""; hex[2 * len] != '\0'; len++) {
        memcpy(byte, hex + 2 * len, 2);
        line[len] = (char)strtoul(byte, NULL, 16);
    }
    return len;
}

/* Changes, drops or doubles a byte. */
static size_t damage(uint8_t *bytes, size_t len, uint64_t *seed)
{
    size_t at = dice(seed) % len;

    switch (dice(seed) % 4) {
    case 0:
        bytes[at] = (uint8_t)dice(seed);
        return len;
    case 1:
        bytes[at] ^= (uint8_t)(1U << dice(seed) % 8);
        return len;
    case 2:
        memmove(bytes + at, bytes + at + 1, len - at - 1);
        return len - 1;
    default:
        memmove(bytes + at + 1, bytes + at, len - at);
        return len + 1;
    }
}

/* On the heap and exactly as long, so that a sanitizer sees what reads beyond. */
static int try_bytes(const void *bytes, size_t len)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (!exact) {
        return 1;
    }
    memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

static int try_piece(size_t len, int rounds)
{
    static uint8_t bytes[LINE_MAX_BYTES + DAMAGES_MAX];
    int failed = try_bytes(line, len);

    for (int round = 1; !failed && round <= rounds; round++) {
        uint64_t seed = (uint64_t)round;
        size_t left = len;
        memcpy(bytes, line, len);
        for (uint64_t times = 1 + dice(&seed) % DAMAGES_MAX; left > 1 && times > 0; times--) {
            left = damage(bytes, left, &seed);
        }
        failed = try_bytes(bytes, left);
    }
    return failed;
}

/* How many pieces were tried; 0 when something has failed. */
static int try_file(const char *path, int rounds)
{
    FILE *in = fopen(path, "re");
    int count = 0;
    int failed = in == NULL;

    while (!failed && fgets(line, sizeof(line), in)) {
        failed = try_piece(read_piece(), rounds);
        count++;
    }
    if (in) {
        (void)fclose(in);
    }
    return failed ? 0 : count;
}

int main(int argc, char **argv)
{
    int failed = argc < 3;

    (void)printf("1..%d\n", argc - 2);
    for (int i = 2; i < argc; i++) {
        int count = try_file(argv[i], (int)strtol(argv[1], NULL, 10));
        failed = failed || count == 0;
        (void)printf("%s %d - %d pieces of %s\n", count > 0 ? "ok" : "not ok", i - 1, count,
                     strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i]);
    }
    return failed;
}
