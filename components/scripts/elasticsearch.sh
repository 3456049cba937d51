# Functions that send requests to Elasticsearch. Environment: ELASTICSEARCH_URL, and ELASTICSEARCH_CONNECT_TO if clients
# must connect to a different address than the URL's host.

# fail MESSAGE: ends the container with an error. `pulumi up` shows the message.
fail() {
    printf '%s\n' "$1" >&2
    printf '%s\n' "$1" >/dev/termination-log
    exit 1
}

# Prints credentials and authority as a configuration for curl, so that no process list shows a secret.
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

# es METHOD PATH [BODY FILE]: sets $status to the HTTP status (000: no answer) and $body to the answer or to curl's error.
# A connection attempt gets 5 s. If it began before the node knew the Service's address, all its packets go nowhere, and
# only a new attempt succeeds.
es() {
    status=$(curl_config | curl --config - --silent --show-error --connect-timeout 5 --max-time 20 --globoff --request "$1" \
        --header 'Content-Type: application/json' ${3:+--data-binary "@$3"} \
        --output /tmp/body --write-out '%{http_code}' "$ELASTICSEARCH_URL$2" 2>/tmp/error) || {
        status=000
        cp /tmp/error /tmp/body
    }
    body=$(head -c 1500 /tmp/body)
}
