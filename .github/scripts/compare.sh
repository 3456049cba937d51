#!/usr/bin/env bash
# compare.sh BASE FOLDER
# Renders each committed stack as it is in the checkout BASE and as it is here, and writes a report to FOLDER/<stack>.md.
# BASE's rules judge, also where the pull request edits them.
# That BASE cannot be rendered (the command is newer, or the stack) fails nothing: the report says it.
# Exits with the worst that report.sh said of a stack: 1, then 2, then 0.
set -uo pipefail
shopt -s nullglob
base=$1 folder=$2
here=$(dirname "${BASH_SOURCE[0]}")
renders=$(mktemp -d)
worst=0
mkdir -p "$folder"

# render CHECKOUT STACK OUT
render() { (cd "$1" && npm run --silent render -- --stack "$2" --out "$3") 2>"$renders/error"; }

# say STACK HEADLINE: in place of a report, with what render said of an error
say() {
    {
        printf '%s\n\n' "### \`$1\`: $2"
        sed 's/^/    /' "$renders/error"
        echo
    } >"$folder/$1.md"
    cat "$folder/$1.md" >>"$GITHUB_STEP_SUMMARY"
    cat "$renders/error" >&2
}

for file in Pulumi.*.yaml; do
    stack=${file#Pulumi.} stack=${stack%.yaml}
    if ! render . "$stack" "$renders/head/$stack"; then
        echo "::error title=$stack::The stack cannot be rendered."
        say "$stack" "cannot be rendered"
        worst=1
    elif [ ! -e "$base/$file" ]; then
        : >"$renders/error"
        say "$stack" "a new stack, with nothing to compare it with"
    elif ! render "$base" "$stack" "$renders/base/$stack"; then
        echo "::warning title=$stack::The base cannot be rendered: there is no comparison."
        say "$stack" "no comparison, since the base cannot be rendered"
    else
        RULES=$base "$here/report.sh" "$stack" "$folder" --from "$renders/base/$stack" --to "$renders/head/$stack"
        status=$?
        if [ "$status" = 1 ] || [ "$worst" = 0 ]; then worst=$status; fi
    fi
done

for file in "$base"/Pulumi.*.yaml; do
    stack=${file##*/Pulumi.} stack=${stack%.yaml}
    if [ -e "Pulumi.$stack.yaml" ]; then continue; fi
    : >"$renders/error"
    say "$stack" "its file is removed; what it has made stays until \`pulumi destroy --stack $stack\`"
done
exit "$worst"
