#!/usr/bin/env bash
# preview.sh STACK FOLDER
# Previews a stack and writes a report of that to FOLDER/STACK.md, also of a preview that failed.
# Exits as report.sh does, else as the preview: not every failure is in what it prints. Takes PULUMI_ORGANIZATION.
set -uo pipefail
stack=$1 folder=$2
preview=$(mktemp) errors=$(mktemp)

pulumi preview --json --show-sames --non-interactive --stack "$PULUMI_ORGANIZATION/$stack" >"$preview" 2>"$errors"
previewed=$?
cat "$errors" >&2

"$(dirname "${BASH_SOURCE[0]}")/report.sh" "$stack" "$folder" --preview "$preview"
reported=$?
# A stack that is not there, or a login that failed: nothing was printed that a report could be made of.
[ -s "$preview" ] || sed 's/^/    /' "$errors" | tee -a "$folder/$stack.md" >>"$GITHUB_STEP_SUMMARY"
[ "$reported" = 0 ] || exit "$reported"
exit "$previewed"
