#!/usr/bin/env bash
# issue.sh STACK FILE
# Makes FILE the stack's one open issue about drift: edits it where it is, else creates it. An empty FILE closes it.
# Takes GH_TOKEN for gh.
set -euo pipefail
stack=$1 file=$2
here=$(dirname "${BASH_SOURCE[0]}")
export MARKER="<!-- pglog drift $stack -->"
issues=repos/$GITHUB_REPOSITORY/issues
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID

# Anyone can open an issue that begins like this one; only the token's own is edited.
number=$(gh api --paginate "$issues?state=open&per_page=100" --jq \
    '.[] | select(.user.login == "github-actions[bot]") | select(.body // "" | startswith(env.MARKER)) | .number' | sed -n 1p)

body() { { printf 'Seen in [this run](%s). ' "$run" && cat "$file"; } | "$here/body.sh" "$MARKER"; }

if [ -s "$file" ] && [ -n "$number" ]; then
    body | gh api --method PATCH "$issues/$number" --field body=@- --jq .html_url
elif [ -s "$file" ]; then
    body | gh api "$issues" --raw-field title="Drift in stack $stack" --field body=@- --jq .html_url
elif [ -n "$number" ]; then
    gh api "$issues/$number/comments" --raw-field body="No longer, says [this run]($run)." --jq .html_url
    gh api --method PATCH "$issues/$number" --raw-field state=closed --raw-field state_reason=completed --jq .html_url
fi
