import type { types } from "@pulumi/kubernetes";
import { createHash, pbkdf2Sync } from "node:crypto";
import { containerSecurity } from "../kubernetes/hardening";
import { labels, selectorLabels } from "../kubernetes/labels";
import { commonPodSpec, type PodRequirements } from "../kubernetes/podSpec";
import { script } from "../kubernetes/script";
import { elasticsearchService } from "./endpoint";

export const elasticsearchPort = 9200;
/** The only user of the in-cluster Elasticsearch. */
export const elasticsearchUsername = "pglog";
/** User and group of the official image. */
const elasticsearchUser = 1000;
const home = "/usr/share/elasticsearch";

/**
 * Files of Elasticsearch's file realm, with its only user. Elasticsearch knows this user from the first request on,
 * without a bootstrap password and without a call to the security API.
 *
 * The hash is Elasticsearch's `PBKDF2` with 10,000 rounds. The salt is derived from the password, so that every run gives
 * the same file: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-settings.html#hashing-settings
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
    requirements: PodRequirements,
): types.input.apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        strategy: { type: "Recreate" }, // two nodes cannot share a data directory
        selector: { matchLabels: selectorLabels(elasticsearchService) },
        template: {
            metadata: { labels: labels(elasticsearchService) },
            spec: {
                ...commonPodSpec(elasticsearchUser, requirements),
                terminationGracePeriodSeconds: 60,
                containers: [
                    {
                        name: "elasticsearch",
                        image,
                        imagePullPolicy: "IfNotPresent",
                        // Elasticsearch writes to its configuration directory, so the script copies the image's and adds ours.
                        command: ["bash", "-c", script("elasticsearch-node.sh")],
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
