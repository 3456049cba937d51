#!/usr/bin/env bash
# body.sh MARKER: prints a comment's or issue's text: an invisible MARKER to find it by, then what comes in.
# GitHub takes 65,536 characters. What is longer loses whole lines at its end, and says so at its beginning, since the
# cut can lie within a table or a fence.
set -euo pipefail
limit=60000 # bytes, so never more characters; the rest is for what the callers put before
text=$(mktemp)
cat >"$text"

printf '%s\n' "$1"
if [ "$(wc -c <"$text")" -gt "$limit" ]; then
    run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
    printf '> [!NOTE]\n> This is too long for GitHub and was cut. [The summary of the run](%s) has all of it.\n\n' "$run"
    head --bytes "$limit" "$text" | sed '$d'
else
    cat "$text"
fi
