#!/usr/bin/env bash
# report.sh STACK FOLDER ARGUMENT...
# Writes what `npm run report -- ARGUMENT...` says of a stack to FOLDER/STACK.md and to the job's summary.
# RULES is the checkout whose rules judge: a pull request's base, so that no change judges itself. Default: this one.
# Exits 0; 2 at a change that the report does not let pass, unless ACCEPTED is "true"; 1 without a report.
set -uo pipefail
stack=$1 report=$2/$1.md rules=${RULES:-.}
shift 2
body=$(mktemp) errors=$(mktemp)

# judge CHECKOUT ARGUMENT...
judge() { (cd "$1" && npm run --silent report -- --stack "$stack" "${@:2}") >"$body" 2>>"$errors"; }

note=
judge "$rules" "$@"
status=$?
if [ "$rules" != . ] && [ ! -s "$body" ]; then
    judge . "$@"
    status=$?
    [ "$status" != 0 ] || status=2
    note="The rules of the base cannot read this change: its own rules judge it."
elif [ "$rules" != . ] && ! diff -rq "$rules/report" report >/dev/null 2>&1; then
    note="This change edits the rules of the report. The rules of the base judge it."
fi
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
    [ -z "$note" ] || printf '\n%s\n' "$note"
    tail -n +2 "$body"
    echo
} >"$report"
cat "$report" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
