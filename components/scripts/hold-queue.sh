#!/bin/bash
# Holds the queue for the Fluent Bit of this Pod. A deleted Pod's successor starts while the old one still ends, and two
# shippers in one queue take each other's half-written chunks for damaged ones and delete them.
# This container starts before Fluent Bit and ends after it.
set -eu
trap 'exit 0' TERM
held=/fluent-bit/offsets/queue-held
rm -f "$held"
exec 9>/fluent-bit/queue/.lock
until flock --nonblock 9; do
    echo "waiting for the shipper of another Pod to end"
    sleep 0.5 &
    wait $!
done
touch "$held"
sleep infinity 9>&- &
wait $!
