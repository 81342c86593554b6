#include <stdlib.h>
#include <string.h>

#include "session/inside.h"

enum { TEXT_MAX_BYTES = 8192 };

/* A step is never changed once it was released; docs/formats/ has the tables. */
static const char *const sqlite_steps[] = {
    "CREATE TABLE barq_receipts ("
    "    job_id TEXT NOT NULL,"
    "    queue TEXT NOT NULL,"
    "    enqueued_at_ms INTEGER NOT NULL,"
    "    nonce TEXT NOT NULL,"
    "    outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'failed')),"
    "    result BLOB NOT NULL,"
    "    keep_result_ms INTEGER NOT NULL,"
    "    written_at_ms INTEGER NOT NULL,"
    "    PRIMARY KEY (job_id, queue, enqueued_at_ms, nonce)"
    ") WITHOUT ROWID;"
    "CREATE INDEX barq_receipts_written ON barq_receipts (written_at_ms);"
    "CREATE TABLE barq_outbox ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    parent_id TEXT,"
    "    parent_queue TEXT,"
    "    parent_enqueued_at_ms INTEGER,"
    "    parent_nonce TEXT,"
    "    job_id TEXT NOT NULL,"
    "    queue TEXT NOT NULL,"
    "    enqueued_at_ms INTEGER NOT NULL,"
    "    due_at_ms INTEGER NOT NULL,"
    "    expires_at_ms INTEGER NOT NULL DEFAULT 0,"
    "    payload BLOB NOT NULL"
    ");"
    "CREATE INDEX barq_outbox_parent ON barq_outbox"
    "    (parent_id, parent_queue, parent_enqueued_at_ms, parent_nonce);",
    /* What a broker is told beside the payload. */
    "ALTER TABLE barq_outbox ADD COLUMN function TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE barq_outbox ADD COLUMN key TEXT;"
    "ALTER TABLE barq_outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE barq_outbox ADD COLUMN after TEXT;"
    "ALTER TABLE barq_outbox ADD COLUMN after_failed INTEGER NOT NULL DEFAULT 0;",
    NULL,
};

/*
 * %1$I is the schema: whoever calls it may have another search path. docs/formats/outbox.md tells of it. What has come
 * since its first version: more arguments, their checks, and more members of the job's object.
 */
#define ENQUEUE_FUNCTION(arguments, checks, members)                                               \
    "CREATE FUNCTION %1$I.barq_enqueue(\n"                                                         \
    "    function text, args jsonb DEFAULT '[]', kwargs jsonb DEFAULT '{}', queue text DEFAULT "   \
    "'',\n"                                                                                        \
    "    id text DEFAULT NULL, due_at timestamptz DEFAULT NULL, expires_at timestamptz DEFAULT "   \
    "NULL,\n"                                                                                      \
    "    key text DEFAULT NULL, priority integer DEFAULT 0, after text[] DEFAULT NULL,\n"          \
    "    after_failed boolean DEFAULT false" arguments ") RETURNS text\n"                          \
    "LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on " \
    "AS $body$\n"                                                                                  \
    "DECLARE\n"                                                                                    \
    "    now_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);\n"                  \
    "    job text := barq_enqueue.id;\n"                                                           \
    "    payload bytea;\n"                                                                         \
    "BEGIN\n"                                                                                      \
    "    IF octet_length(function) NOT BETWEEN 1 AND 255 OR function IS NULL THEN\n"               \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: function is a name of "  \
    "1 to 255 bytes';\n"                                                                           \
    "    ELSIF jsonb_typeof(args) IS DISTINCT FROM 'array' THEN\n"                                 \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: args is a JSON "         \
    "array';\n"                                                                                    \
    "    ELSIF jsonb_typeof(kwargs) IS DISTINCT FROM 'object' THEN\n"                              \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: kwargs is a JSON "       \
    "object';\n"                                                                                   \
    "    ELSIF octet_length(queue) > 255 OR octet_length(key) NOT BETWEEN 1 AND 255 THEN\n"        \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: queue and key have at "  \
    "most 255 bytes';\n"                                                                           \
    "    ELSIF octet_length(job) NOT BETWEEN 1 AND 512 THEN\n"                                     \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: id has 1 to 512 "        \
    "bytes';\n"                                                                                    \
    "    ELSIF concat(function, queue, job, key) ~ '[\\x01-\\x1f\\x7f-\\x9f]' THEN\n"              \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: a name has a control "   \
    "character in it';\n"                                                                          \
    "    ELSIF priority NOT BETWEEN -4 AND 4 OR priority IS NULL THEN\n"                           \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: priority is -4 to 4';\n" \
    "    ELSIF cardinality(after) > 10000 OR array_position(after, NULL) IS NOT NULL THEN\n"       \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: after is at most 10000 " \
    "ids, none of them null';\n"                                                                   \
    "    ELSIF EXISTS (SELECT FROM unnest(after) a (one) WHERE octet_length(one) NOT BETWEEN 1 "   \
    "AND 512\n"                                                                                    \
    "            OR one = job OR one ~ '[\\x01-\\x1f\\x7f-\\x9f]')\n"                              \
    "        OR octet_length(array_to_string(after, '')) > 524288 THEN\n"                          \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: after is ids of other "  \
    "jobs, 1 to 512 bytes each, without control characters, and 524288 together';\n" checks        \
    "    END IF;\n"                                                                                \
    "    /* A UUID of version 7: it begins with the time. */\n"                                    \
    "    IF job IS NULL THEN\n"                                                                    \
    "        job := encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())\n"                 \
    "            PLACING substring(int8send(now_ms) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), "       \
    "'hex')::uuid;\n"                                                                              \
    "    END IF;\n"                                                                                \
    "    payload := convert_to('{\"t\":null,\"f\":' || to_json(function)::text || ',\"a\":' || "   \
    "args::text\n"                                                                                 \
    "        || ',\"k\":' || kwargs::text || ',\"et\":' || now_ms || ',\"n\":\"'\n"                \
    "        || encode(substring(sha256(uuid_send(gen_random_uuid())) FROM 1 FOR 8), 'hex') || "   \
    "'\"" members "}', 'UTF8');\n"                                                                 \
    "    IF length(payload) > 1048576 THEN\n"                                                      \
    "        RAISE program_limit_exceeded USING MESSAGE = 'barq_enqueue: the job is larger than "  \
    "1 MiB';\n"                                                                                    \
    "    END IF;\n"                                                                                \
    "    INSERT INTO %1$I.barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms, expires_at_ms, "  \
    "payload,\n"                                                                                   \
    "        function, key, priority, after, after_failed)\n"                                      \
    "    VALUES (job, coalesce(queue, ''), now_ms,\n"                                              \
    "        coalesce(floor(extract(epoch FROM due_at) * 1000)::bigint, now_ms),\n"                \
    "        coalesce(floor(extract(epoch FROM expires_at) * 1000)::bigint, 0), payload, "         \
    "function, key,\n"                                                                             \
    "        priority, CASE WHEN cardinality(after) > 0 THEN to_json(after)::text END,\n"          \
    "        coalesce(after_failed, false)::integer);\n"                                           \
    "    PERFORM pg_notify('barq_outbox', '');\n"                                                  \
    "    RETURN job;\n"                                                                            \
    "END $body$\n"

/* Lower-case hexadecimal, no id of zeros only; of a later version than 00 more may follow (job/trace.h). */
#define TRACE_ARGUMENTS ",\n    traceparent text DEFAULT NULL, tracestate text DEFAULT NULL"
#define TRACE_CHECKS                                                                               \
    "    ELSIF traceparent !~ '^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|"                        \
    "(?!00|ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,199})?)$'\n"              \
    "        OR traceparent ~ '^.{3}0{32}' OR traceparent ~ '^.{36}0{16}' THEN\n"                  \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: traceparent is as in "   \
    "W3C Trace Context: 00-TRACE-SPAN-FLAGS';\n"                                                   \
    "    ELSIF octet_length(tracestate) > 512 OR tracestate !~ '^[ -~]+$'\n"                       \
    "        OR (traceparent IS NULL AND tracestate IS NOT NULL) THEN\n"                           \
    "        RAISE invalid_parameter_value USING MESSAGE = 'barq_enqueue: tracestate is at most "  \
    "512 bytes of ASCII, with a traceparent';\n"
#define TRACE_MEMBERS                                                                              \
    "' || coalesce(',\"tp\":' || to_json(traceparent)::text, '')\n"                                \
    "        || coalesce(',\"ts\":' || to_json(tracestate)::text, '') || '"

static const char *const postgres_steps[] = {
    "CREATE TABLE barq_receipts ("
    "    job_id text COLLATE \"C\" NOT NULL,"
    "    queue text COLLATE \"C\" NOT NULL,"
    "    enqueued_at_ms bigint NOT NULL,"
    "    nonce text COLLATE \"C\" NOT NULL,"
    "    outcome text NOT NULL CHECK (outcome IN ('complete', 'failed')),"
    "    result bytea NOT NULL,"
    "    keep_result_ms bigint NOT NULL,"
    "    written_at_ms bigint NOT NULL,"
    "    PRIMARY KEY (job_id, queue, enqueued_at_ms, nonce)"
    ");"
    "CREATE INDEX barq_receipts_written ON barq_receipts (written_at_ms);"
    "CREATE TABLE barq_outbox ("
    "    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    parent_id text COLLATE \"C\","
    "    parent_queue text COLLATE \"C\","
    "    parent_enqueued_at_ms bigint,"
    "    parent_nonce text COLLATE \"C\","
    "    job_id text NOT NULL,"
    "    queue text NOT NULL,"
    "    enqueued_at_ms bigint NOT NULL,"
    "    due_at_ms bigint NOT NULL,"
    "    expires_at_ms bigint NOT NULL DEFAULT 0,"
    "    payload bytea NOT NULL,"
    "    function text NOT NULL DEFAULT '',"
    "    key text,"
    "    priority integer NOT NULL DEFAULT 0,"
    "    after text,"
    "    after_failed integer NOT NULL DEFAULT 0"
    ");"
    "CREATE INDEX barq_outbox_parent ON barq_outbox"
    "    (parent_id, parent_queue, parent_enqueued_at_ms, parent_nonce);"
    "DO $do$ BEGIN EXECUTE format($format$" ENQUEUE_FUNCTION(
        "", "", "") "$format$, current_schema()); END $do$",
    /* It can be of a trace. Two functions of one name would leave open which one is meant. */
    "DO $do$ BEGIN EXECUTE format($format$DROP FUNCTION %1$I.barq_enqueue"
    "(text, jsonb, jsonb, text, text, timestamptz, timestamptz, text, integer, text[], "
    "boolean);" ENQUEUE_FUNCTION(TRACE_ARGUMENTS, TRACE_CHECKS,
                                 TRACE_MEMBERS) "$format$, current_schema()); END $do$",
    NULL,
};

enum barq_status bq_session_tables(struct bq_db *db, int *from, int *to, struct barq_error *err)
{
    bool postgres = strcmp(bq_db_scheme(db), "postgresql") == 0;

    return bq_db_migrate(db, "barq_migrations", postgres ? postgres_steps : sqlite_steps, from, to,
                         err);
}

enum barq_status bq_session_find_schema(struct barq_session *session, struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    session->postgres = strcmp(bq_db_scheme(session->db), "postgresql") == 0;
    if (!session->postgres || session->schema) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_db_query(session->db,
                    "SELECT quote_ident(nspname) FROM pg_namespace JOIN pg_class"
                    " ON relnamespace = pg_namespace.oid"
                    " WHERE pg_class.oid = to_regclass('barq_receipts')",
                    NULL, 0, &rows, err);
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *name = more ? bq_rows_text(rows, 0) : NULL;
    session->schema = name ? strdup(name) : NULL;
    if (!session->schema) {
        return bq_fail(err, BARQ_ERR_CONFLICT, "session: barq's tables are not in the search path");
    }
    return BARQ_OK;
}

/* With the schema in the place of each "main". */
static char *in_schema(const char *sql, const char *schema)
{
    bq_auto(buf) struct bq_buf out;
    const char *hit;

    bq_buf_init(&out, TEXT_MAX_BYTES);
    while ((hit = strstr(sql, "main.")) != NULL) {
        bq_buf_put(&out, sql, (size_t)(hit - sql));
        bq_buf_puts(&out, schema);
        sql = hit + strlen("main");
    }
    bq_buf_puts(&out, sql);
    const char *text = bq_buf_cstr(&out);
    return text ? strdup(text) : NULL;
}

const char *bq_session_sql(struct barq_session *session, const char *sql)
{
    if (!session->postgres) {
        return sql;
    }
    for (size_t i = 0; i < BQ_SESSION_TEXTS; i++) {
        struct bq_session_text *text = &session->texts[i];

        if (!text->given) {
            text->sql = in_schema(sql, session->schema);
            text->given = text->sql ? sql : NULL;
        }
        if (text->given == sql || !text->given) {
            return text->sql;
        }
    }
    abort(); /* there are fewer of them */
}

void bq_session_forget_texts(struct barq_session *session)
{
    for (size_t i = 0; i < BQ_SESSION_TEXTS; i++) {
        free(session->texts[i].sql);
        session->texts[i] = (struct bq_session_text){0};
    }
    free(session->schema);
    session->schema = NULL;
}
