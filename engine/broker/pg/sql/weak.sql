-- weak.sql - what is weak in the server's settings, in sentences for people.
CREATE OR REPLACE FUNCTION weak() RETURNS SETOF text LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
AS $$
BEGIN
    IF current_setting('fsync') = 'off' THEN
        RETURN NEXT 'fsync is off: a crash of the machine may lose or damage the whole database';
    END IF;
    IF current_setting('full_page_writes') = 'off' THEN
        RETURN NEXT 'full_page_writes is off: a crash of the machine may damage the database, unless its file system '
            'never tears a page';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        RETURN NEXT 'synchronous_commit is off: a crash of the server loses what came in the last moments, jobs that '
            'were accepted among them';
    ELSIF current_setting('synchronous_standby_names') = '' AND EXISTS (SELECT FROM pg_stat_replication) THEN
        RETURN NEXT 'standbys follow later (synchronous_standby_names is empty): a failover loses what they had not '
            'got yet';
    END IF;
    IF current_setting('autovacuum') = 'off' THEN
        RETURN NEXT 'autovacuum is off: the tables of the queue grow with each job';
    END IF;
    IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = current_schema() AND c.relpersistence = 'u' AND c.relkind IN ('r', 'S')) THEN
        RETURN NEXT 'tables of the queue are UNLOGGED: a crash of the server empties them';
    END IF;
END $$;
