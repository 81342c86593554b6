-- tables_1.sql - the tables, version 1. docs/formats/pg-queue.md says what they mean.
--
-- What a claim writes is small (ready, running), so that a payload is written once; and the end of a job
-- changes none of the indexed columns of its row, so that with some room on its page no index is written
-- again, and the page cleans itself (HOT).
CREATE SEQUENCE IF NOT EXISTS seqs;
CREATE SEQUENCE IF NOT EXISTS claims;
CREATE SEQUENCE IF NOT EXISTS worker_numbers;

CREATE TABLE IF NOT EXISTS queues (
    queue int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    paused boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);

CREATE TABLE IF NOT EXISTS counts (
    queue int NOT NULL,
    waiting bigint NOT NULL,
    blocked bigint NOT NULL,
    held bigint NOT NULL,
    running bigint NOT NULL,
    complete bigint NOT NULL,
    failed bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE IF NOT EXISTS jobs (
    seq bigint PRIMARY KEY,
    enqueued_at bigint NOT NULL,
    due_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    finished_at bigint NOT NULL DEFAULT 0,
    result_until bigint NOT NULL DEFAULT 0,
    gone_at bigint,
    queue int NOT NULL,
    tries int NOT NULL DEFAULT 0,
    losses int NOT NULL DEFAULT 0,
    crashes int NOT NULL DEFAULT 0,
    state smallint NOT NULL DEFAULT 0,
    priority smallint NOT NULL,
    claimed_before smallint NOT NULL,
    aborted boolean NOT NULL DEFAULT false,
    alone boolean NOT NULL DEFAULT false,
    after_failed boolean NOT NULL DEFAULT false,
    id text COLLATE "C" NOT NULL UNIQUE,
    function text NOT NULL,
    key text,
    refusal text,
    history text,
    payload bytea,
    result bytea
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0.2);
CREATE INDEX IF NOT EXISTS jobs_aborted ON jobs (seq) WHERE aborted;

CREATE TABLE IF NOT EXISTS ready (
    turn bigint NOT NULL,
    seq bigint NOT NULL,
    queue int NOT NULL,
    class smallint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS ready_turn ON ready (queue, class, turn, seq);

CREATE TABLE IF NOT EXISTS floors (
    what int NOT NULL,
    queue int NOT NULL,
    floor bigint NOT NULL,
    at bigint NOT NULL,
    full_at bigint NOT NULL,
    PRIMARY KEY (what, queue)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

CREATE TABLE IF NOT EXISTS deferred (
    due_at bigint NOT NULL,
    seq bigint NOT NULL,
    queue int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS deferred_due ON deferred (queue, due_at, seq);

CREATE TABLE IF NOT EXISTS running (
    seq bigint PRIMARY KEY,
    worker bigint NOT NULL,
    claim bigint NOT NULL,
    claimed_at bigint NOT NULL,
    queue int NOT NULL,
    slot text COLLATE "C",
    key_slot text COLLATE "C"
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS running_slot ON running (slot) WHERE slot IS NOT NULL;
CREATE INDEX IF NOT EXISTS running_key_slot ON running (key_slot) WHERE key_slot IS NOT NULL;

CREATE TABLE IF NOT EXISTS gone (
    gone_at bigint NOT NULL,
    seq bigint NOT NULL,
    queue int NOT NULL,
    failed boolean NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS gone_at ON gone (gone_at, seq);
CREATE INDEX IF NOT EXISTS gone_failed ON gone (seq) WHERE failed;

CREATE TABLE IF NOT EXISTS limits (
    queue int NOT NULL,
    function text NOT NULL,
    slot text COLLATE "C",
    max_running int NOT NULL,
    max_starts int NOT NULL,
    per_ms bigint NOT NULL,
    key_slot text COLLATE "C",
    key_max_running int NOT NULL,
    key_max_starts int NOT NULL,
    key_per_ms bigint NOT NULL,
    PRIMARY KEY (queue, function)
);
CREATE TABLE IF NOT EXISTS starts (
    slot text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    seq bigint NOT NULL,
    claim bigint NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (slot, at, seq, claim)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX IF NOT EXISTS starts_until ON starts (until);
CREATE TABLE IF NOT EXISTS held (
    queue int NOT NULL,
    slot text COLLATE "C" NOT NULL,
    turn bigint NOT NULL,
    seq bigint NOT NULL UNIQUE,
    PRIMARY KEY (queue, slot, turn, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
CREATE TABLE IF NOT EXISTS slots (
    queue int NOT NULL,
    slot text COLLATE "C" NOT NULL,
    look_at bigint,
    judged_turn bigint,
    judged_seq bigint,
    PRIMARY KEY (slot, queue)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
CREATE INDEX IF NOT EXISTS slots_look ON slots (queue, look_at);

CREATE TABLE IF NOT EXISTS after (
    seq bigint NOT NULL,
    waiter bigint NOT NULL,
    PRIMARY KEY (seq, waiter)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
CREATE INDEX IF NOT EXISTS after_waiter ON after (waiter);
CREATE TABLE IF NOT EXISTS ended (
    seq bigint PRIMARY KEY,
    refusal text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE IF NOT EXISTS reports (
    seq bigint PRIMARY KEY,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    note text,
    at bigint NOT NULL DEFAULT 0,
    log text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE TABLE IF NOT EXISTS crons (
    queue int NOT NULL,
    name text COLLATE "C" NOT NULL,
    function text NOT NULL,
    schedule text NOT NULL,
    time_zone text NOT NULL,
    since bigint NOT NULL,
    last_at bigint NOT NULL,
    next_at bigint NOT NULL,
    PRIMARY KEY (queue, name)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS workers (
    token text COLLATE "C" PRIMARY KEY,
    worker bigint NOT NULL,
    place text NOT NULL,
    name text NOT NULL,
    queues_text text NOT NULL,
    queues int[] NOT NULL,
    era bigint NOT NULL,
    lease_until bigint NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    idle boolean NOT NULL DEFAULT true,
    idle_at bigint NOT NULL,
    executors bigint NOT NULL DEFAULT 0,
    threads bigint NOT NULL DEFAULT 0,
    running bigint NOT NULL DEFAULT 0,
    complete bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    retried bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);
CREATE TABLE IF NOT EXISTS watchers (
    token text COLLATE "C" PRIMARY KEY,
    until bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);
