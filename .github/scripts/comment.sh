#!/usr/bin/env bash
# comment.sh NAME FOLDER
# Makes the reports in FOLDER the pull request's one comment of that NAME: edits it where it is, else creates it.
# Takes PULL_REQUEST (its number), HEAD_SHA, RESULTS (of the jobs), and GH_TOKEN for gh.
set -euo pipefail
name=$1 folder=$2
here=$(dirname "${BASH_SOURCE[0]}")
export MARKER="<!-- pglog $name -->"
issues=repos/$GITHUB_REPOSITORY/issues

body() {
    printf '**%s** of %s: %s ([run](%s))\n\n' "$name" "$HEAD_SHA" "$RESULTS" \
        "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
    cat "$folder"/*.md 2>/dev/null || echo "There is no report: what failed came before it."
}

# Anyone can write a comment that begins like this one; only the token's own is edited.
id=$(gh api --paginate "$issues/$PULL_REQUEST/comments?per_page=100" --jq \
    '.[] | select(.user.login == "github-actions[bot]") | select(.body | startswith(env.MARKER)) | .id' | sed -n 1p)
if [ -n "$id" ]; then
    body | "$here/body.sh" "$MARKER" | gh api --method PATCH "$issues/comments/$id" --field body=@- --jq .html_url
else
    body | "$here/body.sh" "$MARKER" | gh api "$issues/$PULL_REQUEST/comments" --field body=@- --jq .html_url
fi
