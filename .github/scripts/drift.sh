#!/usr/bin/env bash
# drift.sh STACK FILE
# Compares the cluster with what the stack has recorded, and writes the difference to FILE, which is empty without one.
# Exits 1 if it could not compare, and then writes no FILE. Takes PULUMI_ORGANIZATION.
set -uo pipefail
stack=$1 file=$2
diff=$(mktemp)

pulumi refresh --preview-only --expect-no-changes --diff --non-interactive --color never \
    --stack "$PULUMI_ORGANIZATION/$stack" | tee "$diff"
status=${PIPESTATUS[0]}

mkdir -p "$(dirname "$file")"
case $status in
    0) : >"$file" ;;
    7) # "no changes were expected": https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/cmd/pulumi/cmd/exit_codes.go
        echo "::warning title=$stack::The cluster differs from what the stack has recorded."
        {
            cat <<END
The cluster differs from what the stack \`$stack\` has recorded. \`pulumi up --refresh --stack $stack\` makes it what the
program says; to keep a difference, write it into the program first.

END
            sed 's/^/    /' "$diff"
        } >"$file"
        cat "$file" >>"$GITHUB_STEP_SUMMARY"
        ;;
    *)
        echo "::error title=$stack::Could not compare: pulumi refresh ended with $status."
        exit 1
        ;;
esac
