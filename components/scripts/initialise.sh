#!/bin/bash
# Makes the data directory if there is none, and brings role, password and database to what the stack says. It may be
# killed at any instant and run again: a directory is complete when it has its name, and each statement is idempotent.
# Environment: PGDATA, DATA_VOLUME, APP (name of the database and of its owner).
set -euo pipefail
die() {
    echo "$1" | tee /dev/termination-log >&2
    exit 1
}

# A second server on the same files would destroy them. Its own lock file does not prevent that between two Pods, since
# each has process numbers of its own; this lock does, and goes with the process that holds it.
exec 9>"$DATA_VOLUME/.lock"
flock --wait 60 9 || die "another Pod still uses the volume at $DATA_VOLUME"

# With the lock held nobody else's; its process number may be that of anything in this container.
rm -f "$PGDATA/postmaster.pid" /tmp/.s.PGSQL.*

server=$(postgres --version | sed 's/.* \([0-9]*\).*/\1/')
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    stranger=$(find "$DATA_VOLUME" -maxdepth 3 -name PG_VERSION -not -path "$PGDATA.new/*" -print -quit)
    [ -z "$stranger" ] || die "the volume holds another database, $(dirname "$stranger"); it is left as it is, and no new one is made beside it"
    rm -rf "$PGDATA.new"
    # Sort order must not change with the image's C library: the built-in provider has its own (from 17 on).
    locale=(--locale=C.UTF-8)
    ((server < 17)) || locale+=(--locale-provider=builtin --builtin-locale=C.UTF-8)
    initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 "${locale[@]}" --data-checksums \
        --auth-local=peer --auth-host=scram-sha-256
    mv -T "$PGDATA.new" "$PGDATA"
    sync -f "$DATA_VOLUME"
fi
data=$(cat "$PGDATA/PG_VERSION")
[ "$data" = "$server" ] || die "the data is of PostgreSQL $data and the image of PostgreSQL $server. The data is left as it is. Go back with: pulumi config set postgresVersion $data"

# No client reaches this server: it listens on a socket of this container alone.
run() {
    pg_ctl start --silent --wait --timeout=3600 --options="-c config_file=/etc/postgresql/postgresql.conf \
        -c listen_addresses='' -c unix_socket_directories=/tmp -c logging_collector=off -c log_destination=stderr"
}
run || die "PostgreSQL does not start with this configuration. See: kubectl logs deployment/postgres -c initialise"
# A statement that carries a password verifier is not for the log, even if it fails.
export PGOPTIONS="-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host=/tmp --username=postgres --dbname=postgres \
    --set app="$APP" --set verifier="$(cat /credentials/verifier)" --file=/scripts/reconcile.sql >/dev/null
pg_ctl stop --silent --wait --mode=fast
