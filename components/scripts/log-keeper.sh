#!/bin/bash
# Keeps log files and queue within the bounds of their volume, and holds the queue for the Fluent Bit of this Pod.
#
#   log-keeper.sh          runs until the Pod ends
#   log-keeper.sh status   says in a sentence what is on the volume and whether lines were lost
#   log-keeper.sh check    the same; ends with 1 within 10 minutes of a loss, which the kubelet reports as an event
#
# Environment: VOLUME (its directory), LIMIT (bytes that files and queue may take together), FREE (bytes to keep free).
# The volume has four directories: logs (PostgreSQL's files), chunks and offsets (Fluent Bit's), state (this script's,
# and `positions`, where Fluent Bit's Lua function writes down where the last line stood that it read of each file).
set -uo pipefail
shopt -s nullglob
export LC_ALL=C TZ=UTC
logs=$VOLUME/logs state=$VOLUME/state
most=200 # files, however small they are
# Seconds until Fluent Bit has closed a removed file (rotate_wait is 5).
settled=8
removed=() # "second descriptor name" of each file that was removed unread
closing=() # "second bytes" of each removed file: its space comes back when the last of the two has closed it

# A deleted Pod's successor starts while the old one still ends. Two shippers in one queue take each other's half-written
# chunks for damaged ones and delete them.
hold() {
    rm --force /run/log-keeper/holds # this container may have been ended and started again
    mkdir -p "$logs" "$VOLUME/offsets" "$state/positions" || exit 1
    exec {lock}>"$VOLUME/.lock"
    until flock --nonblock "$lock"; do
        echo "waiting for the shipper of another Pod to end"
        pause 0.5
    done
    touch /run/log-keeper/holds
}

# pause SECONDS: a sleep without a process
exec {never}<> <(:)
pause() { read -rt "$1" -u "$never"; }

# unread NAME FILE: lines and bytes of it that no shipper has read
unread() {
    local offset=''
    read -r offset < <(cat "$state/positions/$1" 2>/dev/null)
    if [ -z "$offset" ]; then
        wc --lines --bytes <"$2"
    else
        tail --bytes=+$((offset + 1)) "$2" | tail --lines=+2 | wc --lines --bytes
    fi
}

# remove FILE BYTES: takes it off the volume. What it held unread is counted once nobody can read it any more; until then
# `removing` has the most that it can be, for the next start of this script.
remove() {
    local name=${1##*/} fd lines bytes
    exec {fd}<"$1" || return
    read -r lines bytes < <(unread "$name" "/proc/$$/fd/$fd")
    closing+=("$SECONDS $2")
    if ((lines > 0)); then
        echo "$name $lines $bytes" >>"$state/removing"
        removed+=("$SECONDS $fd $name")
    else
        exec {fd}<&-
        rm --force "$state/positions/$name"
    fi
    rm --force -- "$1"
    echo "removed $name, $2 bytes, of which $bytes unread"
}

# lost NAME LINES BYTES: says so where people look. The shipper sends the line like any other of PostgreSQL's.
lost() {
    local lines number last
    printf '%(%F %T)T.000 UTC [0] WARNING:  pglog lost %d lines, %d bytes, of %s: removed unread, to keep the volume within its bounds\n' \
        -1 "$2" "$3" "$1" | tee -a "$notices"
    read -r lines number last < <(cat "$state/lost" 2>/dev/null)
    printf '%d %d %(%FT%TZ)T\n' $((lines + $2)) $((number + 1)) -1 >"$state/lost.new"
    mv "$state/lost.new" "$state/lost"
}

# count_removed AGE: counts what the files held that were removed so many seconds ago, and gives their space back.
count_removed() {
    local waiting=() entry second fd name lines bytes
    for entry in "${removed[@]}"; do
        read -r second fd name <<<"$entry"
        if ((SECONDS - second < $1)); then
            waiting+=("$entry")
            continue
        fi
        read -r lines bytes < <(unread "$name" "/proc/$$/fd/$fd")
        : >"/proc/$$/fd/$fd" # Fluent Bit may still have it open
        exec {fd}<&-
        ((lines == 0)) || lost "$name" "$lines" "$bytes"
        rm --force "$state/positions/$name"
    done
    removed=("${waiting[@]}")
    if ((${#removed[@]} == 0)) && [ -s "$state/removing" ]; then : >"$state/removing"; fi
}

# What this script had removed and not counted when it was ended.
count_interrupted() {
    local name lines bytes
    while read -r name lines bytes; do
        [ ! -e "$logs/$name" ] || continue # it was ended before it could remove it
        grep --quiet --fixed-strings " of $name: " "$logs"/lost-*.log /dev/null || lost "$name" "$lines" "$bytes"
    done < <(cat "$state/removing" 2>/dev/null)
    : >"$state/removing"
}

# Takes away positions in files that are gone, and all but the newest notices of lost lines, which have arrived by now.
tidy() {
    local path old=("$logs"/lost-*.log)
    for path in "$state"/positions/*; do
        [ -e "$logs/${path##*/}" ] || rm --force -- "$path"
    done
    for path in "${old[@]:0:${#old[@]}>20?${#old[@]}-20:0}"; do rm --force -- "$path"; done
}

# Sets `files` ("second bytes path", oldest first), `newest` (the one that was written to last) and `total` (bytes of files
# and queue). Names begin with the time.
look() {
    local paths=("$logs"/postgresql-*) second bytes path latest=0
    files=() newest='' total=0
    while read -r second bytes path; do
        ((total += bytes))
        [[ $path == "$logs"/* ]] || continue
        files+=("$second $bytes $path")
        if ((second >= latest)) && [[ $path == *.json ]]; then latest=$second newest=$path; fi
    done < <(stat --format='%Y %s %n' -- "${paths[@]}" "$VOLUME"/chunks*/tail.*/* "$state" 2>/dev/null)
}

# Bytes that removed files will give back.
still_open() {
    local waiting=() entry second bytes
    open=0
    for entry in "${closing[@]}"; do
        read -r second bytes <<<"$entry"
        if ((SECONDS - second <= settled)); then
            waiting+=("$entry")
            ((open += bytes))
        fi
    done
    closing=("${waiting[@]}")
}

# Removes the oldest files until the rest is within the bounds; never those that PostgreSQL writes to.
keep_bounds() {
    local entry second bytes path blocks size over_limit short count
    look
    still_open
    read -r blocks size < <(stat --file-system --format='%a %S' "$VOLUME")
    # In a hurry a removed file is counted at once: by up to a second's lines too many, if Fluent Bit is just reading it.
    if ((blocks * size < FREE)) && ((${#removed[@]} > 0)); then
        count_removed 0
        closing=()
        return
    fi
    over_limit=$((total - LIMIT)) short=$((FREE - blocks * size - open)) count=${#files[@]}
    for entry in "${files[@]}"; do
        ((over_limit > 0 || short > 0 || count > most)) || return 0
        read -r second bytes path <<<"$entry"
        [[ ${path%.*} != "${newest%.*}" ]] || continue
        remove "$path" "$bytes"
        over_limit=$((over_limit - bytes)) short=$((short - bytes)) count=$((count - 1))
    done
    # Only others' files are left, or Fluent Bit's: from here on lines may be lost that nobody can count.
    ((short <= 0)) || touch "$state/full"
}

# recent NAME: its name if the file was written in the last 10 minutes
recent() { find "$state/$1" -mmin -10 2>/dev/null; }

status() {
    local lines number last logged=0 queued=0 bytes path
    read -r lines number last < <(cat "$state/lost" 2>/dev/null)
    while read -r bytes path; do
        if [[ $path == "$logs"/* ]]; then ((logged += bytes)); else ((queued += bytes)); fi
    done < <(stat --format='%s %n' -- "$logs"/postgresql-* "$VOLUME"/chunks*/tail.*/* 2>/dev/null)
    if ((lines == 0)); then
        printf 'No log line was lost.'
    else
        printf 'pglog lost %d lines of %d log files, the last at %s: they were removed before they were read.' "$lines" "$number" "$last"
    fi
    [ -z "$(recent full)" ] || printf ' The volume is full of other files: lines are being lost uncounted.'
    printf ' Log files take %d MiB and the queue %d MiB; the bound for both is %d MiB.\n' \
        $((logged >> 20)) $((queued >> 20)) $((LIMIT >> 20))
}

case ${1-run} in
status) status ;;
check)
    status
    [ -z "$(recent lost)$(recent full)" ]
    ;;
run)
    trap 'exit 0' TERM
    hold
    notices=$(printf '%s/lost-%(%F_%H%M%S)T-%s.log' "$logs" -1 "$HOSTNAME")
    count_interrupted
    tidy
    while :; do
        keep_bounds
        count_removed "$settled"
        pause 1
    done
    ;;
esac
