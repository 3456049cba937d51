import type { types } from "@pulumi/kubernetes";
import type { ElasticsearchEndpoint } from "../elasticsearch/endpoint";
import { containerSecurity } from "../kubernetes/hardening";
import { renderLua } from "../logs/document";
import { logsOnVolume } from "../logs/keeper";
import { renderFluentBit, shipperPaths, shipperPort, type FluentBitLogLevel } from "./fluentBit";

/** The log shipper, a container in PostgreSQL's Pod. */
export interface ShipperArgs {
    image: string;
    /** Verbosity of Fluent Bit itself. Changing it restarts PostgreSQL once. */
    logLevel: FluentBitLogLevel;
    /** Destination of the lines. Changing it restarts PostgreSQL once. */
    endpoint: ElasticsearchEndpoint;
}

/**
 * The shipper's files in the ConfigMap `postgresql-log-config`.
 *
 * @param volumeSize of the volume for log files and queue, in bytes
 */
export function shipperFiles({ logLevel, endpoint }: ShipperArgs, volumeSize: number): Record<string, string> {
    return {
        "fluent-bit.yaml": renderFluentBit({ ...endpoint, logLevel, volumeSize, ownCa: endpoint.ca !== undefined }),
        "document.lua": renderLua(),
    };
}

/**
 * The shipper's container. It is a native sidecar: Kubernetes starts it before PostgreSQL and stops it afterwards, so it
 * also reads the lines of a shutdown.
 *
 * It has no startup probe and no readiness probe, because an unready sidecar makes the Pod unready, and the database must
 * stay in its Service when Elasticsearch is down. For the same reason its liveness probe only asks whether Fluent Bit
 * answers.
 */
export function shipperContainer({ image, endpoint }: ShipperArgs): types.input.core.v1.Container {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    return {
        name: "fluent-bit",
        image,
        imagePullPolicy: "IfNotPresent",
        restartPolicy: "Always",
        args: ["--config", `${shipperPaths.config}/fluent-bit.yaml`],
        env: [
            field("POD_NAME", "metadata.name"),
            field("POD_UID", "metadata.uid"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("NODE_NAME", "spec.nodeName"),
            { name: "POSITIONS", value: `${shipperPaths.volume}/state/positions` },
        ],
        ports: [{ name: "metrics", containerPort: shipperPort }],
        securityContext: containerSecurity,
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        livenessProbe: {
            httpGet: { path: "/", port: "metrics" },
            initialDelaySeconds: 30,
            periodSeconds: 20,
            failureThreshold: 6,
        },
        // Fluent Bit stops reading at the signal. The delay lets it read PostgreSQL's last lines.
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        volumeMounts: [
            { ...logsOnVolume, readOnly: true },
            { name: "postgres-logs", mountPath: shipperPaths.volume },
            { name: "fluent-bit-config", mountPath: shipperPaths.config, readOnly: true },
            ...(endpoint.credentials
                ? [{ name: "elasticsearch-credentials", mountPath: shipperPaths.credentials, readOnly: true }]
                : []),
            ...(endpoint.ca ? [{ name: "elasticsearch-ca", mountPath: shipperPaths.ca, readOnly: true }] : []),
        ],
    };
}

/** Volumes that only the shipper mounts. */
export function shipperVolumes(
    { endpoint }: ShipperArgs,
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
