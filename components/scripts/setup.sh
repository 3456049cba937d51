#!/bin/sh
# Waits until Elasticsearch answers, and then sends the requests in the files *.http, in the order of their names.
set -eu
. /scripts/elasticsearch.sh

deadline=$(($(date +%s) + TIMEOUT))
while :; do
    es GET /
    case $status in
    000 | 429 | 502 | 503 | 504) ;;
    401) fail "Elasticsearch at $ELASTICSEARCH_URL does not accept the credentials (HTTP 401): $body" ;;
    *) break ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] ||
        fail "Elasticsearch at $ELASTICSEARCH_URL did not answer in ${TIMEOUT}s (status $status): $body"
    printf '%s\n' "waiting for $ELASTICSEARCH_URL: $body"
    sleep 2
done

# refused METHOD PATH: ends with Elasticsearch's answer.
refused() {
    if printf '%s\n' "$body" | grep -q 'no handler found'; then
        fail "this Elasticsearch does not support $1 $2, which sets how long it keeps lines. Run: pulumi config set elasticsearchRetentionDays 0. Its answer: $body"
    fi
    fail "Elasticsearch refused $1 $2 (HTTP $status): $body"
}

for file in /scripts/*.http; do
    {
        read -r method path condition text tolerated
        cat >/tmp/request
    } <"$file"
    if [ "$condition" != - ]; then
        es GET "$condition"
        case $status in
        2??) ;;
        *) refused GET "$condition" ;;
        esac
        if ! grep --quiet --fixed-strings -e "$text" /tmp/body; then
            echo "$method $path: nothing to do"
            continue
        fi
    fi
    es "$method" "$path" /tmp/request
    case $status in
    2??) echo "$method $path: $status" ;;
    *)
        [ "$tolerated" != - ] && printf '%s\n' "$body" | grep -Eq "$tolerated" || refused "$method" "$path"
        echo "$method $path: nothing to do ($status)"
        ;;
    esac
done
