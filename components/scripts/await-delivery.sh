#!/bin/sh
# Waits until a search returns the marker. If it does not come, says at which hop it was lost.
set -eu
. /scripts/elasticsearch.sh

postgres=$(cat /proof/postgres)
[ "$postgres" = logged ] || fail "hop 1, PostgreSQL did not log the marker: $postgres"

cat >/tmp/query <<QUERY
{"size": 1, "query": {"match_phrase": {"message": "pglog delivery marker $MARKER"}}}
QUERY

deadline=$(($(date +%s) + TIMEOUT))
while [ "$(date +%s)" -lt "$deadline" ]; do
    es POST "/$SEARCH/_search?ignore_unavailable=true&filter_path=hits" /tmp/query
    found=$(sed -n 's/.*"total":{"value":\([0-9]*\).*/\1/p' /tmp/body)
    case $status:${found:-0} in
    200:1)
        printf 'delivered: %s\n' "$(cat /tmp/body)"
        exit 0
        ;;
    200:0) sleep 1 ;;
    200:*) fail "the marker arrived $found times in $SEARCH: lines are delivered more than once" ;;
    *) sleep 1 ;;
    esac
done

# metric NAME LABEL: the value of one of Fluent Bit's counters, or nothing
metric() { sed -n "s/^$1{.*\"$2\".*} *\([0-9.e+]*\).*/\1/p" /tmp/metrics | head -n 1 | sed 's/\.0*$//'; }

curl --silent --show-error --max-time 10 --output /tmp/metrics "$FLUENT_BIT_URL/api/v2/metrics/prometheus" 2>/tmp/error ||
    fail "hop 2, Fluent Bit does not answer at $FLUENT_BIT_URL, so it reads nothing: $(cat /tmp/error). See: kubectl logs deployment/postgres -c fluent-bit"
read=$(metric fluentbit_input_records_total postgresql_jsonlog)
sent=$(metric fluentbit_output_proc_records_total elasticsearch)
retries=$(metric fluentbit_output_retries_total elasticsearch)
[ "${read:-0}" != 0 ] ||
    fail "hop 2, Fluent Bit has not read a line of PostgreSQL's log. See: kubectl logs deployment/postgres -c fluent-bit"

# Fluent Bit has lines and Elasticsearch has not: ask Elasticsearch with the same credentials for the same right.
index=$INDEX
[ "$TARGET" = data-stream ] || index=$INDEX-$(date -u +%Y.%m.%d)
cat >/tmp/probe <<PROBE
{"create": {"_index": "$index", "_id": "probe:$MARKER"}}
{"@timestamp": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "message": "pglog delivery probe", "event": {"dataset": "pglog.probe"}}
PROBE
es POST '/_bulk' /tmp/probe
seen="Fluent Bit has read ${read:-0} lines, delivered ${sent:-0} and retried ${retries:-0} times"
case $status:$body in
000:*) fail "hop 3, Elasticsearch at $ELASTICSEARCH_URL cannot be reached: $body. $seen." ;;
200:*'"errors":false'*) fail "hop 3, Elasticsearch accepts documents for $index from here, but a search in $SEARCH did not return the marker in ${TIMEOUT}s. $seen. See: kubectl logs deployment/postgres -c fluent-bit" ;;
*) fail "hop 3, Elasticsearch refuses documents for $index (HTTP $status): $body. $seen." ;;
esac
