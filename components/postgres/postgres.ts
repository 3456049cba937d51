import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ElasticsearchEndpoint } from "../elasticsearch/endpoint";
import { exposureDns, exposureService, type Exposure, type ExposureArgs } from "./services";
import { fluentBitContainer, fluentBitFiles, fluentBitVolumes, type ShipperArgs } from "../shipper/sidecar";
import { fluentBitPort } from "../shipper/fluentBit";
import { labels, selectorLabels } from "../kubernetes/labels";
import { logVolume } from "../logs/volume";
import { memoryBudget } from "./memoryBudget";
import {
    postgresPort,
    renderHba,
    renderLoggingConf,
    renderPostgresConf,
    type LoggingArgs,
    type PostgresVersion,
    type SettingValue,
} from "./config";
import { postgresPod } from "./pod";
import { bytesOf } from "../kubernetes/quantity";
import { scramVerifier } from "./scram";
import { checksum, scripts } from "../kubernetes/script";

export interface PostgresArgs {
    /** Name of the namespace. */
    namespace: pulumi.Input<string>;
    /** Major version. The data stays with the one it was made by: another one is refused at the start of the Pod. */
    version: PostgresVersion;
    /** An official Debian image of that version, with its tag. Changing it restarts PostgreSQL, once. */
    image: string;
    /** CPUs that are kept free for PostgreSQL, as a Kubernetes quantity. */
    cpu: string;
    /** Memory request and limit, as a Kubernetes quantity, from 256Mi; PostgreSQL's settings follow from it. */
    memory: string;
    /** Further PostgreSQL settings, by name. Changing them restarts PostgreSQL, once. */
    settings: Record<string, SettingValue>;
    /** Name of the database and of the role that owns it. Changing it makes another one; the old one stays. */
    database: string;
    /** Another number is another password. */
    passwordVersion: number;
    storage: {
        /** Size of the data's volume. It can grow later, where the storage class allows, and never shrink. */
        size: string;
        /** @default the cluster's default class. Changing it replaces the volume: the data is gone. */
        className?: string;
        /** Changing it replaces the volume: the data is gone. */
        accessMode: "ReadWriteOnce" | "ReadWriteOncePod";
    };
    logging: Omit<LoggingArgs, "fileSize">;
    /**
     * Size of the volume for log files and queue, as a Kubernetes quantity. It outlives the Pod. It can grow later, where
     * the storage class allows, and never shrink.
     */
    logVolumeSize: string;
    /** The log shipper and where it ships to; none for a database without log shipping. */
    shipping?: { shipper: ShipperArgs; endpoint: ElasticsearchEndpoint };
    services: Exposure[];
    exposure: ExposureArgs;
    /** Whether the volumes and the password are kept from deletion and replacement. */
    protect: boolean;
}

/** Where a client finds the database. */
export interface ServiceAddress {
    /** DNS name or address; for a NodePort the address of any node. */
    host: string;
    port: number;
}

/** One PostgreSQL with its volume, its configuration, its log shipper and its Services. */
export class Postgres extends pulumi.ComponentResource {
    /** Name of the Secret with the keys `username`, `password`, `database`. */
    public readonly credentials: pulumi.Output<string>;
    public readonly password: pulumi.Output<string>;
    /** Address of each Service, by exposure. */
    public readonly addresses: pulumi.Output<Partial<Record<Exposure, ServiceAddress>>>;
    /** Changes with everything that a delivered line depends on: the whole Pod. */
    public readonly revision: pulumi.Output<string>;

    constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Postgres", name, {}, opts); // no inputs: a preview shows the objects they become
        const budget = memoryBudget(bytesOf(args.memory) ?? 0);
        if (budget === undefined)
            throw new pulumi.ResourceError(`Postgres "${name}": memory ${args.memory} is too small`, this, true);

        const { namespace, protect } = args;
        const logVolumeSize = bytesOf(args.logVolumeSize)!;
        const metadata = { namespace, labels: labels("postgres") };
        const kept = { parent: this, protect, retainOnDelete: protect };
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false, keepers: { version: String(args.passwordVersion) } },
            kept,
        );
        // Without a fixed name: another password is another Secret, and the Pod follows.
        const credentials = new k8s.core.v1.Secret(
            `${name}-credentials`,
            {
                metadata,
                stringData: {
                    username: args.database,
                    database: args.database,
                    password: password.result,
                    verifier: password.result.apply(scramVerifier),
                },
            },
            { parent: this },
        );
        // A fixed name: another one would be another volume, so an empty database.
        const claim = new k8s.core.v1.PersistentVolumeClaim(
            `${name}-data`,
            {
                metadata: { ...metadata, name: "postgres-data" },
                spec: {
                    accessModes: [args.storage.accessMode],
                    ...(args.storage.className !== undefined && { storageClassName: args.storage.className }),
                    resources: { requests: { storage: args.storage.size } },
                },
            },
            kept,
        );
        const configData = {
            "postgresql.conf": renderPostgresConf(budget, bytesOf(args.storage.size)!, args.settings),
            "pg_hba.conf": renderHba(),
            ...scripts("initialise.sh", "reconcile.sql", "start.sh", "log-keeper.sh"),
        };
        const config = new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata: { ...metadata, name: "postgres-config" }, data: configData },
            { parent: this },
        );
        const logConfigData = {
            "logging.conf": renderLoggingConf(
                { ...args.logging, fileSize: logVolume(logVolumeSize).fileSize },
                args.version,
            ),
            ...(args.shipping && fluentBitFiles(args.shipping.shipper, args.shipping.endpoint, logVolumeSize)),
        };
        const logConfig = new k8s.core.v1.ConfigMap(
            `${name}-log-config`,
            { metadata: { ...metadata, name: "postgresql-log-config" }, data: logConfigData },
            { parent: this },
        );
        const template = postgresPod({
            image: args.image,
            cpu: args.cpu,
            memory: args.memory,
            budget,
            database: args.database,
            logVolumeSize,
            claim: claim.metadata.name,
            logClaim: this.createLogClaim(name, args).metadata.name,
            config: config.metadata.name,
            logConfig: logConfig.metadata.name,
            credentials: credentials.metadata.name,
            checksum: checksum({ ...configData, ...logConfigData }),
            sidecar: args.shipping && this.createSidecar(name, args, logConfig.metadata.name),
        });
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...metadata, name: "postgres" },
                spec: {
                    replicas: 1,
                    strategy: { type: "Recreate" }, // two servers on one volume destroy the data
                    revisionHistoryLimit: 3,
                    selector: { matchLabels: selectorLabels("postgres") },
                    template,
                },
            },
            { parent: this },
        );
        const services = args.services.map((exposure) => this.createService(name, exposure, args, deployment));

        this.credentials = credentials.metadata.name;
        this.password = password.result;
        this.addresses = pulumi.all(services).apply((known) => Object.fromEntries(known));
        this.revision = pulumi.unsecret(pulumi.output(template).apply(checksum));
        this.registerOutputs({
            credentials: this.credentials,
            password: this.password,
            addresses: this.addresses,
            revision: this.revision,
        });
    }

    /** Lines that nobody else has: as worth keeping as the data. */
    private createLogClaim(name: string, args: PostgresArgs) {
        return new k8s.core.v1.PersistentVolumeClaim(
            `${name}-log-queue`,
            {
                metadata: { namespace: args.namespace, labels: labels("postgres"), name: "postgres-log-queue" },
                spec: {
                    accessModes: [args.storage.accessMode],
                    ...(args.storage.className !== undefined && { storageClassName: args.storage.className }),
                    resources: { requests: { storage: args.logVolumeSize } },
                },
            },
            { parent: this, protect: args.protect, retainOnDelete: args.protect },
        );
    }

    /** The sidecar's container and volumes, and the Service for its metrics. */
    private createSidecar(name: string, args: PostgresArgs, logConfig: pulumi.Output<string>) {
        const { shipper, endpoint } = args.shipping!;
        const metadata = { namespace: args.namespace, labels: labels("postgres") };
        new k8s.core.v1.Service(
            `${name}-fluent-bit`,
            {
                metadata: {
                    ...metadata,
                    name: "fluent-bit",
                    annotations: { "pulumi.com/skipAwait": "true" }, // it is there before the Pod is
                },
                spec: {
                    selector: selectorLabels("postgres"),
                    ports: [{ name: "metrics", port: fluentBitPort, targetPort: "metrics" }],
                    publishNotReadyAddresses: true, // how the shipper is does not depend on PostgreSQL
                },
            },
            { parent: this },
        );
        return {
            containers: [fluentBitContainer(shipper, endpoint)],
            volumes: fluentBitVolumes(endpoint, logConfig),
        };
    }

    /** After the Deployment: a Service is ready when Pods are behind it. */
    private createService(name: string, exposure: Exposure, args: PostgresArgs, deployment: pulumi.Resource) {
        const shape = exposureService(exposure, args.exposure, selectorLabels("postgres"));
        const service = new k8s.core.v1.Service(
            `${name}-${exposure.toLowerCase()}`,
            {
                metadata: {
                    name: shape.name,
                    namespace: args.namespace,
                    labels: labels("postgres"),
                    annotations: shape.annotations,
                },
                spec: shape.spec,
            },
            { parent: this, dependsOn: deployment },
        );
        return pulumi.output(address(exposure, args.namespace, service)).apply((known) => [exposure, known] as const);
    }
}

/** Host and port of a Service, for the clients that it is for. */
function address(
    exposure: Exposure,
    namespace: pulumi.Input<string>,
    service: k8s.core.v1.Service,
): pulumi.Output<ServiceAddress> {
    const dns = pulumi.output(namespace).apply((known) => exposureDns(exposure, known));
    const inside = dns.apply((host) => ({ host, port: postgresPort }));
    const addressOf: Record<Exposure, () => pulumi.Output<ServiceAddress>> = {
        ClusterIP: () => inside,
        Headless: () => inside,
        NodePort: () =>
            service.spec.ports.apply((ports) => ({ host: "<address of any node>", port: ports[0]?.nodePort ?? 0 })),
        LoadBalancer: () =>
            service.status.loadBalancer.ingress.apply((ingress) => ({
                host: ingress[0]?.ip ?? ingress[0]?.hostname ?? "",
                port: postgresPort,
            })),
    };
    return addressOf[exposure]();
}
