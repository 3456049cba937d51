import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createClaim, type ClaimArgs } from "../kubernetes/claim";
import { labels, selectorLabels } from "../kubernetes/labels";
import { bytesOf, mebibytes } from "../kubernetes/quantity";
import { checksum, scripts } from "../kubernetes/script";
import { logVolume, logVolumeClaim } from "../logs/volume";
import { createMetricsService } from "../shipper/metricsService";
import { shipperFiles } from "../shipper/shipper";
import {
    configurationRevision,
    postgresFiles,
    postgresPort,
    renderLoggingConf,
    type LoggingArgs,
    type ParameterValue,
    type PostgresVersion,
} from "./config";
import { memoryBudget, smallestMemory, type MemoryBudget } from "./memoryBudget";
import { memoryDemand } from "./memoryDemand";
import { podScripts, postgresPod, type PodArgs, type PodObjects } from "./pod";
import { scramVerifier } from "./scram";
import { settingsCheckJob, settingsCheckScript, settingsCheckTimeout } from "./settingsCheck";
import { postgresService, serviceDns, type ServiceKind, type ServicesArgs } from "./services";

export interface PostgresArgs extends PodArgs {
    namespace: pulumi.Input<string>;
    /** Major version. PostgreSQL refuses to start on the data of a different major version. */
    version: PostgresVersion;
    /** Further PostgreSQL parameters. A running server takes them up, but for those that need a restart. */
    parameters: Record<string, ParameterValue>;
    /** A new number gives a new password. */
    passwordVersion: number;
    /** The data volume. `className` and `accessMode` also apply to the log volume. */
    storage: Pick<ClaimArgs, "size" | "className" | "accessMode">;
    logging: Omit<LoggingArgs, "fileSize">;
    services: ServicesArgs;
    /** Whether the Service of the shipper's metrics has the annotations that Prometheus is often set up to read. */
    scrapeAnnotations: boolean;
    /** Protects volumes and password from deletion and replacement. */
    protect: boolean;
}

/** Address of a Service. */
export interface ServiceAddress {
    /** DNS name or IP address; null for a NodePort, whose host is the address of any node. */
    host: string | null;
    port: number;
}

/** Name of the component, and prefix of its resources' names. It is part of their URNs, so it must not change. */
const name = "postgres";

/**
 * PostgreSQL with its volumes, configuration, log shipper and Services.
 *
 * Its objects have fixed names, so a namespace has room for one. A claim or a Secret under a new name would be empty.
 */
export class Postgres extends pulumi.ComponentResource {
    /** Name of the Secret with the keys `username`, `password`, `database`. */
    public readonly credentials: pulumi.Output<string>;
    public readonly password: pulumi.Output<string>;
    /** Address of each Service, by kind. */
    public readonly addresses: pulumi.Output<Partial<Record<ServiceKind, ServiceAddress>>>;
    /** DNS name of the first of the Services, for clients in the cluster. */
    public readonly dnsName: pulumi.Output<string>;
    /** Changes with everything that affects a delivered line: the whole Pod and PostgreSQL's configuration. */
    public readonly revision: pulumi.Output<string>;

    readonly #args: PostgresArgs;

    constructor(args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Postgres", name, {}, opts); // no inputs: a preview shows the objects that they become
        this.#args = args;
        const budget = this.checkMemory();
        const password = this.createPassword();
        const credentials = this.createCredentials(password);
        const data = this.createVolume("data", "postgres-data", args.storage.size);
        const config = this.createConfig(budget);
        const logs = this.createVolume("log-queue", logVolumeClaim, args.logVolumeSize);
        if (args.shipper) createMetricsService(`${name}-fluent-bit`, this.metadata, args.scrapeAnnotations, this);
        const template = postgresPod(args, budget, { data, logs, credentials, ...config.objects }, config.checksum);
        const deployment = this.createDeployment(template);

        this.credentials = credentials;
        this.password = password;
        this.dnsName = this.firstService();
        const services = this.createServices(deployment);
        this.addresses = services.addresses;
        const settings = configurationRevision(config.files);
        this.createSettingsCheck(settings, config.objects.config, credentials, [deployment, ...services.resources]);
        this.revision = pulumi.unsecret(pulumi.output(template).apply((known) => checksum([known, settings])));
        this.registerOutputs({
            credentials: this.credentials,
            password: this.password,
            addresses: this.addresses,
            dnsName: this.dnsName,
            revision: this.revision,
        });
    }

    private checkMemory(): MemoryBudget {
        const { memory, parameters, version } = this.#args;
        const budget = memoryBudget(bytesOf(memory) ?? 0, memoryDemand(parameters, version));
        if (budget !== undefined) return budget;
        const message = `the memory of Postgres is "${memory}"; it must be at least ${mebibytes(smallestMemory)}, and enough for its parameters`;
        throw new pulumi.ResourceError(message, this, true);
    }

    private createPassword(): pulumi.Output<string> {
        const { passwordVersion } = this.#args;
        return new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false, keepers: { version: String(passwordVersion) } },
            this.kept,
        ).result;
    }

    /** The Secret has no fixed name. A new password gives it a new name, which restarts the Pod. */
    private createCredentials(password: pulumi.Output<string>): pulumi.Output<string> {
        const { database } = this.#args;
        return new k8s.core.v1.Secret(
            `${name}-credentials`,
            {
                metadata: this.metadata,
                stringData: { username: database, database, password, verifier: password.apply(scramVerifier) },
            },
            { parent: this },
        ).metadata.name;
    }

    private createVolume(role: string, claimName: string, size: string): pulumi.Output<string> {
        const claim = { ...this.metadata, ...this.#args.storage, name: claimName, size };
        return createClaim(`${name}-${role}`, claim, this.kept).metadata.name;
    }

    private createConfig(budget: MemoryBudget) {
        const { storage, parameters, logging, version, shipper } = this.#args;
        const logVolumeSize = bytesOf(this.#args.logVolumeSize)!;
        const { fileSize } = logVolume(logVolumeSize);
        const files = {
            ...postgresFiles(budget, bytesOf(storage.size)!, parameters, version),
            "logging.conf": renderLoggingConf({ ...logging, fileSize }, version),
        };
        const { "logging.conf": loggingConf, ...others } = files;
        const programs = scripts(...podScripts);
        const shipping = shipper ? shipperFiles(shipper, logVolumeSize) : {};
        const objects = {
            config: this.createConfigMap("config", "postgres-config", {
                ...others,
                ...programs,
                ...scripts(settingsCheckScript),
            }),
            logConfig: this.createConfigMap("log-config", "postgresql-log-config", {
                "logging.conf": loggingConf,
                ...shipping,
            }),
        } satisfies Partial<PodObjects>;
        // A running server takes up the other files.
        const restarting = { "postgresql.conf": files["postgresql.conf"], ...programs, ...shipping };
        return { objects, files, checksum: checksum(restarting) };
    }

    private createConfigMap(role: string, mapName: string, data: Record<string, string>): pulumi.Output<string> {
        const metadata = { ...this.metadata, name: mapName };
        return new k8s.core.v1.ConfigMap(`${name}-${role}`, { metadata, data }, { parent: this }).metadata.name;
    }

    private createDeployment(template: ReturnType<typeof postgresPod>) {
        return new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...this.metadata, name: "postgres" },
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
    }

    private firstService(): pulumi.Output<string> {
        const { namespace, services } = this.#args;
        const kind = services.kinds[0] ?? "ClusterIP";
        return pulumi.output(namespace).apply((known) => serviceDns(kind, known));
    }

    /** The Services depend on the Deployment, because Pulumi waits until a Service has a Pod. */
    private createServices(deployment: pulumi.Resource) {
        const { namespace, services } = this.#args;
        const all = services.kinds.map((kind) => {
            const { spec, ...metadata } = postgresService(kind, services, selectorLabels("postgres"));
            const service = new k8s.core.v1.Service(
                `${name}-${kind.toLowerCase()}`,
                { metadata: { ...this.metadata, ...metadata }, spec },
                { parent: this, dependsOn: deployment },
            );
            return { service, entry: address(kind, namespace, service).apply((known) => [kind, known] as const) };
        });
        const addresses: Postgres["addresses"] = pulumi
            .all(all.map(({ entry }) => entry))
            .apply((known) => Object.fromEntries(known));
        return { addresses, resources: all.map(({ service }) => service) };
    }

    /**
     * Makes `pulumi up` end only when the running server has taken up its settings, and fail with the server's reason if it
     * refuses them. The Job runs again when they change.
     */
    private createSettingsCheck(
        revision: string,
        config: pulumi.Output<string>,
        credentials: pulumi.Output<string>,
        dependsOn: pulumi.Resource[],
    ) {
        const { image, namespace, database: user, requirements } = this.#args;
        new k8s.batch.v1.Job(
            `${name}-settings-check`,
            settingsCheckJob({
                image,
                namespace,
                host: this.dnsName,
                user,
                database: "postgres", // the application's database may be closed by its owner
                credentials,
                config,
                revision,
                requirements,
            }),
            {
                parent: this,
                dependsOn,
                deleteBeforeReplace: true,
                customTimeouts: { create: `${settingsCheckTimeout + 120}s` },
            },
        );
    }

    private get metadata() {
        return { namespace: this.#args.namespace, labels: labels("postgres") };
    }

    /** Options of resources whose content cannot be recreated. */
    private get kept() {
        const { protect } = this.#args;
        return { parent: this, protect, retainOnDelete: protect };
    }
}

/** Host and port of a Service, as its clients need them. */
function address(
    kind: ServiceKind,
    namespace: pulumi.Input<string>,
    service: k8s.core.v1.Service,
): pulumi.Output<ServiceAddress> {
    const inside = pulumi.output(namespace).apply((known) => ({ host: serviceDns(kind, known), port: postgresPort }));
    const addressOf: Record<ServiceKind, () => pulumi.Output<ServiceAddress>> = {
        ClusterIP: () => inside,
        Headless: () => inside,
        NodePort: () => service.spec.ports.apply((ports) => ({ host: null, port: ports[0]?.nodePort ?? 0 })),
        LoadBalancer: () =>
            service.status.loadBalancer.ingress.apply((ingress) => ({
                host: ingress[0]?.ip ?? ingress[0]?.hostname ?? "",
                port: postgresPort,
            })),
    };
    return addressOf[kind]();
}
