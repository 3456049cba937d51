import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isIP } from "node:net";
import { createClaim } from "../kubernetes/claim";
import { labels, selectorLabels } from "../kubernetes/labels";
import { commonPodSpec, type PodRequirements } from "../kubernetes/podSpec";
import { checksum, scripts } from "../kubernetes/script";
import { clientContainer, clientVolumes, curlUser } from "./client";
import {
    elasticsearchService,
    type ElasticsearchAuth,
    type ElasticsearchEndpoint,
    type ElasticsearchTarget,
    type Scheme,
} from "./endpoint";
import { elasticsearchNode, elasticsearchPort, elasticsearchUsername, realmFiles } from "./node";
import { renderSetup } from "./setup";

/** An existing Elasticsearch. */
export interface ExternalElasticsearch {
    mode: "external";
    /** DNS name or IP address. Changing it restarts PostgreSQL once; lines that wait go to the new host. */
    host: string;
    /** 1 to 65535. */
    port: number;
    scheme: Scheme;
    /** Name that the server's certificate must contain, if it differs from `host`. @default `host` */
    serverName?: string;
    /** PEM certificates of the authority that signed the server's certificate. @default the authorities of the images */
    ca?: string;
    auth: ElasticsearchAuth;
    username?: string;
    password?: pulumi.Input<string>;
    /** The `encoded` value of an API key. */
    apiKey?: pulumi.Input<string>;
    /** Name of a Secret in the namespace with the credentials, in the keys `username` and `password`, or `apiKey`. */
    existingSecret?: string;
}

/** A one-node Elasticsearch in the namespace, for development: one volume, no replica, no TLS. */
export interface InClusterElasticsearch {
    mode: "in-cluster";
    image: string;
    /**
     * StorageClass of its volume. An existing volume keeps its class, because a new volume would have no lines.
     *
     * @default the cluster's default class
     */
    storageClass?: string;
}

export interface ElasticsearchArgs {
    namespace: pulumi.Input<string>;
    server: ExternalElasticsearch | InClusterElasticsearch;
    target: ElasticsearchTarget;
    /** Data stream, or prefix of the daily indices. Changing it starts a new one; the old one stays unchanged. */
    index: string;
    /** Days after which Elasticsearch deletes lines; 0 keeps them for ever. */
    retentionDays: number;
    /** Image with `sh` and `curl`, for the set-up Job. */
    curlImage: string;
    /** Seconds that the set-up Job waits for Elasticsearch to answer. */
    timeout: number;
    requirements: PodRequirements;
}

/** Name of the component, and prefix of its resources' names. It is part of their URNs, so it must not change. */
const name = "elasticsearch";

/**
 * Port of the Service of an external Elasticsearch, and of the EndpointSlice with its address. Traffic goes only to slices
 * with the Service's port name. The in-cluster Service has a different one, because Pulumi deletes the slice last.
 */
const externalPort = "external";

/**
 * Kubernetes keeps the EndpointSlices of a Service that loses its selector, so clients would still get the address of the
 * deleted Pod (https://github.com/kubernetes/kubernetes/issues/118376). It deletes them with the Service.
 */
const replacedWithItsSlices = { replaceOnChanges: ["spec.selector"], deleteBeforeReplace: true };

/**
 * An Elasticsearch, in the namespace or elsewhere: its Service `elasticsearch` in the namespace, its credentials, and a
 * Job that sets it up for the logs.
 */
export class Elasticsearch extends pulumi.ComponentResource {
    /** Whoever writes to it must depend on this component, so that the index template exists first. */
    public readonly endpoint: ElasticsearchEndpoint;

    readonly #args: ElasticsearchArgs;

    constructor(args: ElasticsearchArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Elasticsearch", name, {}, opts); // no inputs: a preview shows the objects that they become
        this.#args = args;
        const { endpoint, ready } =
            args.server.mode === "external" ? this.createExternal(args.server) : this.createInCluster(args.server);
        this.endpoint = endpoint;
        this.createSetup(ready);
        this.registerOutputs({ endpoint: this.endpoint });
    }

    private createExternal(server: ExternalElasticsearch) {
        const isAddress = isIP(server.host) !== 0;
        const ports = [{ name: externalPort, port: server.port }];
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                metadata: { ...this.metadata, name: elasticsearchService },
                // Clients still send the real name in requests, since a proxy before Elasticsearch may need it.
                spec: isAddress ? { ports } : { type: "ExternalName", externalName: server.host, ports },
            },
            { parent: this, ...replacedWithItsSlices },
        );
        const ready: pulumi.Resource[] = isAddress ? [service, this.createAddress(server.host, ports)] : [service];
        const ca = server.ca === undefined ? undefined : this.createCa(server.ca);
        const endpoint: ElasticsearchEndpoint = {
            inCluster: false,
            scheme: server.scheme,
            host: isAddress ? elasticsearchService : server.host,
            port: server.port,
            serverName: server.serverName ?? server.host,
            auth: server.auth,
            credentials: server.existingSecret ?? this.createCredentials(server),
            ca,
            target: this.#args.target,
            index: this.#args.index,
        };
        return { endpoint, ready };
    }

    /** Gives the Service an IP address behind it, which an ExternalName cannot have. */
    private createAddress(host: string, ports: { name: string; port: number }[]) {
        return new k8s.discovery.v1.EndpointSlice(
            `${name}-address`,
            {
                metadata: {
                    ...this.metadata,
                    name: elasticsearchService,
                    labels: { ...this.metadata.labels, "kubernetes.io/service-name": elasticsearchService },
                },
                addressType: isIP(host) === 6 ? "IPv6" : "IPv4",
                endpoints: [{ addresses: [host], conditions: { ready: true } }],
                ports,
            },
            { parent: this },
        );
    }

    private createCa(certificates: string): pulumi.Output<string> {
        return new k8s.core.v1.ConfigMap(
            `${name}-ca`,
            { metadata: { ...this.metadata, name: "elasticsearch-ca" }, data: { "ca.crt": certificates } },
            { parent: this },
        ).metadata.name;
    }

    /** The Secret has no fixed name. New credentials give it a new name, which restarts the Pods that mount it. */
    private createCredentials(server: ExternalElasticsearch): pulumi.Output<string> | undefined {
        const data: Record<ElasticsearchAuth, Record<string, pulumi.Input<string>> | undefined> = {
            basic: { username: server.username ?? "", password: server.password ?? "" },
            apiKey: { apiKey: server.apiKey ?? "" },
            none: undefined,
        };
        const stringData = data[server.auth];
        return stringData && this.createSecret("credentials", stringData);
    }

    private createSecret(role: string, stringData: pulumi.Input<Record<string, pulumi.Input<string>>>) {
        const { metadata } = this;
        return new k8s.core.v1.Secret(`${name}-${role}`, { metadata, stringData }, { parent: this }).metadata.name;
    }

    private createInCluster(server: InClusterElasticsearch) {
        const password = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this })
            .result;
        const credentials = this.createSecret("credentials", { username: elasticsearchUsername, password });
        const realm = this.createSecret("realm", password.apply(realmFiles));
        const claim = createClaim(
            `${name}-data`,
            {
                ...this.metadata,
                name: "elasticsearch-data",
                size: "10Gi",
                className: server.storageClass,
                accessMode: "ReadWriteOnce",
            },
            { parent: this, ignoreChanges: ["spec.storageClassName"] },
        );
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...this.metadata, name: elasticsearchService },
                spec: elasticsearchNode(server.image, claim.metadata.name, realm, this.#args.requirements),
            },
            { parent: this },
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                metadata: { ...this.metadata, name: elasticsearchService },
                spec: {
                    selector: selectorLabels(elasticsearchService),
                    ports: [{ name: "http", port: elasticsearchPort, targetPort: "http" }],
                },
            },
            { parent: this, dependsOn: deployment, ...replacedWithItsSlices },
        );
        const endpoint: ElasticsearchEndpoint = {
            inCluster: true,
            scheme: "http",
            host: elasticsearchService,
            port: elasticsearchPort,
            serverName: elasticsearchService,
            auth: "basic",
            credentials,
            target: this.#args.target,
            index: this.#args.index,
        };
        return { endpoint, ready: [service] };
    }

    /**
     * A Job runs once. A changed request changes its Pod template, and Pulumi then replaces the Job. Each run has a new
     * name, which the provider chooses: a fixed name would be taken by the earlier run during a preview.
     */
    private createSetup(ready: pulumi.Resource[]) {
        const args = this.#args;
        const setupName = "elasticsearch-setup";
        const metadata = { namespace: args.namespace, labels: labels(setupName) };
        const data = { ...renderSetup(args), ...scripts("elasticsearch.sh", "setup.sh") };
        const config = new k8s.core.v1.ConfigMap(
            `${name}-setup-config`,
            { metadata: { ...metadata, name: setupName }, data },
            { parent: this },
        );
        new k8s.batch.v1.Job(
            `${name}-setup`,
            {
                metadata: { ...metadata, annotations: { "pulumi.com/replaceUnready": "true" } },
                spec: {
                    backoffLimit: 0, // the script retries by itself, and its last message is the reason of a failure
                    template: {
                        metadata: { labels: labels(setupName), annotations: { "pglog/config": checksum(data) } },
                        spec: {
                            restartPolicy: "Never",
                            ...commonPodSpec(curlUser, args.requirements),
                            containers: [
                                clientContainer(this.endpoint, args.curlImage, "setup.sh", {
                                    TIMEOUT: String(args.timeout),
                                }),
                            ],
                            volumes: [
                                ...clientVolumes(this.endpoint),
                                { name: "scripts", configMap: { name: config.metadata.name } },
                            ],
                        },
                    },
                },
            },
            {
                parent: this,
                dependsOn: ready,
                deleteBeforeReplace: true,
                customTimeouts: { create: `${args.timeout + 120}s` },
            },
        );
    }

    private get metadata() {
        return { namespace: this.#args.namespace, labels: labels(elasticsearchService) };
    }
}
