#!/bin/bash
# Makes PostgreSQL log the marker, which is the connection's application_name, and asks whether its log has the line.
# Writes the result to /proof/postgres for the next container: `logged`, or an error. Environment: TIMEOUT (seconds that
# PostgreSQL may take to accept the connection), and what deliveryProof.ts sets.
set -u
PGPASSWORD=$(cat /credentials/password)
export PGPASSWORD PGAPPNAME=$MARKER PGCONNECT_TIMEOUT=5
# These win over settings of the role.
export PGOPTIONS='-c role=none -c local_preload_libraries= -c statement_timeout=0'

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1" 2>/tmp/error; }
report() { echo "$1" | tee /proof/postgres; exit 0; }

deadline=$(($(date +%s) + TIMEOUT))
until query 'SELECT'; do
    (($(date +%s) < deadline)) || report "$PGHOST:$PGPORT did not accept a connection in ${TIMEOUT}s: $(cat /tmp/error)"
    sleep 1
done
# The statement itself must not contain the marker, because PostgreSQL may log it too.
query "DO \$\$ BEGIN RAISE LOG 'pglog delivery marker %', current_setting('application_name'); END \$\$" ||
    report "$PGHOST:$PGPORT did not run the statement that logs it: $(cat /tmp/error)"
# The logging collector writes the line at once, or never.
for ((i = 0; i < 20; i++)); do
    [ "$(query 'SELECT pglog.marker_was_logged()')" = t ] && report logged
    sleep 0.5
done
report "$PGHOST:$PGPORT ran the statement, but no log file has the line. $(cat /tmp/error)"
