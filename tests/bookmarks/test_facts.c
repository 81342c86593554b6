#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "services/facts.h"

static struct barq_arena arena;
static struct barq_error err;
static const struct bm_metadata *videos;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 65536);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static void facts_come_in_the_order_of_the_ids(void **state)
{
    (void)state;
    static const char *const ids[] = {"bGOghkY_a7Q", "aaaaaaaaaaa", "dwILgDsbmto"};

    assert_int_equal(bm_facts_fetch(ids, 3, &arena, &videos, &err), BARQ_OK);

    assert_true(videos[0].found);
    assert_string_equal(videos[0].youtube_id, "bGOghkY_a7Q");
    assert_string_equal(videos[0].title,
                        "Keynote] Python, PyCon, the Age of Dinosaurs, and the Planet of Chickens");
    assert_string_equal(videos[0].channel, "PyCon Korea 2024");
    assert_int_equal(videos[0].duration_s, 1662);
    assert_int_equal(videos[0].published_at_ms, 1729987200000);
    assert_null(videos[0].reason);

    assert_false(videos[1].found);
    assert_string_equal(videos[1].youtube_id, "aaaaaaaaaaa");
    assert_non_null(strstr(videos[1].reason, "examples"));

    assert_true(videos[2].found);
    assert_string_equal(videos[2].title, "Making the most of test-time compute in LLMs");
    assert_string_equal(videos[2].language, "eng");
    assert_null(videos[2].tags);
    assert_null(videos[2].channel_id);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    static const char *const ids[] = {"bGOghkY_a7Q"};
    videos = NULL;

    for (size_t limit = 0; limit < 600; limit += 8) {
        bq_auto(arena) struct barq_arena tiny;
        bq_arena_init(&tiny, limit);
        enum barq_status status = bm_facts_fetch(ids, 1, &tiny, &videos, &err);
        if (status == BARQ_OK) {
            assert_true(limit > 200);
            return;
        }
        assert_int_equal(status, BARQ_ERR_NOMEM);
        assert_null(videos);
    }
    fail_msg("600 bytes are enough for one video");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_come_in_the_order_of_the_ids),
        cmocka_unit_test(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("bookmarks/facts", tests, make_arena, clear_arena);
}
