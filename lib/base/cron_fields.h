/*
 * cron_fields.h - the fields of a schedule, for cron*.c.
 */
#ifndef BQ_BASE_CRON_FIELDS_H
#define BQ_BASE_CRON_FIELDS_H

enum bq_cron_field_number {
    BQ_CRON_SECOND,
    BQ_CRON_MINUTE,
    BQ_CRON_HOUR,
    BQ_CRON_DAY,
    BQ_CRON_MONTH,
    BQ_CRON_WEEKDAY,
    BQ_CRON_FIELDS,
};

extern const struct bq_cron_field {
    const char *name;
    int min;
    int max;                  /* of weekdays 7, which is 0 */
    const char *const *names; /* of `min` and so on */
    int n_names;
} bq_cron_fields_of[BQ_CRON_FIELDS];

#endif
