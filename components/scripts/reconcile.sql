-- Sets up role, password and database as configured. Every statement is idempotent. None of them connects to the
-- application's database, because its owner can make a connection or a statement fail there.
SELECT format('CREATE ROLE %I LOGIN', :'app') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app') \gexec
ALTER ROLE :"app" PASSWORD :'verifier';

SELECT format('CREATE DATABASE %I OWNER %I', :'app', :'app')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'app') \gexec
-- Everyone may connect to a new database, which has no access list yet. A list that is there stays as its owner made it.
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', datname) FROM pg_database
WHERE datname IN (:'app', 'postgres') AND datacl IS NULL \gexec
