#include "templates.h"

#include <string.h>

/* clang-format off */
static const struct bm_template_field talks[] = {
    {"level", "Level", BM_SELECT,
     "[\"beginner\", \"intermediate\", \"advanced\"]",
     "{\"first\": ["
     "{\"option\": \"advanced\", \"words\": [\"advanced\", \"expert*\", \"deep dive\", \"deep-dive\","
     " \"internals\", \"under the hood\", \"in depth\", \"in-depth\", \"hard way\"]},"
     "{\"option\": \"intermediate\", \"words\": [\"intermediate\", \"beyond\", \"best practice*\","
     " \"patterns\", \"effective\", \"scaling\", \"performance\", \"optimi*\"]},"
     "{\"option\": \"beginner\", \"words\": [\"beginner*\", \"intro\", \"introduction\", \"introducing\","
     " \"getting started\", \"101\", \"basics\", \"first steps\", \"for everyone\", \"novice*\","
     " \"hello\", \"primer\"]}]}"},

    {"kind", "Kind", BM_SELECT,
     "[\"keynote\", \"tutorial\", \"lightning\", \"panel\", \"talk\"]",
     "{\"first\": ["
     "{\"option\": \"keynote\", \"words\": [\"keynote*\", \"opening\", \"closing\"]},"
     "{\"option\": \"tutorial\", \"words\": [\"tutorial*\", \"workshop*\", \"hands-on\", \"hands on\"]},"
     "{\"option\": \"lightning\", \"words\": [\"lightning\"]},"
     "{\"option\": \"panel\", \"words\": [\"panel\", \"round table\", \"q&a\"]},"
     "{\"option\": \"lightning\", \"max_minutes\": 8},"
     "{\"option\": \"tutorial\", \"min_minutes\": 75}],"
     " \"otherwise\": \"talk\"}"},

    {"topics", "Topics", BM_MULTI_SELECT,
     "[\"data\", \"machine learning\", \"web\", \"testing\", \"async\", \"performance\", \"security\","
     " \"devops\", \"packaging\", \"science\", \"teaching\", \"community\"]",
     "{\"all\": ["
     "{\"option\": \"data\", \"words\": [\"data*\", \"pandas\", \"sql\", \"analytics\", \"visuali*\","
     " \"dataframe*\", \"etl\", \"spark\", \"dask\", \"jupyter*\"]},"
     "{\"option\": \"machine learning\", \"words\": [\"machine learning\", \"deep learning\", \"ml\","
     " \"ai\", \"neural\", \"llm*\", \"nlp\", \"tensorflow\", \"pytorch\", \"keras\", \"scikit-learn\","
     " \"bayes*\"]},"
     "{\"option\": \"web\", \"words\": [\"web*\", \"django*\", \"flask\", \"fastapi\", \"http*\","
     " \"rest\", \"api\", \"apis\", \"graphql\", \"javascript\", \"pyramid\"]},"
     "{\"option\": \"testing\", \"words\": [\"test*\", \"pytest\", \"tdd\", \"mock*\", \"hypothesis\","
     " \"quality\"]},"
     "{\"option\": \"async\", \"words\": [\"async*\", \"concurren*\", \"twisted\", \"tornado\","
     " \"coroutine*\", \"thread*\", \"celery\"]},"
     "{\"option\": \"performance\", \"words\": [\"performance\", \"fast*\", \"speed*\", \"profil*\","
     " \"cython\", \"numba\", \"pypy\", \"gpu*\", \"optimi*\", \"scaling\"]},"
     "{\"option\": \"security\", \"words\": [\"security\", \"secure\", \"crypto*\", \"hack*\","
     " \"attack*\", \"privacy\"]},"
     "{\"option\": \"devops\", \"words\": [\"devops\", \"docker\", \"kubernetes\", \"cloud\", \"aws\","
     " \"deploy*\", \"ci\", \"monitoring\", \"infrastructure\", \"serverless\"]},"
     "{\"option\": \"packaging\", \"words\": [\"packag*\", \"pypi\", \"pip\", \"conda\", \"wheel*\","
     " \"dependenc*\"]},"
     "{\"option\": \"science\", \"words\": [\"scien*\", \"numpy\", \"scipy\", \"astro*\", \"bio*\","
     " \"geo*\", \"physics\", \"simulat*\", \"numerical\"]},"
     "{\"option\": \"teaching\", \"words\": [\"teach*\", \"learn*\", \"education*\", \"student*\","
     " \"classroom\", \"kids\"]},"
     "{\"option\": \"community\", \"words\": [\"community\", \"diversity\", \"open source\","
     " \"inclus*\", \"mentor*\", \"pyladies\", \"django girls\"]}]}"},

    {"hands_on", "Hands-on", BM_BOOLEAN, "[]",
     "{\"any\": [{\"words\": [\"tutorial*\", \"workshop*\", \"hands-on\", \"hands on\", \"sprint*\"]}]}"},

    {"year", "Year", BM_NUMBER, "[]", "{\"from\": \"year\"}"},
    {"minutes", "Minutes", BM_DURATION, "[]", "{\"from\": \"minutes\"}"},
    {.name = NULL},
};
/* clang-format on */

/* A list that has no fields yet. */
static const struct bm_template_field none[] = {{.name = NULL}};

static const struct {
    const char *name;
    const struct bm_template_field *fields;
} templates[] = {{"talks", talks}, {"none", none}};

const struct bm_template_field *bm_template_find(const char *name)
{
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        if (strcmp(name, templates[i].name) == 0) {
            return templates[i].fields;
        }
    }
    return NULL;
}

const char *bm_template_names(void)
{
    return "talks, none";
}
