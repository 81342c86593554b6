/*
 * test_module.c - which files are modules, and which settings make sense. The
 * arguments are a good module, one of another ABI, one without settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "support/folder.h"

enum { GOOD, OTHER_ABI, NO_SETTINGS, MODULES };

static char *modules[MODULES];

static void assert_refused(const char *path, enum barq_status status, const char *why)
{
    struct barq_error err;
    const struct barq_settings *settings = NULL;

    assert_int_equal(bq_module_load(path, &settings, &err), status);
    assert_null(settings);
    if (!strstr(err.text, why)) {
        fail_msg("%s", err.text);
    }
}

static void a_module_is_loaded(void **state)
{
    (void)state;
    struct barq_error err;
    const struct barq_settings *settings;

    assert_int_equal(bq_module_load(modules[GOOD], &settings, &err), BARQ_OK);
    assert_string_equal(settings->queue_name, "of the module");
    assert_string_equal(settings->functions[0].name, "nothing");
    assert_int_equal(bq_settings_check(settings, &err), BARQ_OK);
}

static void a_module_is_found_in_the_current_folder(void **state)
{
    (void)state;
    struct barq_error err;
    const struct barq_settings *settings;

    assert_int_equal(symlink(modules[GOOD], folder_text("%s/here.so", folder_path())), 0);
    assert_int_equal(chdir(folder_path()), 0);
    assert_int_equal(bq_module_load("here.so", &settings, &err), BARQ_OK);
    assert_int_equal(chdir("/"), 0);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    assert_refused(folder_text("%s/gone.so", folder_path()), BARQ_ERR_NOTFOUND, "gone.so");
}

static void a_file_that_is_no_library_is_refused(void **state)
{
    (void)state;
    char *path = folder_text("%s/text.so", folder_path());
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs("no library\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_refused(path, BARQ_ERR_FORMAT, "cannot load");
    assert_refused(folder_path(), BARQ_ERR_FORMAT, "cannot load");
}

static void a_library_without_settings_is_told_what_it_lacks(void **state)
{
    (void)state;
    assert_refused(modules[NO_SETTINGS], BARQ_ERR_FORMAT, "BARQ_MODULE");
}

static void a_module_of_another_barq_is_to_be_built_again(void **state)
{
    (void)state;
    assert_refused(modules[OTHER_ABI], BARQ_ERR_FORMAT, "build it again");
}

/* -- settings -- */

static enum barq_status nothing(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

static const struct barq_function functions[] = {{.name = "nothing", .run = nothing},
                                                 {.name = NULL}};

static void settings_that_say_nothing_are_the_defaults(void **state)
{
    (void)state;
    struct barq_settings settings = {.abi = BARQ_ABI, .functions = functions};
    struct barq_settings off = {.abi = BARQ_ABI,
                                .functions = functions,
                                .job_timeout_ms = BARQ_OFF,
                                .keep_result_ms = BARQ_OFF};

    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    assert_int_equal(bq_settings_check(&off, NULL), BARQ_OK);
}

static const struct barq_worker_queue two_queues[] = {{"fast", 3}, {"slow", 0}, {NULL, 0}};
static const struct barq_worker_queue twice[] = {{"fast", 1}, {"fast", 1}, {NULL, 0}};
static const struct barq_worker_queue heavy[] = {{"fast", 1001}, {NULL, 0}};
static const struct barq_worker_queue no_queue[] = {{NULL, 0}};
static const struct barq_limit minus = {.max_running = -1};
static const struct barq_limit api_two = {.name = "api", .max_running = 2};
static const struct barq_limit api_three = {.name = "api", .max_running = 3};
static const struct barq_function negative[] = {{.name = "f", .run = nothing, .key_limit = &minus},
                                                {.name = NULL}};
static const struct barq_limit for_ever = {.max_starts = 1, .per_ms = INT64_MAX};
static const struct barq_function endless[] = {{.name = "f", .run = nothing, .limit = &for_ever},
                                               {.name = NULL}};
static const struct barq_function contradicting[] = {
    {.name = "f", .run = nothing, .limit = &api_two},
    {.name = "g", .run = nothing, .limit = &api_three},
    {.name = NULL}};
static const struct barq_function with_limits[] = {
    {.name = "f", .run = nothing, .limit = &api_two, .key_limit = &api_three},
    {.name = "g", .run = nothing, .limit = &api_two},
    {.name = NULL}};

static void queues_and_limits_are_told(void **state)
{
    (void)state;
    struct barq_settings settings = {
        .abi = BARQ_ABI, .functions = with_limits, .queues = two_queues};
    bq_auto(arena) struct barq_arena arena;
    struct bq_ready ready = {0};

    bq_arena_init(&arena, 65536);
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    assert_true(bq_rules_tell(&settings, &arena, &ready));
    assert_int_equal(ready.n_queues, 2);
    assert_string_equal(ready.queues[0].name, "fast");
    assert_int_equal(ready.queues[0].weight, 3);
    assert_int_equal(ready.queues[1].weight, 1);
    assert_int_equal(ready.n_limits, 2);
    assert_string_equal(ready.limits[0].function, "f");
    assert_string_equal(ready.limits[0].all.name, "api");
    assert_int_equal(ready.limits[0].all.max_running, 2);
    assert_int_equal(ready.limits[0].each_key.max_running, 3);
    assert_int_equal(ready.limits[0].each_key.per_ms, 1000);
    assert_string_equal(ready.limits[1].each_key.name, "");
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct barq_function none[] = {{.name = NULL}};
    char long_name[BARQ_QUEUE_MAX_BYTES + 2];
    const struct {
        struct barq_settings settings;
        const char *why;
    } bad[] = {
        {{.abi = 0, .functions = functions}, "abi"},
        {{.functions = NULL}, "at least one function"},
        {{.functions = none}, "at least one function"},
        {{.functions = functions, .queue_name = ""}, "queue_name"},
        {{.functions = functions, .queue_name = "a\nb"}, "queue_name"},
        {{.functions = functions, .queue_name = long_name}, "queue_name"},
        {{.functions = functions, .queue_name = "a", .queues = two_queues}, "not both"},
        {{.functions = functions, .queues = twice}, "'fast' is there twice"},
        {{.functions = functions, .queues = heavy}, "weight"},
        {{.functions = functions, .queues = no_queue}, "queues"},
        {{.functions = negative}, "'f' is negative"},
        {{.functions = endless}, "366 days"},
        {{.functions = contradicting}, "'f' and 'g'"},
        {{.functions = functions, .max_jobs = -1}, "negative"},
        {{.functions = functions, .max_tries = -1}, "negative"},
        {{.functions = functions, .job_timeout_ms = -2}, "negative"},
        {{.functions = functions, .keep_result_ms = -2}, "negative"},
        {{.functions = functions, .retry_min_ms = -1}, "negative"},
        {{.functions = functions, .retry_max_ms = -1}, "negative"},
        {{.functions = functions, .retry_on_error = -2}, "negative"},
        {{.functions = functions, .memory_max_bytes = -2}, "negative"},
        {{.functions = functions, .cpu_max_ms = -2}, "negative"},
        {{.functions = functions, .cpu_max_ms = 1, .threads = 2}, "threads"},
    };

    memset(long_name, 'q', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_settings settings = bad[i].settings;
        struct barq_error err;
        settings.abi = i == 0 ? 0 : BARQ_ABI;
        assert_int_not_equal(bq_settings_check(&settings, &err), BARQ_OK);
        if (!strstr(err.text, bad[i].why)) {
            fail_msg("%zu: %s", i, err.text);
        }
    }
}

static void functions_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct barq_function bad[] = {
        {.name = "", .run = nothing},
        {.name = "a\tb", .run = nothing},
        {.name = "a"},
        {.name = "nothing", .run = nothing},
        {.name = "a", .run = nothing, .job_timeout_ms = -2},
        {.name = "a", .run = nothing, .max_tries = -1},
        {.name = "a", .run = nothing, .keep_result_ms = -2},
        {.name = "a", .run = nothing, .retry_min_ms = -1},
        {.name = "a", .run = nothing, .retry_max_ms = -1},
        {.name = "a", .run = nothing, .retry_on_timeout = -2},
        {.name = "a", .run = nothing, .memory_max_bytes = -2},
        {.name = "a", .run = nothing, .output_max_bytes = -2},
        {.name = "a", .run = nothing, .recycle_after = -2},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_function two[] = {functions[0], bad[i], {.name = NULL}};
        struct barq_settings settings = {.abi = BARQ_ABI, .functions = two};
        assert_int_equal(bq_settings_check(&settings, NULL), BARQ_ERR_ARG);
    }
}

static void a_limit_of_cpu_time_needs_one_thread(void **state)
{
    (void)state;
    static const struct barq_function limited[] = {
        {.name = "a", .run = nothing, .cpu_max_ms = 1000},
        {.name = NULL},
    };
    struct barq_settings settings = {.abi = BARQ_ABI, .functions = limited, .threads = 1};

    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    settings.threads = 2;
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_ERR_ARG);
}

static void on_a_queue_shared_with_arq_each_function_needs_a_timeout(void **state)
{
    (void)state;
    static const struct barq_function timeless[] = {
        {.name = "quick", .run = nothing, .job_timeout_ms = 1000},
        {.name = "endless", .run = nothing, .job_timeout_ms = BARQ_OFF},
        {.name = NULL},
    };
    struct barq_settings settings = {.abi = BARQ_ABI, .functions = timeless};
    struct barq_error err;

    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    assert_int_equal(bq_shared_timeout_ms(&settings), 0);
    settings.shared_with_arq = true;
    assert_int_equal(bq_settings_check(&settings, &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "function 'endless' has no job_timeout"));

    settings.functions = functions;
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    assert_int_equal(bq_shared_timeout_ms(&settings), BARQ_DEFAULT_JOB_TIMEOUT_MS);
    settings.job_timeout_ms = BQ_SHARED_TIMEOUT_MAX_MS;
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    settings.job_timeout_ms++;
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_ERR_ARG);
}

static void cron_jobs_that_make_no_sense_are_refused_and_why(void **state)
{
    (void)state;
    static const struct {
        struct barq_cron cron;
        const char *why;
    } bad[] = {
        {{.function = "nowhere", .expression = "@daily"},
         "settings: cron job of 'nowhere': there is no such function"},
        {{.function = "nothing"},
         "settings: cron job 'nothing': it has neither an expression nor single fields"},
        {{.function = "nothing", .expression = "@daily", .hour = "4"},
         "settings: cron job 'nothing': it has an expression and single fields; give one of them"},
        {{.function = "nothing", .name = "n", .expression = "60 * * * *"},
         "settings: cron job 'n': cron: minute: 60 is not from 0 to 59"},
        {{.function = "nothing", .hour = "24"},
         "settings: cron job 'nothing': cron: hour: 24 is not from 0 to 23"},
        {{.function = "nothing", .expression = "0 0 30 2 *"},
         "settings: cron job 'nothing': cron: no month of it has such a day: it never runs"},
        {{.function = "nothing", .expression = "@daily", .time_zone = "Europe/Bielefeld"},
         "settings: cron job 'nothing': zone: 'Europe/Bielefeld' is neither a time zone in "
         "/usr/share/zoneinfo nor a POSIX TZ string"},
        {{.function = "nothing", .expression = "@daily", .arguments = "[1"},
         "settings: cron job 'nothing': its arguments: "},
        {{.function = "nothing", .expression = "@daily", .arguments = "17"},
         "settings: cron job 'nothing': its arguments are neither an array nor an object of JSON"},
        {{.function = "nothing", .expression = "@daily", .name = "a:b"},
         "settings: cron job 'a:b': its name must be"},
        {{.function = "nothing", .expression = "@daily", .queue = ""},
         "settings: cron job 'nothing': its queue"},
        {{.function = "nothing", .expression = "@daily", .missed = (enum barq_missed)3},
         "settings: cron job 'nothing': there is no such enum barq_missed"},
        {{.function = "nothing", .expression = "@hourly"},
         "settings: cron job 'nothing' is there twice; give one of them a name"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_cron crons[] = {
            {.function = "nothing", .expression = "@daily", .name = "first"},
            bad[i].cron,
            {.function = "nothing", .expression = "@weekly"},
            {.function = NULL}};
        struct barq_settings settings = {
            .abi = BARQ_ABI, .functions = functions, .cron_jobs = crons};
        struct barq_error err;
        assert_int_not_equal(bq_settings_check(&settings, &err), BARQ_OK);
        if (strncmp(err.text, bad[i].why, strlen(bad[i].why)) != 0) {
            fail_msg("%zu: %s", i, err.text);
        }
    }
}

static void cron_jobs_are_told_by_their_shortest_schedule(void **state)
{
    (void)state;
    static const struct barq_cron crons[] = {
        {.function = "nothing", .expression = "0 30 4 * * 1-5", .time_zone = "Europe/Berlin"},
        {.function = "nothing",
         .name = "fields",
         .day = "13",
         .weekday = "fri",
         .hour = "4",
         .minute = "0"},
        {.function = NULL},
    };
    struct barq_settings settings = {.abi = BARQ_ABI, .functions = functions, .cron_jobs = crons};
    bq_auto(arena) struct barq_arena arena;
    struct bq_cron_job *jobs = NULL;
    size_t count = 0;

    bq_arena_init(&arena, BQ_CRONS_ARENA_BYTES);
    assert_int_equal(bq_settings_check(&settings, NULL), BARQ_OK);
    assert_int_equal(bq_settings_crons(&arena, &settings, &jobs, &count, NULL), BARQ_OK);
    assert_int_equal(count, 2);
    assert_string_equal(jobs[0].name, "nothing");
    assert_string_equal(jobs[0].schedule, "30 4 * * mon-fri");
    assert_string_equal(jobs[0].time_zone, "Europe/Berlin");
    assert_string_equal(jobs[0].queue, "");
    assert_string_equal(jobs[1].name, "fields");
    assert_string_equal(jobs[1].schedule, "0 4 13 * +fri");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(int argc, char **argv)
{
    if (argc != 1 + MODULES) {
        return 2;
    }
    for (int i = 0; i < MODULES; i++) {
        modules[i] = realpath(argv[1 + i], NULL);
        if (!modules[i]) {
            perror(argv[1 + i]);
            return 2;
        }
    }

    const struct CMUnitTest tests[] = {
        TEST(a_module_is_loaded),
        TEST(a_module_is_found_in_the_current_folder),
        TEST(a_missing_file_is_named),
        TEST(a_file_that_is_no_library_is_refused),
        TEST(a_library_without_settings_is_told_what_it_lacks),
        TEST(a_module_of_another_barq_is_to_be_built_again),
        TEST(settings_that_say_nothing_are_the_defaults),
        TEST(queues_and_limits_are_told),
        TEST(settings_that_make_no_sense_are_refused),
        TEST(functions_that_make_no_sense_are_refused),
        TEST(on_a_queue_shared_with_arq_each_function_needs_a_timeout),
        TEST(cron_jobs_that_make_no_sense_are_refused_and_why),
        TEST(cron_jobs_are_told_by_their_shortest_schedule),
        TEST(a_limit_of_cpu_time_needs_one_thread),
    };

    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (int i = 0; i < MODULES; i++) {
        free(modules[i]);
    }
    return failed;
}
