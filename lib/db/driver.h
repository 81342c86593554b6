/*
 * driver.h - what a database is made of: the functions of db.h, for one kind
 * of database. What holds for all of them is checked in open.c.
 */
#ifndef BQ_DB_DRIVER_H
#define BQ_DB_DRIVER_H

#include "base/dsn.h"
#include "db/db.h"

struct bq_db_driver {
    const char *scheme; /* of its URLs */
    const char *also;   /* another one that means the same; NULL: none */
    enum barq_status (*open)(const struct bq_dsn *dsn, const struct bq_db_options *options,
                             struct bq_db **out, struct barq_error *err);
    enum barq_status (*reopen)(struct bq_db *db, struct barq_error *err);
    void (*close)(struct bq_db *db);
    bool (*ready)(struct bq_db *db);
    const char *(*path)(const struct bq_db *db);

    enum barq_status (*begin)(struct bq_db *db, enum bq_db_mode mode, struct barq_error *err);
    enum barq_status (*commit)(struct bq_db *db, struct barq_error *err);
    /* NULL: they are two steps anyway. */
    enum barq_status (*finish)(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                               size_t n_params, struct barq_error *err);
    void (*rollback)(struct bq_db *db);
    bool (*in_transaction)(const struct bq_db *db);
    /* NULL: a transaction for writing counts as written. */
    enum barq_status (*written)(struct bq_db *db, bool *out, struct barq_error *err);
    /* Statements of our own, without params and rows, which no guard concerns. */
    enum barq_status (*say)(struct bq_db *db, const char *sql, struct barq_error *err);
    /* At the beginning of a migration's transaction; NULL: nothing is to be done. */
    enum barq_status (*migrating)(struct bq_db *db, const char *name, struct barq_error *err);
    /* Both NULL: there are no channels. */
    enum barq_status (*listen)(struct bq_db *db, const char *channel, int *fd,
                               struct barq_error *err);
    enum barq_status (*heard)(struct bq_db *db, bool *heard, struct barq_error *err);
    void (*guard)(struct bq_db *db, bool on);
    void (*cancel)(struct bq_db *db, bool on);
    void (*until)(struct bq_db *db, int64_t mono_ms);
    void (*isolation)(struct bq_db *db, enum bq_db_isolation isolation); /* NULL: there is one */
    void (*name)(struct bq_db *db, const char *name);                    /* NULL: nobody sees it */

    enum barq_status (*exec)(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                             size_t n_params, struct barq_error *err);
    enum barq_status (*script)(struct bq_db *db, const char *sql, struct barq_error *err);
    int64_t (*changes)(const struct bq_db *db);
    enum barq_status (*query)(struct bq_db *db, const char *sql, const struct barq_scalar *params,
                              size_t n_params, struct bq_rows **out, struct barq_error *err);

    enum barq_status (*rows_next)(struct bq_rows *rows, bool *more, struct barq_error *err);
    void (*rows_close)(struct bq_rows *rows);
    int (*rows_columns)(const struct bq_rows *rows);
    struct barq_scalar (*rows_column)(const struct bq_rows *rows, int column);
};

/* Every connection begins with this, and every query's rows. */
struct bq_db {
    const struct bq_db_driver *driver;
    int savepoints; /* open in the transaction */
    bool wrote;     /* a statement in the transaction looked like writing */
};
struct bq_rows {
    const struct bq_db_driver *driver;
};

/* The drivers there are. */
extern const struct bq_db_driver bq_db_pg;
extern const struct bq_db_driver bq_db_sqlite;

#endif
