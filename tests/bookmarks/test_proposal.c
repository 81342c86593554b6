#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "services/proposal.h"
#include "support/outside.h"

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_proposal proposal;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    bq_arena_init(&arena, 16000000);
    outside_start(&stand_in);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    outside_stop(&stand_in);
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status propose(enum bm_service service, const char *base_url, const char *wish)
{
    static const struct bm_field there[] = {{.name = "there", .label = "There"}};
    struct bm_model model = {.service = service, .base_url = base_url, .name = "made-up"};

    return bm_propose(&model, wish, there, 1, -1, 0, &arena, &proposal, &verdict, &err);
}

static void fields_that_make_sense_are_proposed_and_others_told(void **state)
{
    (void)state;

    assert_int_equal(propose(BM_SERVICE_OPENAI,
                             outside_recorded(&stand_in, 200, "openai/made_proposal.json"),
                             "Rezepte vergleichen"),
                     BARQ_OK);
    assert_int_equal(proposal.n_fields, 3);
    assert_string_equal(proposal.fields[0].name, "cuisine");
    assert_string_equal(proposal.fields[0].label, "K\xc3\xbc"
                                                  "che");
    assert_int_equal(proposal.fields[0].type, BM_SELECT);
    assert_int_equal(barq_count(proposal.fields[0].options), 2);
    assert_int_equal(proposal.fields[1].type, BM_RATING);
    assert_int_equal((int)bm_field_max(&proposal.fields[1]), 5);
    assert_string_equal(proposal.fields[2].name, "cooking_time");
    assert_false(proposal.fields[2].has_max); /* a model writes what nobody asked for */
    assert_int_equal(proposal.n_dropped, 4);
    assert_string_equal(proposal.dropped[0].name, "cuisine");
    assert_non_null(proposal.dropped[0].why);
    assert_int_equal(proposal.usage.tokens_in, 300);
    for (size_t i = 0; i < proposal.n_fields; i++) {
        assert_int_equal(bm_field_check_definition(&proposal.fields[i], &err), BARQ_OK);
    }
}

static void both_ways_of_asking_propose(void **state)
{
    (void)state;

    assert_int_equal(propose(BM_SERVICE_GEMINI, outside_url(&stand_in, "gemini", ""), "talks"),
                     BARQ_OK);
    assert_int_equal(proposal.n_fields, 1);
    assert_int_equal(propose(BM_SERVICE_OPENAI, outside_url(&stand_in, "openai/v1", ""), "talks"),
                     BARQ_OK);
    assert_int_equal(proposal.n_fields, 1);
}

static void a_proposal_of_nothing_is_refused(void **state)
{
    (void)state;

    assert_int_equal(propose(BM_SERVICE_GEMINI,
                             outside_recorded(&stand_in, 200, "gemini/recorded_native_output.json"),
                             "talks"),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_BAD_ANSWER);
    assert_int_equal(proposal.usage.tokens_in, 8);
}

static void a_wish_is_needed(void **state)
{
    (void)state;
    static char long_wish[BM_PROPOSAL_WISH_BYTES + 2];

    memset(long_wish, 'x', sizeof(long_wish) - 1);
    assert_int_equal(propose(BM_SERVICE_GEMINI, "http://127.0.0.1:1", " \n"), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);
    assert_int_equal(propose(BM_SERVICE_GEMINI, "http://127.0.0.1:1", long_wish), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_that_make_sense_are_proposed_and_others_told),
        cmocka_unit_test(both_ways_of_asking_propose),
        cmocka_unit_test(a_proposal_of_nothing_is_refused),
        cmocka_unit_test(a_wish_is_needed),
    };

    return cmocka_run_group_tests_name("bookmarks/proposal", tests, start, stop);
}
