#!/usr/bin/env bash
# report.sh STACK FOLDER ARGUMENT...
# Writes what `npm run report -- ARGUMENT...` says of a stack to FOLDER/STACK.md and to the job's summary.
# Exits 0; 2 at a change that the report does not let pass, unless ACCEPTED is "true"; 1 without a report.
set -uo pipefail
stack=$1 report=$2/$1.md
shift 2
body=$(mktemp) errors=$(mktemp)

npm run --silent report -- --stack "$stack" "$@" >"$body" 2>"$errors"
status=$?
cat "$errors" >&2

case $status in
    0) verdict="" ;;
    2)
        if [ "${ACCEPTED:-}" = true ]; then
            status=0 level=warning verdict="This needs consent, which the label accept-risk gives."
        else
            level=error verdict="This needs consent. If it is meant: label the pull request accept-risk."
        fi
        ;;
    *) status=1 level=error verdict="There is no complete report." ;;
esac
[ -z "$verdict" ] || echo "::$level title=$stack::$verdict"

mkdir -p "$(dirname "$report")"
if [ ! -s "$body" ]; then
    # Indented, as nothing in a message can end such a block.
    { printf '%s\n\n' "### \`$stack\`" && sed 's/^/    /' "$errors"; } >"$body"
fi
{
    head -n 1 "$body" # the heading
    [ -z "$verdict" ] || printf '\n**%s**\n' "$verdict"
    tail -n +2 "$body"
    echo
} >"$report"
cat "$report" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
