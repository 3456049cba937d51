#!/bin/sh
# Waits until Elasticsearch answers, and then sends the requests that the file `requests` lists.
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

while read -r method path file tolerated; do
    es "$method" "$path" "/scripts/$file"
    case $status in
    2??) echo "$method $path: $status" ;;
    *)
        if [ "$tolerated" != - ] && printf '%s\n' "$body" | grep -Eq "$tolerated"; then
            echo "$method $path: nothing to do ($status)"
        elif printf '%s\n' "$body" | grep -q 'no handler found'; then
            fail "this Elasticsearch does not support $method $path, which sets how long it keeps lines. Run: pulumi config set elasticsearchRetentionDays 0. Its answer: $body"
        else
            fail "Elasticsearch refused $method $path (HTTP $status): $body"
        fi
        ;;
    esac
done </scripts/requests
