import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurity, podSecurity } from "../kubernetes/hardening";
import { labels } from "../kubernetes/labels";
import { logKeeper, logsOnVolume } from "../logs/keeper";
import type { MemoryBudget } from "./memoryBudget";
import { configDirectory, dataDirectory, dataVolume, postgresPort, socketDirectory } from "./config";
import { mebibytes } from "../kubernetes/quantity";

/** User and group `postgres` of the official Debian images. The data belongs to it: another one cannot start on it. */
export const postgresUser = 999;
/** Seconds that PostgreSQL may take for its shutdown checkpoint, and Fluent Bit then for its last lines. */
const grace = 120;

/** What one PostgreSQL Pod is made of. Names of objects may be Outputs; whatever decides the Pod's shape is plain. */
export interface PostgresPodArgs {
    image: string;
    cpu: string;
    memory: string;
    budget: MemoryBudget;
    database: string;
    /** Size of the volume for log files and queue, in bytes. */
    logVolumeSize: number;
    /** Names of the objects that the Pod mounts. */
    claim: pulumi.Input<string>;
    logClaim: pulumi.Input<string>;
    config: pulumi.Input<string>;
    logConfig: pulumi.Input<string>;
    credentials: pulumi.Input<string>;
    /** Changes with the data of the ConfigMaps. */
    checksum: string;
    /** The log shipper; none where the stack ships no logs. */
    sidecar?: { containers: types.input.core.v1.Container[]; volumes: types.input.core.v1.Volume[] };
}

/** The template of the database's Pod. */
export function postgresPod(args: PostgresPodArgs): types.input.core.v1.PodTemplateSpec {
    const { sidecar } = args;
    return {
        metadata: { labels: labels("postgres"), annotations: { "pglog/config": args.checksum } },
        spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: grace,
            securityContext: podSecurity(postgresUser),
            // The shipper before PostgreSQL: it is up when the first line is written, and ends after the last one.
            initContainers: [
                logKeeper(args.image, args.logVolumeSize),
                ...(sidecar?.containers ?? []),
                initialise(args),
            ],
            containers: [postgres(args)],
            volumes: [...volumes(args), ...(sidecar?.volumes ?? [])],
        },
    };
}

/** What both containers of PostgreSQL's image have in common. */
function postgresContainer({ image, cpu, memory }: PostgresPodArgs) {
    return {
        image,
        imagePullPolicy: "IfNotPresent",
        securityContext: containerSecurity,
        resources: {
            // No limit on CPU: throttling would slow down recovery and checkpoints while the node idles.
            requests: { cpu, memory },
            limits: { memory },
        },
        volumeMounts: [
            { name: "data", mountPath: dataVolume },
            { name: "config", mountPath: configDirectory, readOnly: true },
            { name: "scripts", mountPath: "/scripts", readOnly: true },
            { name: "run", mountPath: socketDirectory },
            { name: "tmp", mountPath: "/tmp" },
            { name: "shared-memory", mountPath: "/dev/shm" }, // 64 MiB otherwise: too small for parallel queries
        ],
    };
}

function initialise(args: PostgresPodArgs): types.input.core.v1.Container {
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
 * The probes ask over TCP, as clients do, with the application's name: the administrator's would be refused, and logged.
 * `pg_isready` answers 0 when connections are accepted and 1 while the server starts, recovers or shuts down. Ready is
 * 0; alive is both, so that no recovery is killed, however long it takes.
 */
function postgres(args: PostgresPodArgs): types.input.core.v1.Container {
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
        // A fast shutdown whatever signal the image names: SIGTERM would wait for every client to leave.
        lifecycle: { preStop: { exec: { command: ["pg_ctl", "stop", "--silent", "--mode=fast", "--no-wait"] } } },
        volumeMounts: [...container.volumeMounts, logsOnVolume],
    };
}

function volumes(args: PostgresPodArgs): types.input.core.v1.Volume[] {
    return [
        { name: "data", persistentVolumeClaim: { claimName: args.claim } },
        {
            name: "config",
            projected: {
                sources: [
                    {
                        configMap: {
                            name: args.config,
                            items: ["postgresql.conf", "pg_hba.conf"].map((key) => ({ key, path: key })),
                        },
                    },
                    { configMap: { name: args.logConfig, items: [{ key: "logging.conf", path: "logging.conf" }] } },
                ],
            },
        },
        {
            name: "scripts",
            configMap: { name: args.config },
        },
        {
            name: "credentials",
            secret: {
                secretName: args.credentials,
                items: [{ key: "verifier", path: "verifier" }],
                defaultMode: 0o440,
            },
        },
        { name: "postgres-logs", persistentVolumeClaim: { claimName: args.logClaim } },
        { name: "log-keeper", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "run", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } },
        {
            name: "shared-memory",
            emptyDir: { medium: "Memory", sizeLimit: mebibytes(args.budget.sharedMemoryVolume) },
        },
    ];
}

function variables(values: Record<string, string>) {
    return Object.entries(values).map(([name, value]) => ({ name, value }));
}
