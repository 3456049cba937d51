# Speaks to Elasticsearch for the scripts that read this file. Environment: ELASTICSEARCH_URL, and
# ELASTICSEARCH_CONNECT_TO where the address to connect to is not that of the URL's name.

# fail MESSAGE: ends the container; the message is what `pulumi up` shows.
fail() {
    printf '%s\n' "$1" >&2
    printf '%s\n' "$1" >/dev/termination-log
    exit 1
}

# Credentials and authority as a configuration file for curl, so that no secret stands in a process list.
curl_config() {
    quote='s/\\/\\\\/g; s/"/\\"/g'
    if [ -f /credentials/apiKey ]; then
        printf 'header = "Authorization: ApiKey %s"\n' "$(sed "$quote" /credentials/apiKey)"
    elif [ -f /credentials/username ]; then
        printf 'user = "%s:%s"\n' "$(sed "$quote" /credentials/username)" "$(sed "$quote" /credentials/password)"
    fi
    if [ -f /ca/ca.crt ]; then echo 'cacert = "/ca/ca.crt"'; fi
    if [ -n "${ELASTICSEARCH_CONNECT_TO-}" ]; then echo "connect-to = \"$ELASTICSEARCH_CONNECT_TO\""; fi
}

# es METHOD PATH [BODY FILE]: leaves the HTTP status in $status (000: no answer) and the answer, or why there is none,
# in $body. A connection gets 5 s: one that began before the node knew the Service's address leads nowhere for good (its
# repeated packets follow the first), and only another one gets through.
es() {
    status=$(curl_config | curl --config - --silent --show-error --connect-timeout 5 --max-time 20 --globoff --request "$1" \
        --header 'Content-Type: application/json' ${3:+--data-binary "@$3"} \
        --output /tmp/body --write-out '%{http_code}' "$ELASTICSEARCH_URL$2" 2>/tmp/error) || {
        status=000
        cp /tmp/error /tmp/body
    }
    body=$(head -c 1500 /tmp/body)
}
