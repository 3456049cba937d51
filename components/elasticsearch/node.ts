import type { types } from "@pulumi/kubernetes";
import { createHash, pbkdf2Sync } from "node:crypto";
import { containerSecurity, podSecurity } from "../kubernetes/hardening";
import { labels, selectorLabels } from "../kubernetes/labels";
import { elasticsearchService } from "./endpoint";

export const elasticsearchPort = 9200;
/** The one user of the in-cluster Elasticsearch. */
export const elasticsearchUsername = "pglog";
/** User and group of the official image. */
const elasticsearchUser = 1000;
const home = "/usr/share/elasticsearch";

/**
 * The files of Elasticsearch's file realm with its one user: known from the first request on, with no start-up
 * password and no call to the security API.
 *
 * Hashed as Elasticsearch's `PBKDF2` does, with 10,000 rounds; the salt follows from the password, so that the file is
 * the same on each run: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-settings.html#hashing-settings
 */
export function realmFiles(password: string): Record<string, string> {
    const salt = createHash("sha256").update(`pglog realm salt:${password}`).digest();
    const key = pbkdf2Sync(password, salt, 10000, 32, "sha512");
    const hash = `{PBKDF2}10000$${salt.toString("base64")}$${key.toString("base64")}`;
    return {
        users: `${elasticsearchUsername}:${hash}\n`,
        users_roles: `superuser:${elasticsearchUsername}\n`,
    };
}

/** `spec` of the Deployment of a single-node Elasticsearch. */
export function elasticsearchNode(
    image: string,
    claim: types.input.core.v1.PersistentVolumeClaimVolumeSource["claimName"],
    realm: types.input.core.v1.SecretVolumeSource["secretName"],
): types.input.apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        strategy: { type: "Recreate" }, // two nodes cannot have one data directory
        selector: { matchLabels: selectorLabels(elasticsearchService) },
        template: {
            metadata: { labels: labels(elasticsearchService) },
            spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                terminationGracePeriodSeconds: 60,
                securityContext: podSecurity(elasticsearchUser),
                containers: [
                    {
                        name: "elasticsearch",
                        image,
                        imagePullPolicy: "IfNotPresent",
                        command: ["bash", "-c", start],
                        env: Object.entries({
                            ES_PATH_CONF: "/config",
                            ES_JAVA_OPTS: "-Xms512m -Xmx512m",
                            ES_TMPDIR: "/tmp",
                        }).map(([name, value]) => ({ name, value })),
                        ports: [{ name: "http", containerPort: elasticsearchPort }],
                        securityContext: containerSecurity,
                        resources: { requests: { cpu: "200m", memory: "1Gi" }, limits: { memory: "1536Mi" } },
                        startupProbe: { tcpSocket: { port: "http" }, periodSeconds: 2, failureThreshold: 150 },
                        readinessProbe: { tcpSocket: { port: "http" }, periodSeconds: 5 },
                        volumeMounts: [
                            { name: "data", mountPath: `${home}/data` },
                            { name: "realm", mountPath: "/realm", readOnly: true },
                            { name: "config", mountPath: "/config" },
                            { name: "logs", mountPath: `${home}/logs` },
                            { name: "tmp", mountPath: "/tmp" },
                        ],
                    },
                ],
                volumes: [
                    { name: "data", persistentVolumeClaim: { claimName: claim } },
                    { name: "realm", secret: { secretName: realm, defaultMode: 0o440 } },
                    ...["config", "logs", "tmp"].map((name) => ({ name, emptyDir: {} })),
                ],
            },
        },
    };
}

/** Elasticsearch writes into its configuration directory, so it gets a copy of the image's with our settings. */
const start = `set -e
cp -r ${home}/config/. /config
cp /realm/users /realm/users_roles /config
cat >/config/elasticsearch.yml <<SETTINGS
cluster.name: pglog
discovery.type: single-node
network.host: 0.0.0.0
path.data: ${home}/data
path.logs: ${home}/logs
node.store.allow_mmap: false
xpack.ml.enabled: false
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
SETTINGS
exec elasticsearch
`;
