#!/bin/bash
# Runs PostgreSQL as the only server on the volume, and then waits for its logging collector. A container ends with its
# first process: if that were PostgreSQL, its last lines would be lost in the pipe to the collector. Beside it runs
# reload.sh, which gives PostgreSQL the changes of its configuration.
# Environment: PGDATA, DATA_VOLUME.
set -uo pipefail

# Every process of the server holds this lock until it ends; see initialise.sh.
exec 9>"$DATA_VOLUME/.lock"
flock --wait 60 9 || {
    echo "another Pod still uses the volume at $DATA_VOLUME" | tee /dev/termination-log >&2
    exit 1
}
# Both lock files are stale, because this script holds the lock. A killed container leaves them behind, and PostgreSQL
# does not start while any process here has the process id in them.
rm -f "$PGDATA/postmaster.pid"
rm -f /var/run/postgresql/.s.PGSQL.*

# PostgreSQL does not start if it cannot write its log. A database without a log is better than none.
logging=()
touch /var/log/postgresql/.writable || {
    echo "cannot create a file in /var/log/postgresql: logging to this container's output instead" >&2
    logging=(-c logging_collector=off -c log_destination=stderr)
}
# The warnings of initialise.sh become lines of the log.
[ ! -e /tmp/warnings ] || mv /tmp/warnings "/var/log/postgresql/postgresql-$(date -u +%F_%H%M%S)-$HOSTNAME.log"
postgres -c config_file="$DATA_VOLUME/config/postgresql.conf" \
    -c "log_filename=postgresql-%Y-%m-%d_%H%M%S-$HOSTNAME.log" "${logging[@]}" &
server=$!
bash /scripts/reload.sh 9>&- &
reloader=$!
trap 'kill -INT "$server"' TERM INT # a fast shutdown; after TERM, PostgreSQL would wait for its clients

status=0
while kill -0 "$server" 2>/dev/null; do # a signal interrupts `wait`, not the server
    wait "$server"
    status=$?
done
kill "$reloader" 2>/dev/null
for ((i = 0; i < 100; i++)); do
    grep -qs 'postgres: .*logger' /proc/[0-9]*/cmdline || break
    sleep 0.05
done
exit "$status"
