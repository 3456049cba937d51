#!/bin/bash
# Waits until the running PostgreSQL has taken up this revision of its configuration. Fails with the server's reason if it
# refuses it. Environment: PGHOST, PGPORT, PGUSER, PGDATABASE, REVISION, TIMEOUT (seconds).
set -u
PGPASSWORD=$(cat /credentials/password)
# What the owner of the database can set must not fail this, or put messages into the answer.
export PGOPTIONS='-c role=none -c local_preload_libraries= -c statement_timeout=0 -c client_min_messages=error'
export PGPASSWORD PGAPPNAME=pglog-settings PGCONNECT_TIMEOUT=5

fail() {
    echo "$1" | tee /dev/termination-log >&2
    exit 1
}

# reload.sh looks every 5 s whether ALTER SYSTEM still overrides a parameter.
patience=20
deadline=$(($(date +%s) + TIMEOUT))
state='' overridden=''
while [ "$(date +%s)" -lt "$deadline" ]; do
    state=$(psql --no-psqlrc --quiet --no-align --tuples-only \
        --command "SELECT coalesce(current_setting('pglog.configuration', true), 'nothing yet')" 2>&1)
    case $state in
    "applied $REVISION") exit 0 ;;
    "refused $REVISION "*) fail "PostgreSQL refuses this configuration, and goes on with the one before it: ${state#* * }" ;;
    "overridden $REVISION "*)
        overridden=${overridden:-$(date +%s)}
        (($(date +%s) < overridden + patience)) || fail "ALTER SYSTEM gives these parameters other values than the configuration: ${state#* * }. Run for each: ALTER SYSTEM RESET …, then: SELECT pg_reload_conf()"
        ;;
    esac
    sleep 1
done
fail "PostgreSQL has not taken up configuration $REVISION in ${TIMEOUT}s. It reports: $state. See: kubectl logs deployment/postgres -c postgres"
