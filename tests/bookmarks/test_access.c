#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "fixture.h"
#include "store/login.h"
#include "store/settings.h"
#include "store/tokens.h"
#include "support/store.h"

enum { NOW_MS = 1000 * BM_GUESSES_MS };

static struct barq_error err;

static int make(void **state)
{
    unsetenv("BOOKMARKS_PASSWORD");
    return fixture_make(state);
}

/* -- secrets -- */

static void a_verifier_tells_its_password_from_others(void **state)
{
    (void)state;
    char verifier[BM_VERIFIER_BYTES];
    char again[BM_VERIFIER_BYTES];
    bool right = false;

    check(bm_verifier_make("correct horse", verifier, &err), &err);
    check(bm_verifier_make("correct horse", again, &err), &err);
    assert_string_not_equal(verifier, again); /* each has its own salt */
    assert_null(strstr(verifier, "horse"));
    check(bm_verifier_check(verifier, "correct horse", &right, &err), &err);
    assert_true(right);
    check(bm_verifier_check(verifier, "correct horsf", &right, &err), &err);
    assert_false(right);
    check(bm_verifier_check(verifier, "", &right, &err), &err);
    assert_false(right);
}

static void scrypt_is_that_of_others(void **state)
{
    (void)state;
    bool right = false;

    /* Made by Python's hashlib. */
    check(bm_verifier_check("scrypt$14$8$1$00112233445566778899aabbccddeeff$"
                            "6da79d815817b102abe3273c93586238266dad533a639f00761fb0e05f63c2df",
                            "pleaseletmein", &right, &err),
          &err);
    assert_true(right);
}

static void what_is_no_verifier_lets_nobody_in(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "scrypt", "scrypt$14$8$5$ab$cd", "scrypt$60$8$5$ab$cd",
                                      "correct horse"};
    bool right = false;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(bm_verifier_check(bad[i], "correct horse", &right, &err),
                         BARQ_ERR_CORRUPT);
        assert_false(right);
    }
}

static void a_password_is_neither_short_nor_endless(void **state)
{
    (void)state;
    static char text[BM_PASSWORD_MOST_BYTES + 2];
    char verifier[BM_VERIFIER_BYTES];

    assert_int_equal(bm_verifier_make("1234567", verifier, &err), BARQ_ERR_ARG);
    memset(text, 'a', BM_PASSWORD_MOST_BYTES + 1);
    assert_int_equal(bm_verifier_make(text, verifier, &err), BARQ_ERR_ARG);
}

/* -- the password and its logins -- */

static const char *verifier_now(void)
{
    const char *verifier = NULL;

    check(bm_password_verifier(session, &arena, &verifier, &err), &err);
    return verifier;
}

static void the_password_is_that_of_the_environment_or_the_stored_one(void **state)
{
    (void)state;
    bool right = false;

    begin_write();
    assert_null(verifier_now());
    check(bm_password_put(session, "scrypt$stored", NOW_MS, &err), &err);
    assert_string_equal(verifier_now(), "scrypt$stored");
    setenv("BOOKMARKS_PASSWORD", "from outside", 1);
    check(bm_verifier_check(verifier_now(), "from outside", &right, &err), &err);
    assert_true(right);
    check(bm_verifier_check(verifier_now(), "from inside", &right, &err), &err);
    assert_false(right);
    setenv("BOOKMARKS_PASSWORD", "", 1);
    assert_string_equal(verifier_now(), "scrypt$stored");
    check(bm_password_put(session, NULL, NOW_MS, &err), &err);
    assert_null(verifier_now());
    barq_session_rollback(session);
}

static enum barq_status find(const char *verifier, const char *cookie, int64_t now_ms)
{
    int64_t seen_at_ms = 0;

    return bm_login_find(session, verifier, cookie, now_ms, &seen_at_ms, &err);
}

static void a_login_lasts_from_its_last_use(void **state)
{
    (void)state;
    char cookie[BM_SECRET_BYTES];

    begin_write();
    check(bm_login_add(session, "v", "Browser", NOW_MS, cookie, &err), &err);
    check(find("v", cookie, NOW_MS + BM_LOGIN_MS - 1), &err);
    assert_int_equal(find("v", cookie, NOW_MS + BM_LOGIN_MS), BARQ_ERR_NOTFOUND);
    check(bm_login_seen(session, "v", cookie, NOW_MS + 5, &err), &err);
    check(find("v", cookie, NOW_MS + BM_LOGIN_MS + 4), &err);
    assert_int_equal(find("v", cookie, NOW_MS + BM_LOGIN_MS + 5), BARQ_ERR_NOTFOUND);
    barq_session_rollback(session);
}

static void a_login_ends_with_its_password_or_by_hand(void **state)
{
    (void)state;
    char cookie[BM_SECRET_BYTES];

    begin_write();
    check(bm_login_add(session, "v", "\xff", NOW_MS, cookie, &err), &err);
    check(find("v", cookie, NOW_MS), &err);
    assert_int_equal(find("w", cookie, NOW_MS), BARQ_ERR_NOTFOUND);
    assert_int_equal(find("v", "", NOW_MS), BARQ_ERR_NOTFOUND);
    check(bm_login_end(session, "v", cookie, &err), &err);
    assert_int_equal(find("v", cookie, NOW_MS), BARQ_ERR_NOTFOUND);
    barq_session_rollback(session);
}

/* -- guesses -- */

static int64_t wait_of(const char *address, int64_t now_ms)
{
    int64_t wait_ms = -1;

    check(bm_guess_wait(session, address, now_ms, &wait_ms, &err), &err);
    return wait_ms;
}

static void an_address_has_so_many_guesses_in_a_quarter_of_an_hour(void **state)
{
    (void)state;

    begin_write();
    for (int i = 0; i < BM_GUESSES_OF_ONE; i++) {
        assert_int_equal(wait_of("1.2.3.4", NOW_MS + 7), 0);
        check(bm_guess_count(session, "1.2.3.4", NOW_MS, &err), &err);
    }
    assert_int_equal(wait_of("1.2.3.4", NOW_MS + 7), BM_GUESSES_MS - 7);
    assert_int_equal(wait_of("1.2.3.5", NOW_MS + 7), 0);
    assert_int_equal(wait_of("1.2.3.4", NOW_MS + BM_GUESSES_MS), 0);
    barq_session_rollback(session);
}

static int64_t count_guesses(void)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    check(barq_query(session, "SELECT count(*) FROM counters WHERE name LIKE 'guess/%'",
                     BARQ_NO_PARAMS, &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    return barq_column_int(rows, 0);
}

static void all_addresses_together_have_a_limit_too(void **state)
{
    (void)state;

    begin_write();
    for (int i = 0; i < BM_GUESSES_OF_ALL; i++) {
        char address[32];
        snprintf(address, sizeof(address), "10.0.0.%d", i);
        assert_int_equal(wait_of(address, NOW_MS), 0);
        check(bm_guess_count(session, address, NOW_MS, &err), &err);
    }
    assert_int_not_equal(wait_of("10.0.1.1", NOW_MS), 0);
    check(bm_guess_count(session, "1.2.3.4", NOW_MS + BM_GUESSES_MS, &err), &err);
    assert_int_equal(count_guesses(), 2); /* those before are thrown away */
    barq_session_rollback(session);
}

/* -- tokens -- */

static void a_token_is_found_by_its_secret_until_it_is_over(void **state)
{
    (void)state;
    char secret[BM_TOKEN_BYTES];
    struct bm_token token;
    struct bm_token found;

    begin_write();
    check(bm_token_add(session, "script", false, NOW_MS + 10, NOW_MS, &arena, &token, secret, &err),
          &err);
    assert_int_equal(strlen(secret), BM_TOKEN_BYTES - 1);
    check(bm_token_find(session, secret, NOW_MS + 9, &arena, &found, &err), &err);
    assert_string_equal(found.id, token.id);
    assert_false(found.can_write);
    assert_true(found.last_used_at_ms == INT64_MIN);
    assert_int_equal(bm_token_find(session, secret, NOW_MS + 10, &arena, &found, &err),
                     BARQ_ERR_NOTFOUND);
    secret[5] ^= 1;
    assert_int_equal(bm_token_find(session, secret, NOW_MS, &arena, &found, &err),
                     BARQ_ERR_NOTFOUND);
    barq_session_rollback(session);
}

static void tokens_have_names_and_can_be_revoked(void **state)
{
    (void)state;
    char secret[BM_TOKEN_BYTES];
    struct bm_token token;
    const struct bm_token *tokens = NULL;
    size_t count = 0;

    begin_write();
    check(bm_token_add(session, "b", true, INT64_MIN, NOW_MS, &arena, &token, secret, &err), &err);
    check(bm_token_used(session, token.id, NOW_MS + 5, &err), &err);
    check(bm_token_add(session, "a", true, INT64_MIN, NOW_MS, &arena, &token, secret, &err), &err);
    assert_int_equal(
        bm_token_add(session, "", true, INT64_MIN, NOW_MS, &arena, &token, secret, &err),
        BARQ_ERR_ARG);
    check(bm_tokens(session, &arena, &tokens, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(tokens[1].name, "b");
    assert_true(tokens[1].can_write && tokens[1].last_used_at_ms == NOW_MS + 5);
    check(bm_token_revoke(session, "b", &err), &err);
    check(bm_token_revoke(session, tokens[0].id, &err), &err);
    assert_int_equal(bm_token_revoke(session, "b", &err), BARQ_ERR_NOTFOUND);
    check(bm_token_add(session, "a", true, INT64_MIN, NOW_MS, &arena, &token, secret, &err), &err);
    assert_int_equal(
        bm_token_add(session, "a", true, INT64_MIN, NOW_MS, &arena, &token, secret, &err),
        BARQ_ERR_EXISTS);
    barq_session_rollback(session);
}

#define access_test(name) cmocka_unit_test_setup_teardown(name, make, fixture_remove)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier_tells_its_password_from_others),
        cmocka_unit_test(scrypt_is_that_of_others),
        cmocka_unit_test(what_is_no_verifier_lets_nobody_in),
        cmocka_unit_test(a_password_is_neither_short_nor_endless),
        access_test(the_password_is_that_of_the_environment_or_the_stored_one),
        access_test(a_login_lasts_from_its_last_use),
        access_test(a_login_ends_with_its_password_or_by_hand),
        access_test(an_address_has_so_many_guesses_in_a_quarter_of_an_hour),
        access_test(all_addresses_together_have_a_limit_too),
        access_test(a_token_is_found_by_its_secret_until_it_is_over),
        access_test(tokens_have_names_and_can_be_revoked),
    };

    store_main(argc, argv);
    return cmocka_run_group_tests_name("bookmarks/access", tests, NULL, store_end);
}
