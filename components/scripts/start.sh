#!/bin/bash
# Runs PostgreSQL, as the only one on the volume, and outlives it by the moment that its logging collector needs: a
# container ends with its first process, so with PostgreSQL as the first its own last lines were killed in the pipe.
# Environment: PGDATA, DATA_VOLUME.
set -uo pipefail

# Held by every process of the server as long as it lives; see initialise.sh.
exec 9>"$DATA_VOLUME/.lock"
flock --wait 60 9 || {
    echo "another Pod still uses the volume at $DATA_VOLUME" | tee /dev/termination-log >&2
    exit 1
}
# With the lock held nobody else's; its process number may be that of anything in this container.
rm -f "$PGDATA/postmaster.pid"
# The same holds for the socket's lock, which outlives a container that was killed: PostgreSQL would not start while any
# process here has the number in it.
rm -f /var/run/postgresql/.s.PGSQL.*

# Without a file to write to PostgreSQL would not start; a database without its log is better than none.
logging=()
touch /var/log/postgresql/.writable || {
    echo "cannot create a file in /var/log/postgresql: logging to this container's output instead" >&2
    logging=(-c logging_collector=off -c log_destination=stderr)
}
postgres -c config_file=/etc/postgresql/postgresql.conf \
    -c "log_filename=postgresql-%Y-%m-%d_%H%M%S-$HOSTNAME.log" "${logging[@]}" &
server=$!
trap 'kill -INT "$server"' TERM INT # a fast shutdown; PostgreSQL would wait for its clients on TERM

status=0
while kill -0 "$server" 2>/dev/null; do # a signal ends the wait and not the server
    wait "$server"
    status=$?
done
for ((i = 0; i < 100; i++)); do
    grep -qs 'postgres: .*logger' /proc/[0-9]*/cmdline || break
    sleep 0.05
done
exit "$status"
