-- tables_2.sql - version 2: what a worker tells of its functions and executors.
--
-- Workers of version 1 that run go on calling exchange() as they know it: it stays beside the new one.
ALTER TABLE workers ADD COLUMN IF NOT EXISTS tally text;
DROP FUNCTION IF EXISTS list_workers();
