#!/bin/sh
# Waits until a search returns the marker, and then a little longer for a second copy. If none arrives, names the hop that
# lost it. Environment: TIMEOUT (seconds for the first copy), and what deliveryProof.ts sets.
set -eu
# Seconds that a second copy may take longer than the first: flush (0.5 s), request, and refresh of the index (1 s).
copies=3
. /scripts/elasticsearch.sh

postgres=$(cat /proof/postgres)
[ "$postgres" = logged ] || fail "hop 1, PostgreSQL did not log the marker: $postgres"

cat >/tmp/query <<QUERY
{"size": 1, "query": {"match_phrase": {"message": "pglog delivery marker $MARKER"}}}
QUERY

# metrics: fetches Fluent Bit's metrics. metric NAME LABEL: prints one of them, or nothing.
metrics() {
    curl --silent --show-error --max-time 10 --output /tmp/metrics "$FLUENT_BIT_URL/api/v2/metrics/prometheus" 2>/tmp/error
}
metric() { sed -n "s/^$1{.*\"$2\".*} *\([0-9.e+]*\).*/\1/p" /tmp/metrics | head -n 1 | sed 's/\.0*$//'; }

# Prints notices: log files that were removed unread since the last proof, and problems that Fluent Bit's metrics show.
notices() {
    cat >/tmp/query <<QUERY
{"size": 1, "sort": [{"@timestamp": "desc"}], "_source": ["@timestamp"], "query": {"bool": {
  "must": {"match_phrase": {"message": "pglog delivery marker"}},
  "must_not": [{"match_phrase": {"message": "pglog delivery marker $MARKER"}}, {"match_phrase": {"message": "RAISE LOG"}}]}}}
QUERY
    es POST "/$SEARCH/_search?ignore_unavailable=true&filter_path=hits.hits._source" /tmp/query
    since=$(sed -n 's/.*"@timestamp":"\([^"]*\)".*/\1/p' /tmp/body)
    cat >/tmp/query <<QUERY
{"size": 0, "query": {"bool": {"filter": [
  {"range": {"@timestamp": {"gt": "${since:-1970-01-01T00:00:00Z}"}}},
  {"term": {"tags": "postgresql_plain_text"}}, {"match_phrase": {"message": "pglog lost"}}]}}}
QUERY
    es POST "/$SEARCH/_search?ignore_unavailable=true&filter_path=hits.total" /tmp/query
    files=$(sed -n 's/.*"value":\([0-9]*\).*/\1/p' /tmp/body)
    [ "${files:-0}" = 0 ] ||
        echo "notice: ${since:+since $since, }$files log files were removed before all their lines were read, to keep the log volume within its limits. See: kubectl exec deployment/postgres -c log-keeper -- bash /scripts/log-keeper.sh status"
    metrics || return 0
    dropped=$(metric fluentbit_output_dropped_records_total elasticsearch)
    [ "${dropped:-0}" = 0 ] || echo "notice: Fluent Bit has dropped $dropped lines that Elasticsearch refused permanently"
    [ "$(metric fluentbit_input_ingestion_paused postgresql_jsonlog)" != 1 ] ||
        echo "notice: Fluent Bit has stopped reading until Elasticsearch accepts its queue; lines wait in PostgreSQL's files"
}

deadline=$(($(date +%s) + TIMEOUT))
arrived=
while [ "$(date +%s)" -lt "$deadline" ]; do
    es POST "/$SEARCH/_search?ignore_unavailable=true&filter_path=hits" /tmp/query
    found=$(sed -n 's/.*"total":{"value":\([0-9]*\).*/\1/p' /tmp/body)
    case $status:${found:-0} in
    200:0) ;;
    200:1)
        [ -n "$arrived" ] || deadline=$(($(date +%s) + copies))
        arrived=$(cat /tmp/body)
        ;;
    200:*) fail "the marker arrived $found times in $SEARCH: lines are delivered more than once" ;;
    401:* | 403:*) fail "hop 3, Elasticsearch refuses the search in $SEARCH (HTTP $status): $body. docs/operating.md lists the privileges that are needed." ;;
    esac
    sleep 1
done
if [ -n "$arrived" ]; then
    printf 'delivered: %s\n' "$arrived"
    notices
    exit 0
fi
search="a search in $SEARCH did not return the marker in ${TIMEOUT}s"
[ "$status" = 200 ] || search="the last search in $SEARCH failed (HTTP $status): $body"

metrics ||
    fail "hop 2, Fluent Bit does not answer at $FLUENT_BIT_URL, so it reads nothing: $(cat /tmp/error). See: kubectl logs deployment/postgres -c fluent-bit"
read=$(metric fluentbit_input_records_total postgresql_jsonlog)
sent=$(metric fluentbit_output_proc_records_total elasticsearch)
retries=$(metric fluentbit_output_retries_total elasticsearch)
[ "${read:-0}" != 0 ] ||
    fail "hop 2, Fluent Bit has not read a line of PostgreSQL's log. See: kubectl logs deployment/postgres -c fluent-bit"

# Fluent Bit has read lines, and Elasticsearch lacks the marker. Try to write a document with the same credentials.
index=$INDEX
[ "$TARGET" = data-stream ] || index=$INDEX-$(date -u +%Y.%m.%d)
cat >/tmp/probe <<PROBE
{"create": {"_index": "$index", "_id": "probe:$MARKER"}}
{"@timestamp": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "message": "pglog delivery probe", "event": {"dataset": "pglog.probe"}}
PROBE
es POST '/_bulk' /tmp/probe
seen="Fluent Bit has read ${read:-0} lines, delivered ${sent:-0} and retried ${retries:-0} times"
[ "$(metric fluentbit_input_ingestion_paused postgresql_jsonlog)" != 1 ] ||
    seen="$seen, and has stopped reading until Elasticsearch accepts its queue"
case $status:$body in
000:*) fail "hop 3, Elasticsearch at $ELASTICSEARCH_URL cannot be reached: $body. $seen." ;;
200:*'"errors":false'*) fail "hop 3, Elasticsearch accepts documents for $index from here, but $search. $seen. See: kubectl logs deployment/postgres -c fluent-bit" ;;
*) fail "hop 3, Elasticsearch refuses documents for $index (HTTP $status): $body. $seen." ;;
esac
