#include "broker/pg/schema.h"

#include <string.h>

/* How each begins, and how many parameters its function has. */
static const struct {
    const char *function;
    int params;
} statements[PG_STATEMENTS] = {
    [PG_EXCHANGE] = {"exchange", 91},
    [PG_ENQUEUE] = {"enqueue", 13},
    [PG_ABORT] = {"abort", 1},
    [PG_PAUSE] = {"pause", 2},
    [PG_REVIVE] = {"revive", 13},
    [PG_REMOVE] = {"remove", 1},
    [PG_WATCH] = {"watch", 2},
    [PG_FIND] = {"find", 2},
    [PG_LIST] = {"list", 5},
    [PG_STATS] = {"stats", 0},
    [PG_WORKERS] = {"list_workers", 0},
    [PG_CRONS] = {"list_crons", 0},
    [PG_LIMITS] = {"list_limits", 3},
    [PG_WEAK] = {"weak", 0},
};

void bq_pg_statement(const struct pg_place *place, enum pg_statement statement, struct bq_buf *out)
{
    bq_buf_printf(out, "SELECT * FROM %s.%s(", place->quoted, statements[statement].function);
    for (int i = 1; i <= statements[statement].params; i++) {
        bq_buf_printf(out, "%s$%d", i > 1 ? "," : "", i);
    }
    bq_buf_puts(out, ")");
}

/*
 * Tables begin empty, and statistics lag behind: whatever the planner believes, it is to go by the
 * indexes, once and for all calls.
 */
static const char plan[] = "SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off"
                           " SET plan_cache_mode = force_generic_plan";

/* Puts `sql` with what it leaves open. */
static void put_filled(const struct pg_place *place, const char *sql, struct bq_buf *out)
{
    static const char schema_mark[] = "@schema@";
    static const char plan_mark[] = "@plan@";

    for (const char *at = strchr(sql, '@'); at; at = strchr(sql, '@')) {
        bq_buf_put(out, sql, (size_t)(at - sql));
        if (strncmp(at, schema_mark, strlen(schema_mark)) == 0) {
            bq_buf_puts(out, place->quoted);
            sql = at + strlen(schema_mark);
        } else if (strncmp(at, plan_mark, strlen(plan_mark)) == 0) {
            bq_buf_puts(out, plan);
            sql = at + strlen(plan_mark);
        } else {
            bq_buf_puts(out, "@");
            sql = at + 1;
        }
    }
    bq_buf_puts(out, sql);
}

void bq_pg_migration(const struct pg_place *place, struct bq_buf *out)
{
    bq_buf_printf(out,
                  "BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL statement_timeout = 0;"
                  "SELECT pg_advisory_xact_lock(hashtextextended('barq schema %s', 0));"
                  "DO $barq$ BEGIN IF to_regnamespace('%s') IS NULL THEN"
                  " CREATE SCHEMA %s; END IF; END $barq$;"
                  "SET LOCAL search_path = %s, pg_temp;"
                  "CREATE TABLE IF NOT EXISTS barq_version (version int NOT NULL);"
                  "DO $barq$ BEGIN IF (SELECT max(version) FROM barq_version) > %d THEN"
                  " RAISE EXCEPTION 'the schema has version %%, and this program knows %d at most',"
                  " (SELECT max(version) FROM barq_version) USING ERRCODE = 'BQ002';"
                  " END IF; END $barq$;",
                  place->schema, place->quoted, place->quoted, place->quoted, PG_VERSION,
                  PG_VERSION);
    for (int i = 0; i < PG_VERSION; i++) {
        put_filled(place, bq_pg_tables[i], out);
    }
    put_filled(place, bq_pg_functions, out);
    bq_buf_printf(out, "DELETE FROM barq_version; INSERT INTO barq_version VALUES (%d); COMMIT;",
                  PG_VERSION);
}

void bq_pg_greeting(const struct pg_place *place, struct bq_buf *out)
{
    if (place->prepares) {
        /* Whoever has gone without a word leaves nothing running for long. */
        bq_buf_puts(out, "SET statement_timeout = '60s'; SET client_connection_check_interval = "
                         "'2s'; SET idle_in_transaction_session_timeout = '60s';"
                         " SET default_transaction_isolation = 'read committed';");
    }
    bq_buf_printf(out,
                  "SELECT pg_is_in_recovery()::int, getdatabaseencoding(),"
                  " (to_regclass('%s.barq_version') IS NOT NULL)::int,"
                  " current_setting('default_transaction_isolation')",
                  place->quoted);
}
