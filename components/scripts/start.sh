#!/bin/bash
# Becomes PostgreSQL, as the only one on the volume. Environment: PGDATA, DATA_VOLUME.
set -euo pipefail

# Held by every process of the server as long as it lives; see initialise.sh.
exec 9>"$DATA_VOLUME/.lock"
flock --wait 60 9 || {
    echo "another Pod still uses the volume at $DATA_VOLUME" | tee /dev/termination-log >&2
    exit 1
}

# Without a file to write to PostgreSQL would not start; a database without its log is better than none.
logging=()
touch /var/log/postgresql/.writable || {
    echo "cannot create a file in /var/log/postgresql: logging to this container's output instead" >&2
    logging=(-c logging_collector=off -c log_destination=stderr)
}
exec postgres -c config_file=/etc/postgresql/postgresql.conf "${logging[@]}"
