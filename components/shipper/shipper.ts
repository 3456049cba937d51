import type { types } from "@pulumi/kubernetes";
import type { ElasticsearchEndpoint } from "../elasticsearch/endpoint";
import { fluentBitPaths, fluentBitPort, renderFluentBit, type FluentBitLogLevel } from "./fluentBit";
import { containerSecurity } from "../kubernetes/hardening";
import { renderLua } from "../logs/document";
import { logsOnVolume } from "../logs/keeper";

/** The log shipper beside PostgreSQL. */
export interface ShipperArgs {
    image: string;
    /** Fluent Bit's own verbosity. Changing it restarts PostgreSQL, once. */
    logLevel: FluentBitLogLevel;
}

/**
 * Files of the ConfigMap `postgresql-log-config` that are for Fluent Bit.
 *
 * @param volumeSize of the volume for log files and queue, in bytes
 */
export function fluentBitFiles(
    { logLevel }: ShipperArgs,
    endpoint: ElasticsearchEndpoint,
    volumeSize: number,
): Record<string, string> {
    return {
        "fluent-bit.yaml": renderFluentBit({ ...endpoint, logLevel, volumeSize, ownCa: endpoint.ca !== undefined }),
        "document.lua": renderLua(),
    };
}

/**
 * The sidecar: an init container that is restarted always starts before PostgreSQL and is stopped after it, so that the
 * lines of a shutdown are read as well.
 *
 * It has no startup or readiness probe: an unready sidecar makes the Pod unready, and a database must not leave its
 * Service because Elasticsearch is down. Its liveness asks only whether the process answers, for the same reason.
 */
export function fluentBitContainer(
    { image }: ShipperArgs,
    endpoint: ElasticsearchEndpoint,
): types.input.core.v1.Container {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    return {
        name: "fluent-bit",
        image,
        imagePullPolicy: "IfNotPresent",
        restartPolicy: "Always",
        args: ["--config", `${fluentBitPaths.config}/fluent-bit.yaml`],
        env: [
            field("POD_NAME", "metadata.name"),
            field("POD_UID", "metadata.uid"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("NODE_NAME", "spec.nodeName"),
            { name: "POSITIONS", value: `${fluentBitPaths.volume}/state/positions` },
        ],
        ports: [{ name: "metrics", containerPort: fluentBitPort }],
        securityContext: containerSecurity,
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        livenessProbe: {
            httpGet: { path: "/", port: "metrics" },
            initialDelaySeconds: 30,
            periodSeconds: 20,
            failureThreshold: 6,
        },
        // The last lines of PostgreSQL need a moment to be read: reading ends with the signal.
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        volumeMounts: [
            { ...logsOnVolume, readOnly: true },
            { name: "postgres-logs", mountPath: fluentBitPaths.volume },
            { name: "fluent-bit-config", mountPath: fluentBitPaths.config, readOnly: true },
            ...(endpoint.credentials
                ? [{ name: "elasticsearch-credentials", mountPath: fluentBitPaths.credentials, readOnly: true }]
                : []),
            ...(endpoint.ca ? [{ name: "elasticsearch-ca", mountPath: fluentBitPaths.ca, readOnly: true }] : []),
        ],
    };
}

/** Volumes that only the shipper uses. */
export function fluentBitVolumes(
    endpoint: ElasticsearchEndpoint,
    config: types.input.core.v1.ConfigMapVolumeSource["name"],
): types.input.core.v1.Volume[] {
    return [
        {
            name: "fluent-bit-config",
            configMap: { name: config, items: ["fluent-bit.yaml", "document.lua"].map((key) => ({ key, path: key })) },
        },
        ...(endpoint.credentials
            ? [
                  {
                      name: "elasticsearch-credentials",
                      secret: { secretName: endpoint.credentials, defaultMode: 0o440 },
                  },
              ]
            : []),
        ...(endpoint.ca ? [{ name: "elasticsearch-ca", configMap: { name: endpoint.ca } }] : []),
    ];
}
