#!/bin/sh
# Sends the requests listed in the file requests beside it, once Elasticsearch answers.
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
    echo "waiting for $ELASTICSEARCH_URL: $body"
    sleep 2
done

while read -r method path file tolerated; do
    es "$method" "$path" "$([ ! -s "/scripts/$file" ] || echo "/scripts/$file")"
    case $status in
    2??) echo "$method $path: $status" ;;
    *)
        case $body in
        *"\"$tolerated\""*) echo "$method $path: $tolerated" ;;
        *"no handler found"*) fail "this Elasticsearch does not know $method $path. Without index lifecycle management set elasticsearchRetentionDays to 0; without data streams set elasticsearchTarget to index. It says: $body" ;;
        *) fail "Elasticsearch refused $method $path (HTTP $status): $body" ;;
        esac
        ;;
    esac
done </scripts/requests
