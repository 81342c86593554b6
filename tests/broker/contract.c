/*
 * contract.c - one suite that every broker passes: `contract NAME` runs it for
 * the broker of that name in the list below.
 */
#include "broker/contract.h"

#include <stdio.h>
#include <string.h>

const struct contract *contract;

static const struct contract *const contracts[] = {&memory_contract, &sqlite_contract,
                                                   &redis_contract, &pg_contract};

static const struct contract *find_contract(const char *name)
{
    for (size_t i = 0; i < sizeof(contracts) / sizeof(contracts[0]); i++) {
        if (strcmp(contracts[i]->name, name) == 0) {
            return contracts[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct CMUnitTest all_of_them[256];
    size_t count = 0;

    contract = argc == 2 ? find_contract(argv[1]) : NULL;
    if (!contract) {
        (void)fprintf(stderr, "usage: contract memory|sqlite|redis|pg\n");
        return 2;
    }
    start_elsewhere();

    const struct test_list lists[] = {enqueue_tests(), claim_tests(), cron_tests(),  settle_tests(),
                                      lease_tests(),   look_tests(),  admin_tests(), wake_tests(),
                                      worker_tests(),  turn_tests(),  limit_tests(), report_tests(),
                                      after_tests(),   full_tests()};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (size_t test = 0; test < lists[i].count; test++) {
            all_of_them[count++] = lists[i].tests[test];
        }
    }
    return _cmocka_run_group_tests(contract->name, all_of_them, count, NULL, NULL);
}
