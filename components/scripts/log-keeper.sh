#!/bin/bash
# Keeps log files and queue within the limits of their volume, and locks the queue for this Pod's Fluent Bit.
#
#   log-keeper.sh          runs until the Pod ends
#   log-keeper.sh status   prints in one line how full the volume is and whether lines were lost
#   log-keeper.sh check    also exits with status 1 for 10 minutes after a loss, which the kubelet reports as an event
#
# Environment: VOLUME (its directory), LIMIT (bytes for files and queue together), FREE (bytes to keep free).
# The volume has four directories: logs (PostgreSQL's files), chunks and offsets (Fluent Bit's), and state (this script's).
# In state/positions, Fluent Bit's Lua function records the position of the last line that it read from each file.
set -uo pipefail
shopt -s nullglob
export LC_ALL=C TZ=UTC
logs=$VOLUME/logs state=$VOLUME/state
most=200 # number of log files, whatever their size
# Seconds after which Fluent Bit has closed a removed file; its rotate_wait is 5.
settled=8
removed=() # "second descriptor name" of each file with unread lines that was removed
closing=() # "second bytes" of each removed file; its space is free once this script and Fluent Bit have closed it

# After a Pod is deleted, its successor starts while it still shuts down. Two shippers must not share a queue: each would
# take the other's half-written chunks for damaged ones and delete them.
hold() {
    rm --force /run/log-keeper/holds # left over if this container was restarted
    mkdir -p "$logs" "$VOLUME/offsets" "$state/positions" || exit 1
    exec {lock}>"$VOLUME/.lock"
    until flock --nonblock "$lock"; do
        echo "waiting until the shipper of the old Pod has ended"
        pause 0.5
    done
    touch /run/log-keeper/holds
}

# pause SECONDS: sleeps without starting a process
exec {never}<> <(:)
pause() { read -rt "$1" -u "$never"; }

# unread NAME FILE: prints the number of lines and bytes that no shipper has read
unread() {
    local offset=''
    read -r offset < <(cat "$state/positions/$1" 2>/dev/null)
    if [ -z "$offset" ]; then
        wc --lines --bytes <"$2"
    else
        tail --bytes=+$((offset + 1)) "$2" | tail --lines=+2 | wc --lines --bytes
    fi
}

# remove FILE BYTES: deletes a log file. Its unread lines are counted later, when Fluent Bit can no longer read them. Until
# then state/removing has their upper limit, in case this script is restarted.
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

# lost NAME LINES BYTES: reports a loss in the log itself, which the shipper sends like any other log file.
lost() {
    local lines number last
    printf '%(%F %T)T.000 UTC [0] WARNING:  pglog lost %d lines, %d bytes, of %s: removed unread, to keep the volume within its limits\n' \
        -1 "$2" "$3" "$1" | tee -a "$notices"
    read -r lines number last < <(cat "$state/lost" 2>/dev/null)
    printf '%d %d %(%FT%TZ)T\n' $((lines + $2)) $((number + 1)) -1 >"$state/lost.new"
    mv "$state/lost.new" "$state/lost"
}

# count_removed AGE: counts the unread lines of files that were removed AGE seconds ago, and frees their space.
count_removed() {
    local waiting=() entry second fd name lines bytes
    for entry in "${removed[@]}"; do
        read -r second fd name <<<"$entry"
        if ((SECONDS - second < $1)); then
            waiting+=("$entry")
            continue
        fi
        read -r lines bytes < <(unread "$name" "/proc/$$/fd/$fd")
        : >"/proc/$$/fd/$fd" # frees the space even if Fluent Bit still has it open
        exec {fd}<&-
        ((lines == 0)) || lost "$name" "$lines" "$bytes"
        rm --force "$state/positions/$name"
    done
    removed=("${waiting[@]}")
    if ((${#removed[@]} == 0)) && [ -s "$state/removing" ]; then : >"$state/removing"; fi
}

# Counts the files that this script had removed but not counted when it was killed.
count_interrupted() {
    local name lines bytes
    while read -r name lines bytes; do
        [ ! -e "$logs/$name" ] || continue # it was killed before it removed this file
        grep --quiet --fixed-strings " of $name: " "$logs"/lost-*.log /dev/null || lost "$name" "$lines" "$bytes"
    done < <(cat "$state/removing" 2>/dev/null)
    : >"$state/removing"
}

# Deletes the positions of files that are gone, and all but the newest reports of lost lines, which have been sent.
tidy() {
    local path old=("$logs"/lost-*.log)
    for path in "$state"/positions/*; do
        [ -e "$logs/${path##*/}" ] || rm --force -- "$path"
    done
    for path in "${old[@]:0:${#old[@]}>20?${#old[@]}-20:0}"; do rm --force -- "$path"; done
}

# Sets `files` ("second bytes path", oldest first, since names begin with the time), `newest` (the file written last) and
# `total` (bytes of files and queue).
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

# Sets `open` to the bytes of removed files that are still open.
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

# Removes the oldest files until the volume is within its limits, but never the files that PostgreSQL writes to.
keep_bounds() {
    local entry second bytes path blocks size over_limit short count
    look
    still_open
    read -r blocks size < <(stat --file-system --format='%a %S' "$VOLUME")
    # If space runs out, count removed files now. The count can be too high by a second's lines that Fluent Bit is reading.
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
    # Only files that are not removed here fill the volume, so lines may now be lost uncounted.
    ((short <= 0)) || touch "$state/full"
}

# recent NAME: prints the path if the file was written in the last 10 minutes
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
    [ -z "$(recent full)" ] || printf ' Other files fill the volume: lines are being lost uncounted.'
    printf ' Log files take %d MiB and the queue %d MiB; the limit for both is %d MiB.\n' \
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
