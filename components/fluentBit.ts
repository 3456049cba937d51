import type { types } from "@pulumi/kubernetes";
import type { ElasticsearchEndpoint } from "./elasticsearchEndpoint";
import { fluentBitPaths, fluentBitPort, renderFluentBit, type FluentBitLogLevel } from "./fluentBitConfig";
import { containerSecurity } from "./hardening";
import { renderLua } from "./logDocument";
import { logDirectory } from "./postgresConfig";

/** The log shipper beside PostgreSQL. */
export interface ShipperArgs {
    image: string;
    /** Fluent Bit's own verbosity. Changing it restarts PostgreSQL, once. */
    logLevel: FluentBitLogLevel;
    /**
     * Size of the volume on which lines wait while Elasticsearch does not take them; it outlives the Pod. About half of
     * it is used. It can grow later, where the storage class allows, and never shrink.
     */
    queueSize: string;
}

/** Files of the ConfigMap `postgresql-log-config` that are for Fluent Bit. */
export function fluentBitFiles(shipper: ShipperArgs, endpoint: ElasticsearchEndpoint): Record<string, string> {
    const { logLevel, queueSize } = shipper;
    return {
        "fluent-bit.yaml": renderFluentBit({ ...endpoint, logLevel, queueSize, ownCa: endpoint.ca !== undefined }),
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
            { name: "postgres-logs", mountPath: logDirectory, readOnly: true },
            { name: "fluent-bit-offsets", mountPath: fluentBitPaths.offsets },
            { name: "log-queue", mountPath: fluentBitPaths.queue },
            { name: "fluent-bit-config", mountPath: fluentBitPaths.config, readOnly: true },
            ...(endpoint.credentials
                ? [{ name: "elasticsearch-credentials", mountPath: fluentBitPaths.credentials, readOnly: true }]
                : []),
            ...(endpoint.ca ? [{ name: "elasticsearch-ca", mountPath: fluentBitPaths.ca, readOnly: true }] : []),
        ],
    };
}

/**
 * The sidecar that starts before the shipper and ends after it, and lets only one Pod at a time have the queue: see
 * components/scripts/hold-queue.sh. Fluent Bit's image has no shell to do it in.
 */
export function queueHolder(postgresImage: string): types.input.core.v1.Container {
    return {
        name: "queue-holder",
        image: postgresImage,
        imagePullPolicy: "IfNotPresent",
        restartPolicy: "Always",
        command: ["bash", "/scripts/hold-queue.sh"],
        securityContext: containerSecurity,
        resources: { requests: { cpu: "1m", memory: "8Mi" }, limits: { memory: "32Mi" } },
        // Nothing after this container starts before it holds the queue; the one before has as long as its Pod may end.
        startupProbe: {
            exec: { command: ["test", "-e", `${fluentBitPaths.offsets}/queue-held`] },
            periodSeconds: 1,
            failureThreshold: 300,
        },
        volumeMounts: [
            { name: "scripts", mountPath: "/scripts", readOnly: true },
            { name: "fluent-bit-offsets", mountPath: fluentBitPaths.offsets },
            { name: "log-queue", mountPath: fluentBitPaths.queue },
        ],
    };
}

/** Volumes that only the shipper and the holder of its queue use. */
export function fluentBitVolumes(
    endpoint: ElasticsearchEndpoint,
    config: types.input.core.v1.ConfigMapVolumeSource["name"],
    queue: types.input.core.v1.PersistentVolumeClaimVolumeSource["claimName"],
): types.input.core.v1.Volume[] {
    return [
        // Beside the files they are about, for as long as these: the offset of an old file is wrong for a new one.
        { name: "fluent-bit-offsets", emptyDir: {} },
        { name: "log-queue", persistentVolumeClaim: { claimName: queue } },
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
