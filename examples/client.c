/*
 * client.c - a program that has a job done, and waits for it.
 *
 *     cc client.c $(pkg-config --cflags --libs barq) -o client
 *     barq worker ./hello.so &
 *     ./client World
 */
#include <stdio.h>
#include <stdlib.h>

#include <barq/client.h>

enum { RESULT_MAX_BYTES = 64 * 1024, PATIENCE_MS = 30000 };

static enum barq_status ask(struct barq_client *client, struct barq_arena *arena, const char *name,
                            const struct barq_value **greeting, struct barq_error *err)
{
    char id[BARQ_JOB_ID_MAX_BYTES + 1];
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, name));
    enum barq_status status = barq_enqueue(client, "greet", args, NULL, NULL, id, err);
    return status == BARQ_OK ? barq_result(client, id, PATIENCE_MS, arena, greeting, err) : status;
}

int main(int argc, char **argv)
{
    const struct barq_value *greeting = NULL;
    struct barq_client *client = NULL;
    struct barq_error err;

    enum barq_status status = barq_client_open(NULL, NULL, &client, &err);
    struct barq_arena *arena = barq_arena_new(RESULT_MAX_BYTES);
    if (status == BARQ_OK) {
        status = ask(client, arena, argc > 1 ? argv[1] : "World", &greeting, &err);
    }
    if (status == BARQ_OK) {
        puts(barq_as_string(greeting, "?"));
    } else {
        (void)fprintf(stderr, "client: %s\n", err.text);
    }
    barq_arena_free(arena);
    barq_client_close(client);
    return status == BARQ_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
