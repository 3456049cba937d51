#!/bin/bash
# Gives the running PostgreSQL each change of its configuration that needs no restart.
# Environment: PGDATA, DATA_VOLUME.
set -uo pipefail
. /scripts/configuration.sh
export PGHOST=/var/run/postgresql PGUSER=postgres PGDATABASE PGAPPNAME=pglog-reload PGCONNECT_TIMEOUT=5
PGOPTIONS="$(administrator_options "$(cat "$PGDATA/PG_VERSION")") -c log_disconnections=off"
export PGOPTIONS
query() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"; }

# pause SECONDS: sleeps without starting a process
exec {never}<> <(:)
pause() { read -rt "$1" -u "$never"; }

# say TEXT: prints it, and logs it in PostgreSQL's log
say() {
    echo "$1"
    psql --no-psqlrc --quiet --set text="$1" <<'SQL' || true
SELECT set_config('pglog.message', :'text', false) \g /dev/null
DO 'BEGIN RAISE LOG ''pglog: %'', current_setting(''pglog.message''); END'
SQL
}

reload() { pg_ctl reload --silent; }

# Sets PGDATABASE to a database that lets the administrator in: template1 does if the administrator's own does not.
reachable() { for PGDATABASE in postgres template1; do query SELECT 2>/dev/null && return; done; return 1; }

# refuse REVISION REASON: PostgreSQL keeps what it has
refuse() {
    tidy
    state "$active" "refused $1 $2" || return 0 # said already
    reload
    say "PostgreSQL keeps its configuration, because it refuses the new one: $2"
}

# Prints why the running server refuses the active copy; nothing if it accepts it. It also checks the parameters of libraries
# that it has loaded. Fails if the server does not answer.
server_objection() {
    query "SELECT string_agg(problem, '; ') FROM (
        SELECT format('%s = %s: %s', name, setting, error) FROM pg_file_settings
        WHERE error IS NOT NULL AND sourcefile NOT LIKE '%/postgresql.auto.conf'
        UNION ALL SELECT format('pg_hba.conf: %s', error) FROM pg_hba_file_rules WHERE error IS NOT NULL
        ) AS found (problem)" 2>/tmp/error && return
    [ $? != 2 ] && messages ERROR FATAL </tmp/error
}

# outcome REVISION: prints the state of a revision that PostgreSQL accepted.
outcome() {
    local names
    names=$(query "SELECT string_agg(DISTINCT ours.name, ', ')
        FROM pg_file_settings AS ours JOIN pg_file_settings AS other USING (name)
        WHERE ours.sourcefile NOT LIKE '%/postgresql.auto.conf' AND other.sourcefile LIKE '%/postgresql.auto.conf'") || return
    if [ -z "$names" ]; then echo "applied $1"; else echo "overridden $1 $names"; fi
}

# take_up DIRECTORY: gives PostgreSQL the files in it. Fails if it must be tried again.
take_up() {
    local wanted reason before outcome
    wanted=$(revision "$1") || return # the kubelet has just deleted it
    if [ "$wanted" = "$(revision "$active")" ]; then
        outcome=$(outcome "$wanted") || return
        if state "$active" "$outcome"; then reload; fi
        return 0
    fi
    if ! cmp --silent "$1/postgresql.conf" "$active/postgresql.conf"; then
        echo "postgresql.conf has changes that need a restart"
        return 0
    fi
    copy "$1" || return
    reason=$(objection)
    reason=${reason:-$(library_objection)}
    if [ -n "$reason" ]; then
        refuse "$wanted" "$reason"
        return
    fi
    before=$(readlink -e "$active")
    activate "$candidate" || return
    reason=$(server_objection) || {
        activate "$before"
        return 1
    }
    if [ -n "$reason" ]; then
        activate "$before" && refuse "$wanted" "$reason"
        return
    fi
    outcome=$(outcome "$wanted") && state "$active" "$outcome" && reload || return
    tidy
    say "PostgreSQL has reloaded its configuration"
}

seen='' checked=0
while :; do
    # The kubelet puts changed files into a new directory. What ALTER SYSTEM overrides is looked at again every 5 s.
    if [ ! /etc/postgresql/..data -ef "$seen" ] ||
        { ((SECONDS >= checked + 5)) && grep --quiet "'overridden " "$active/state.conf"; }; then
        reachable && directory=$(readlink -e /etc/postgresql/..data) && take_up "$directory" && seen=$directory
        checked=$SECONDS
    fi
    pause 1
done
