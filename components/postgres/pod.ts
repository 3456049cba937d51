import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurity } from "../kubernetes/hardening";
import { labels } from "../kubernetes/labels";
import { commonPodSpec, type PodRequirements } from "../kubernetes/podSpec";
import { bytesOf, mebibytes } from "../kubernetes/quantity";
import { logKeeper, logsOnVolume } from "../logs/keeper";
import { shipperContainer, shipperVolumes, type ShipperArgs } from "../shipper/shipper";
import { configDirectory, dataDirectory, dataVolume, postgresPort, socketDirectory } from "./config";
import type { MemoryBudget } from "./memoryBudget";

/** User and group `postgres` of the official Debian images. They own the data, so PostgreSQL can run only as them. */
export const postgresUser = 999;
/** Seconds for PostgreSQL's shutdown checkpoint and then Fluent Bit's last lines. */
const grace = 120;

/** The scripts that the Pod runs. */
export const podScripts = [
    "initialise.sh",
    "reconcile.sql",
    "delivery-proof.sql",
    "start.sh",
    "configuration.sh",
    "reload.sh",
    "log-keeper.sh",
] as const;

/** Arguments that shape the Pod. Changing any of them restarts PostgreSQL once. */
export interface PodArgs {
    /** An official Debian image of PostgreSQL, with its tag. */
    image: string;
    /** CPU request, as a Kubernetes quantity. There is no limit. */
    cpu: string;
    /** Memory request and limit, as a Kubernetes quantity, from 256Mi. PostgreSQL's parameters are derived from it. */
    memory: string;
    /** Name of the database and of the role that owns it. Changing it creates a new database; the old one stays. */
    database: string;
    /**
     * Size of the volume for log files and queue, as a Kubernetes quantity. It can grow later if the storage class allows
     * it, and it can never shrink.
     */
    logVolumeSize: string;
    /** Undefined for a database without log shipping. */
    shipper?: ShipperArgs;
    requirements: PodRequirements;
}

/** Names of the objects that the Pod mounts. */
export interface PodObjects {
    data: pulumi.Input<string>;
    logs: pulumi.Input<string>;
    config: pulumi.Input<string>;
    logConfig: pulumi.Input<string>;
    credentials: pulumi.Input<string>;
}

/**
 * Template of the database's Pod.
 *
 * @param checksum of those files in the ConfigMaps that a running Pod does not take up
 */
export function postgresPod(
    args: PodArgs,
    budget: MemoryBudget,
    objects: PodObjects,
    checksum: string,
): types.input.core.v1.PodTemplateSpec {
    const { image, shipper } = args;
    return {
        metadata: { labels: labels("postgres"), annotations: { "pglog/config": checksum } },
        spec: {
            ...commonPodSpec(postgresUser, args.requirements),
            terminationGracePeriodSeconds: grace,
            // The shipper precedes PostgreSQL, so it runs from PostgreSQL's first line until after the last one.
            initContainers: [
                logKeeper(image, bytesOf(args.logVolumeSize)!),
                ...(shipper ? [shipperContainer(shipper)] : []),
                initialise(args),
            ],
            containers: [postgres(args)],
            volumes: [...volumes(budget, objects), ...(shipper ? shipperVolumes(shipper, objects.logConfig) : [])],
        },
    };
}

/** The common part of both containers with PostgreSQL's image. */
function postgresContainer({ image, cpu, memory }: PodArgs) {
    return {
        image,
        imagePullPolicy: "IfNotPresent",
        securityContext: containerSecurity,
        resources: {
            // There is no CPU limit. It would slow down recovery and checkpoints even on an idle node.
            requests: { cpu, memory },
            limits: { memory },
        },
        volumeMounts: [
            { name: "data", mountPath: dataVolume },
            { name: "config", mountPath: configDirectory, readOnly: true },
            { name: "scripts", mountPath: "/scripts", readOnly: true },
            { name: "run", mountPath: socketDirectory },
            { name: "tmp", mountPath: "/tmp" },
            { name: "shared-memory", mountPath: "/dev/shm" }, // the default, 64 MiB, is too small for parallel queries
        ],
    };
}

function initialise(args: PodArgs): types.input.core.v1.Container {
    const container = postgresContainer(args);
    return {
        ...container,
        name: "initialise",
        command: ["bash", "/scripts/initialise.sh"],
        env: variables({ PGDATA: dataDirectory, DATA_VOLUME: dataVolume, APP: args.database }),
        volumeMounts: [...container.volumeMounts, { name: "credentials", mountPath: "/credentials", readOnly: true }],
    };
}

/**
 * The probes connect over TCP, as clients do, with the application's user: PostgreSQL would refuse the administrator and
 * log it. `pg_isready` exits with 0 when the server accepts connections, and with 1 while it starts, recovers or shuts
 * down. Only 0 means ready. Both mean alive, so that no probe kills a long recovery.
 */
function postgres(args: PodArgs): types.input.core.v1.Container {
    const container = postgresContainer(args);
    const ask = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", String(postgresPort)];
    const user = ["-U", args.database, "-d", args.database];
    const alive = { exec: { command: ["bash", "-c", `${[...ask, ...user].join(" ")}; [ $? -le 1 ]`] } };
    return {
        ...container,
        name: "postgres",
        command: ["bash", "/scripts/start.sh"],
        env: variables({ PGDATA: dataDirectory, DATA_VOLUME: dataVolume }),
        ports: [{ name: "postgres", containerPort: postgresPort }],
        startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 600 },
        livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        readinessProbe: {
            exec: { command: [...ask, ...user] },
            periodSeconds: 5,
            timeoutSeconds: 5,
            failureThreshold: 3,
        },
        // Always a fast shutdown. After SIGTERM, PostgreSQL would wait until every client disconnects.
        lifecycle: { preStop: { exec: { command: ["pg_ctl", "stop", "--silent", "--mode=fast", "--no-wait"] } } },
        volumeMounts: [...container.volumeMounts, logsOnVolume],
    };
}

function volumes(budget: MemoryBudget, objects: PodObjects): types.input.core.v1.Volume[] {
    return [
        { name: "data", persistentVolumeClaim: { claimName: objects.data } },
        {
            name: "config",
            projected: {
                sources: [
                    {
                        configMap: {
                            name: objects.config,
                            items: ["postgresql.conf", "reloadable.conf", "pg_hba.conf"].map((key) => ({
                                key,
                                path: key,
                            })),
                        },
                    },
                    { configMap: { name: objects.logConfig, items: [{ key: "logging.conf", path: "logging.conf" }] } },
                ],
            },
        },
        { name: "scripts", configMap: { name: objects.config } },
        {
            name: "credentials",
            secret: {
                secretName: objects.credentials,
                items: [{ key: "verifier", path: "verifier" }],
                defaultMode: 0o440,
            },
        },
        { name: "postgres-logs", persistentVolumeClaim: { claimName: objects.logs } },
        { name: "log-keeper", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "run", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } },
        {
            name: "shared-memory",
            emptyDir: { medium: "Memory", sizeLimit: mebibytes(budget.sharedMemoryVolume) },
        },
    ];
}

function variables(values: Record<string, string>) {
    return Object.entries(values).map(([name, value]) => ({ name, value }));
}
