#!/bin/bash
# Creates the data directory if it is missing, and sets up role, password and database as configured. It can be killed at
# any time and run again: a complete directory is renamed to its final name, and every statement is idempotent.
# Environment: PGDATA, DATA_VOLUME, APP (name of the database and of its owner).
set -euo pipefail
. /scripts/configuration.sh
die() {
    echo "$1" | tee /dev/termination-log >&2
    exit 1
}

# A second server on the same files would destroy them. PostgreSQL's lock file contains a process id, which means nothing
# in a second Pod. This lock works between Pods, and the kernel releases it when its process ends.
exec 9>"$DATA_VOLUME/.lock"
flock --wait 60 9 || die "another Pod still uses the volume at $DATA_VOLUME"

# These files are stale, because this script holds the lock. Their process id may belong to any process here.
rm -f "$PGDATA/postmaster.pid" /tmp/.s.PGSQL.*

server=$(postgres --version | sed 's/.* \([0-9]*\).*/\1/')
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    stranger=$(find "$DATA_VOLUME" -maxdepth 3 -name PG_VERSION -not -path "$PGDATA.new/*" -print -quit)
    [ -z "$stranger" ] || die "the volume already has a database in $(dirname "$stranger"); it is left unchanged, and no new one is created beside it"
    rm -rf "$PGDATA.new"
    # Sort order must not change with the image's C library. From 17 on, the built-in provider has its own sort order.
    locale=(--locale=C.UTF-8)
    ((server < 17)) || locale+=(--locale-provider=builtin --builtin-locale=C.UTF-8)
    initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 "${locale[@]}" --data-checksums \
        --auth-local=peer --auth-host=scram-sha-256
    mv -T "$PGDATA.new" "$PGDATA"
    sync -f "$DATA_VOLUME"
fi
data=$(cat "$PGDATA/PG_VERSION")
[ "$data" = "$server" ] || die "the data belongs to PostgreSQL $data, and the image has PostgreSQL $server. The data is left unchanged. Go back with: pulumi config set postgresVersion $data"

# No client can reach this server, because it listens only on a socket in this container.
# run DIRECTORY: starts it with the configuration there, and copies its messages to /tmp/start.log
run() {
    local said tee
    exec {said}> >(tee /tmp/start.log)
    tee=$!
    pg_ctl start --silent --wait --timeout=3600 --options="-c config_file=$1/postgresql.conf -c hba_file=$1/pg_hba.conf \
        -c listen_addresses='' -c unix_socket_directories=/tmp -c logging_collector=off -c log_destination=stderr" \
        >&"$said" 2>&1 || {
        exec {said}>&-
        wait "$tee"
        return 1
    }
    exec {said}>&-
}
stop() { pg_ctl stop --silent --wait --mode=fast; }
# warn MESSAGE: prints it, and keeps it for start.sh, which adds it to PostgreSQL's log.
warn() {
    echo "$1" >&2
    printf '%s UTC [%d] WARNING:  %s\n' "$(date -u '+%F %T.%3N')" $$ "${1//$'\n'/ }" >>/tmp/warnings
}
rm -f /tmp/warnings
PGOPTIONS=$(administrator_options "$server")
export PGOPTIONS

# If PostgreSQL refuses the mounted configuration, it starts with the one that it accepted before.
wanted=$(revision /etc/postgresql)
if [ "$wanted" = "$(revision "$active")" ]; then
    run "$active" || die "PostgreSQL does not start: $(messages FATAL PANIC </tmp/start.log)"
else
    refused=''
    copy /etc/postgresql || refused="it cannot be copied to $DATA_VOLUME"
    refused=${refused:-$(objection)}
    if [ -z "$refused" ]; then
        if run "$candidate"; then
            refused=$(PGHOST=/tmp PGUSER=postgres PGDATABASE=template1 library_objection)
            [ -z "$refused" ] || stop
        else
            refused=$(messages FATAL PANIC </tmp/start.log)
        fi
    fi
    if [ -z "$refused" ]; then
        activate "$candidate"
    else
        [ -e "$active" ] || die "PostgreSQL refuses this configuration: $refused"
        warn "pglog: PostgreSQL refuses the new configuration, and starts with the one before it: $refused"
        state "$active" "refused $wanted $refused" || true
        run "$active" || die "PostgreSQL does not start: $(messages FATAL PANIC </tmp/start.log)"
    fi
    tidy
fi

# statements DATABASE FILE: runs the file's SQL. Its output is the error, without the text of the statement.
statements() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set VERBOSITY=terse --host=/tmp --username=postgres --dbname="$1" \
        --set app="$APP" --set verifier="$(cat /credentials/verifier)" --file="/scripts/$2" 2>&1 >/dev/null
}
# psql exits with 2 if it cannot connect. template1 is the database that is there if the administrator's is not.
reconcile() {
    said=$(statements postgres reconcile.sql) || { [ $? = 2 ] && said=$(statements template1 reconcile.sql); }
}

# A server without its role or database must not start. One that had them once starts in any case, since only a running
# server can be repaired.
if reconcile; then
    touch "$PGDATA/pglog_reconciled"
elif [ -e "$PGDATA/pglog_reconciled" ]; then
    warn "pglog could not set role, password and database as configured; PostgreSQL starts with those of the start before: $said"
else
    die "PostgreSQL could not create role and database: $said"
fi
said=$(statements postgres delivery-proof.sql) ||
    warn "pglog could not create the function of the delivery proof, which will fail: $said"
stop
