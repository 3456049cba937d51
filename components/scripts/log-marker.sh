#!/bin/bash
# Makes PostgreSQL log the marker, which is the connection's application_name, and asks it whether the line is in its log.
# What came of it goes to /proof/postgres, for the container that reports: `logged`, or what went wrong.
set -u
PGPASSWORD=$(cat /credentials/password)
export PGPASSWORD PGAPPNAME=$MARKER PGCONNECT_TIMEOUT=5

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1" 2>/tmp/error; }
report() { echo "$1" | tee /proof/postgres; exit 0; }

for ((i = 0; i < 30; i++)); do
    query 'SELECT' && break
    sleep 1
done
# The marker comes from the connection's setting: where statements are logged, this one is no second line with it.
query "DO \$\$ BEGIN RAISE LOG 'pglog delivery marker %', current_setting('application_name'); END \$\$" ||
    report "$PGHOST:$PGPORT did not run the statement that logs it: $(cat /tmp/error)"
for ((i = 0; i < 20; i++)); do
    [ "$(query 'SELECT pglog.marker_was_logged()')" = t ] && report logged
    sleep 0.5
done
report "$PGHOST:$PGPORT ran the statement, but the line is in none of its log files. $(cat /tmp/error)"
