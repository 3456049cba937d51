-- The function that the delivery proof calls. It tells whether the log has the caller's marker, and nothing else. It is in
-- the administrator's database, so that the application's role owns nothing of it and cannot change it.
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
-- Both may be left over from a different owner.
ALTER SCHEMA pglog OWNER TO postgres;
ALTER FUNCTION pglog.marker_was_logged() OWNER TO postgres;
REVOKE ALL ON FUNCTION pglog.marker_was_logged() FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO :"app";
GRANT USAGE ON SCHEMA pglog TO :"app";
GRANT EXECUTE ON FUNCTION pglog.marker_was_logged() TO :"app";
