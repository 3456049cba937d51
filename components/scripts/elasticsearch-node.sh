set -e
cp -r /usr/share/elasticsearch/config/. /config
cp /realm/users /realm/users_roles /config
cat >/config/elasticsearch.yml <<SETTINGS
cluster.name: pglog
discovery.type: single-node
cluster.routing.allocation.disk.watermark.low: 600mb
cluster.routing.allocation.disk.watermark.high: 400mb
cluster.routing.allocation.disk.watermark.flood_stage: 200mb
network.host: 0.0.0.0
path.data: /usr/share/elasticsearch/data
path.logs: /usr/share/elasticsearch/logs
node.store.allow_mmap: false
xpack.ml.enabled: false
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
SETTINGS
exec elasticsearch
