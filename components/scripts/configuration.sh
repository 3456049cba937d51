#!/bin/bash
# Functions for the configuration that PostgreSQL reads. initialise.sh and reload.sh source this file.
# Environment: DATA_VOLUME.
#
# The files in /etc/postgresql change under a running server. So PostgreSQL reads a copy on the data volume, and it gets a
# new copy only after it accepted the files in it. A refused file changes nothing, not even the next start.
#
# $active is a symbolic link to the directory of the accepted copy. Its state.conf sets the parameter pglog.configuration,
# which tells clients what the running server has taken up:
#   applied REVISION               all files
#   overridden REVISION NAMES      all files, but ALTER SYSTEM gives these parameters other values
#   refused REVISION REASON        nothing of that revision, because PostgreSQL refuses it
active=$DATA_VOLUME/config
files=(postgresql.conf reloadable.conf logging.conf pg_hba.conf)

# revision DIRECTORY: prints a checksum of its files; nothing if the directory does not exist
revision() { (cd "$1" 2>/dev/null && cat "${files[@]}" | sha256sum | cut -c 1-16); }

# copy DIRECTORY: copies the files in it, and sets `candidate` to the directory of the copy
copy() {
    candidate=$active-$(revision "$1") || return
    rm -rf "$candidate"
    mkdir "$candidate" && (cd "$1" && cp "${files[@]}" "$candidate") && : >"$candidate/state.conf"
}

# Prints why PostgreSQL refuses names or values of the candidate; nothing if it accepts them.
objection() {
    local all found
    all=$(refusal --config-file="$candidate/postgresql.conf")
    [ -n "$all" ] || return 0
    found=$(objections_by_line | one_line)
    cut -c 1-2000 <<<"${found:-$all}"
}

# Prints why PostgreSQL refuses lines of the candidate, each with its parameter. A check of a whole file is not enough for
# that: some messages do not name the parameter, and some end the check before the next line.
objections_by_line() {
    local line name said
    (cd "$candidate" && grep -hEv '^(include|data_directory) ' postgresql.conf reloadable.conf logging.conf) |
        while IFS= read -r line; do
            name=${line%% *}
            printf '%s\n' "$line" >"$candidate/line"
            said=$(refusal -D "$candidate" --config-file="$candidate/line")
            case ${said,,} in
            '') ;;
            *"\"${name,,}\""*) echo "$said" ;;
            *) echo "$name: $said" ;;
            esac
        done
}

# refusal OPTION...: prints why PostgreSQL with these options refuses its configuration; nothing if it accepts it
refusal() {
    local said
    said=$(postgres "$@" -C max_connections 2>&1 >/dev/null) ||
        messages LOG FATAL <<<"${said:-FATAL: postgres ended with status $?}"
}

# Prints why no session can start with the candidate's libraries; nothing if it can. PostgreSQL must run.
library_objection() {
    local name value said
    for name in session_preload_libraries local_preload_libraries; do
        value=$(postgres --config-file="$candidate/postgresql.conf" -C "$name" 2>/dev/null | sed 's/[\ ]/\\&/g')
        [ -n "$value" ] || continue
        said=$(PGOPTIONS="$PGOPTIONS -c $name=$value" psql --no-psqlrc --command SELECT 2>&1 >/dev/null) && continue
        # Without the libraries, it must be able to start.
        if psql --no-psqlrc --command SELECT >/dev/null 2>&1; then echo "$name: $(messages FATAL <<<"$said")"; fi
    done | one_line
}

# one_line: joins lines
one_line() { sed -z 's/\n$//; s/\n/; /g'; }

# messages LEVEL...: prints a server's messages of these levels in one line; all of them if none has one of the levels
messages() {
    local IFS='|' text found
    text=$(cat)
    found=$(sed -En "/contains errors\$|skipping missing configuration file/d; s/^.*($*|DETAIL|HINT): *//p" <<<"$text")
    paste -sd ' ' <<<"${found:-$text}" | cut -c 1-1000
}

# activate DIRECTORY: makes it the copy that PostgreSQL reads, in one step
activate() { ln -sfn "${1##*/}" "$active.new" && mv -T "$active.new" "$active"; }

# Deletes all copies but the active one.
tidy() {
    local directory
    for directory in "$active"-*; do
        [ "$directory" -ef "$active" ] || rm -rf "$directory"
    done
}

# state DIRECTORY TEXT: writes the directory's state.conf; fails if it has this text already
state() {
    local text=${2//\\/\\\\} line
    line="pglog.configuration = '${text//\'/\'\'}'"
    [ "$line" != "$(cat "$1/state.conf" 2>/dev/null)" ] || return
    printf '%s\n' "$line" >"$1/state.conf.new" && mv "$1/state.conf.new" "$1/state.conf"
}

# administrator_options VERSION: prints options for the administrator's sessions. They win over the settings of the server,
# of databases and of roles. Those could forbid a write, end or delay a statement, fail with a trigger or a library, or
# write the password verifier to the log or many messages to the client.
administrator_options() {
    local settings=(
        default_transaction_read_only=off search_path=pg_catalog role=none session_replication_role=replica
        session_preload_libraries= local_preload_libraries= synchronous_commit=local
        statement_timeout=0 lock_timeout=10s idle_session_timeout=0
        log_statement=none log_min_duration_statement=-1 log_min_duration_sample=-1 log_transaction_sample_rate=0
        log_min_error_statement=panic client_min_messages=warning
    )
    (($1 < 17)) || settings+=(transaction_timeout=0 event_triggers=off)
    echo "${settings[*]/#/-c }"
}
