-- Sets up role, password and database as configured. Every statement is idempotent.
SET search_path = pg_catalog;

SELECT format('CREATE ROLE %I', :'app') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app') \gexec
ALTER ROLE :"app" LOGIN PASSWORD :'verifier';

SELECT format('CREATE DATABASE %I OWNER %I', :'app', :'app')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'app') \gexec
REVOKE CONNECT ON DATABASE :"app" FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;

\connect :"app"
-- The delivery proof calls this function. It tells whether the log has the caller's marker, and nothing else.
CREATE SCHEMA IF NOT EXISTS pglog;
CREATE OR REPLACE FUNCTION pglog.marker_was_logged() RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    -- bytes, not text, because the last mebibyte may start inside a character
    SELECT coalesce(bool_or(position(
        convert_to('"pglog delivery marker ' || current_setting('application_name') || '"', 'UTF8')
        IN pg_read_binary_file(path, greatest(0, size - 1048576), 1048576)) > 0), false)
    FROM (SELECT dir || '/' || name AS path, size
          FROM current_setting('log_directory') AS dir, pg_ls_logdir()
          WHERE name LIKE '%.json' AND modification > now() - interval '2 minutes') AS recent
$$;
REVOKE ALL ON FUNCTION pglog.marker_was_logged() FROM PUBLIC;
GRANT USAGE ON SCHEMA pglog TO :"app";
GRANT EXECUTE ON FUNCTION pglog.marker_was_logged() TO :"app";
