#include "store/distribution.h"

#include <math.h>

#include "base/time.h"

enum { BUCKETS_WANTED = 12 };

/* Between numbers beyond this, widths are infinite; those are in the last buckets. */
static const double edge_max = 1e300;

/* -- edges -- */

/* 1, 2 or 5 times a power of ten: the least by which `span` is no more than the wanted buckets. */
struct nice {
    double factor;
    int exponent;
};

static struct nice nice_step(double span)
{
    struct nice nice = {.factor = 1, .exponent = 0};

    if (span > 0) {
        double rough = span / BUCKETS_WANTED;
        nice.exponent = (int)floor(log10(rough));
        double first = rough / pow(10, nice.exponent);
        nice.factor = first <= 1 ? 1 : first <= 2 ? 2 : first <= 5 ? 5 : 10;
    }
    return nice;
}

/* Divided where that is exact: 3 / 10 is 0.3, and 3 * 0.1 is not. */
static double nice_edge(struct nice nice, double steps)
{
    return nice.exponent < 0 ? steps * nice.factor / pow(10, -nice.exponent)
                             : steps * nice.factor * pow(10, nice.exponent);
}

static void cut_numbers(struct bm_distribution *out, double least, double most)
{
    struct nice nice = nice_step(most - least);
    double steps = floor(least / nice_edge(nice, 1));

    if (nice_edge(nice, steps) > least) {
        steps--;
    }
    out->edges[0] = nice_edge(nice, steps);
    do {
        out->edges[++out->n_buckets] = nice_edge(nice, ++steps);
    } while (out->edges[out->n_buckets] <= most && out->n_buckets < BM_BUCKETS_MAX);
}

static void cut_units(struct bm_distribution *out, double least, double most)
{
    if (floor(most) - floor(least) >= BM_BUCKETS_MAX) {
        cut_numbers(out, least, most);
        return;
    }
    out->edges[0] = floor(least);
    do {
        out->edges[out->n_buckets + 1] = out->edges[out->n_buckets] + 1;
        out->n_buckets++;
    } while (out->edges[out->n_buckets] <= most && out->n_buckets < BM_BUCKETS_MAX);
}

static struct bq_date next_of(struct bq_date date, int months)
{
    int month = date.month - 1 + months;

    return (struct bq_date){.year = date.year + month / 12, .month = month % 12 + 1, .day = 1};
}

/* Of the periods in months that there are, the first by which there is room. */
static void cut_days(struct bm_distribution *out, double least, double most)
{
    static const int periods[] = {1, 12, 120, 1200};
    struct bq_date first = bq_days_date((int64_t)least);
    struct bq_date last = bq_days_date((int64_t)most);
    int months = (last.year - first.year) * 12 + last.month - first.month;
    size_t i = 0;

    if (most - least < BUCKETS_WANTED) {
        cut_units(out, least, most);
        return;
    }
    while (i < 3 && months / periods[i] + 2 > BM_BUCKETS_MAX) {
        i++;
    }
    int since = first.year * 12 + first.month - 1;
    since -= since % periods[i];
    struct bq_date edge = {.year = since / 12, .month = since % 12 + 1, .day = 1};
    out->edges[0] = (double)bq_date_days(edge);
    do {
        edge = next_of(edge, periods[i]);
        out->edges[++out->n_buckets] = (double)bq_date_days(edge);
    } while (out->edges[out->n_buckets] <= most && out->n_buckets < BM_BUCKETS_MAX);
}

void bm_distribution_begin(struct bm_distribution *distribution, enum bm_spread spread,
                           double least, double most, int64_t count)
{
    *distribution = (struct bm_distribution){.min = least, .max = most, .expected = count};
    least = fmin(fmax(least, -edge_max), edge_max);
    most = fmin(fmax(most, -edge_max), edge_max);
    switch (spread) {
    case BM_SPREAD_NUMBERS:
        cut_numbers(distribution, least, most);
        break;
    case BM_SPREAD_UNITS:
        cut_units(distribution, least, most);
        break;
    case BM_SPREAD_DAYS:
        cut_days(distribution, least, most);
        break;
    }
}

/* -- values -- */

/* The middle one, or between the two that are. */
static void note_median(struct bm_distribution *out, double value, int64_t count)
{
    int64_t before = out->count;
    int64_t lower = (out->expected - 1) / 2;
    int64_t upper = out->expected / 2;

    if (lower >= before && lower < before + count) {
        out->median = value;
    }
    if (upper != lower && upper >= before && upper < before + count) {
        out->median = out->median / 2 + value / 2;
    }
}

void bm_distribution_add(struct bm_distribution *distribution, double value, int64_t count)
{
    while (distribution->at + 1 < distribution->n_buckets &&
           value >= distribution->edges[distribution->at + 1]) {
        distribution->at++;
    }
    if (distribution->count == 0) {
        distribution->min = value;
    }
    distribution->max = value;
    distribution->counts[distribution->at] += count;
    note_median(distribution, value, count);
    distribution->count += count;
}
