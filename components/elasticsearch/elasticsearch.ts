import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isIP } from "node:net";
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
import { podSecurity } from "../kubernetes/hardening";
import { labels, selectorLabels } from "../kubernetes/labels";
import { checksum, scripts } from "../kubernetes/script";

/** How to reach and speak to an Elasticsearch that is there already. */
export interface ExternalElasticsearch {
    mode: "external";
    /** DNS name or IP address. Changing it restarts PostgreSQL, once. */
    host: string;
    /** 1 to 65535. */
    port: number;
    scheme: Scheme;
    /** Name that the server's certificate must be for, where `host` is an address. @default `host` */
    serverName?: string;
    /** PEM certificates of the authority that signed the server's. @default the authorities of the images */
    ca?: string;
    auth: ElasticsearchAuth;
    username?: string;
    password?: pulumi.Input<string>;
    /** The `encoded` value of an API key. */
    apiKey?: pulumi.Input<string>;
    /** Name of a Secret in the namespace that holds the credentials instead: `username` and `password`, or `apiKey`. */
    existingSecret?: string;
}

/** A single Elasticsearch in the namespace, for development: one node, one volume, no replica, no TLS. */
export interface InClusterElasticsearch {
    mode: "in-cluster";
    image: string;
}

export interface ElasticsearchArgs {
    namespace: pulumi.Input<string>;
    server: ExternalElasticsearch | InClusterElasticsearch;
    target: ElasticsearchTarget;
    /** Data stream, or prefix of the daily indices. Changing it begins a new one; the old one is left as it is. */
    index: string;
    /** Days; 0 keeps the lines for ever. */
    retentionDays: number;
    /** Image with `sh` and `curl`, for the Job that sets Elasticsearch up. */
    curlImage: string;
    /** Seconds that the set-up waits for Elasticsearch to answer. */
    timeout: number;
}

/**
 * Elasticsearch as the rest of the program sees it: one endpoint, wherever the server is, found in the namespace under
 * the Service `elasticsearch`, and set up for the logs.
 */
export class Elasticsearch extends pulumi.ComponentResource {
    /** To be used by what depends on this component, so that nothing writes before the index template is there. */
    public readonly endpoint: ElasticsearchEndpoint;

    constructor(name: string, args: ElasticsearchArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Elasticsearch", name, {}, opts); // no inputs: a preview shows the objects they become
        const { endpoint, server } =
            args.server.mode === "external"
                ? this.createExternal(name, args, args.server)
                : this.createInCluster(name, args, args.server);
        this.endpoint = endpoint;
        this.createSetup(name, args, server);
        this.registerOutputs({ endpoint: this.endpoint });
    }

    private createExternal(name: string, args: ElasticsearchArgs, server: ExternalElasticsearch) {
        const metadata = { namespace: args.namespace, labels: labels(elasticsearchService) };
        const isAddress = isIP(server.host) !== 0;
        const ports = [{ name: "http", port: server.port }];
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                metadata: { ...metadata, name: elasticsearchService },
                spec: isAddress
                    ? { ports }
                    : // Clients still say the real name: a proxy in front of Elasticsearch goes by it.
                      { type: "ExternalName", externalName: server.host, ports },
            },
            { parent: this },
        );
        const children: pulumi.Resource[] = [service];
        if (isAddress)
            children.push(
                new k8s.discovery.v1.EndpointSlice(
                    `${name}-address`,
                    {
                        metadata: {
                            ...metadata,
                            name: elasticsearchService,
                            labels: { ...metadata.labels, "kubernetes.io/service-name": elasticsearchService },
                        },
                        addressType: isIP(server.host) === 6 ? "IPv6" : "IPv4",
                        endpoints: [{ addresses: [server.host], conditions: { ready: true } }],
                        ports,
                    },
                    { parent: this },
                ),
            );
        const ca =
            server.ca === undefined
                ? undefined
                : new k8s.core.v1.ConfigMap(
                      `${name}-ca`,
                      { metadata: { ...metadata, name: "elasticsearch-ca" }, data: { "ca.crt": server.ca } },
                      { parent: this },
                  );
        const endpoint: ElasticsearchEndpoint = {
            inCluster: false,
            scheme: server.scheme,
            host: isAddress ? elasticsearchService : server.host,
            port: server.port,
            serverName: server.serverName ?? server.host,
            auth: server.auth,
            credentials: server.existingSecret ?? this.createCredentials(name, args, server),
            ca: ca?.metadata.name,
            target: args.target,
            index: args.index,
        };
        return { endpoint, server: children };
    }

    /** Without a fixed name: other credentials are another Secret, and what mounts it follows. */
    private createCredentials(name: string, args: ElasticsearchArgs, server: ExternalElasticsearch) {
        const data: Record<ElasticsearchAuth, Record<string, pulumi.Input<string>> | undefined> = {
            basic: { username: server.username ?? "", password: server.password ?? "" },
            apiKey: { apiKey: server.apiKey ?? "" },
            none: undefined,
        };
        const stringData = data[server.auth];
        if (stringData === undefined) return undefined;
        const secret = new k8s.core.v1.Secret(
            `${name}-credentials`,
            { metadata: { namespace: args.namespace, labels: labels(elasticsearchService) }, stringData },
            { parent: this },
        );
        return secret.metadata.name;
    }

    private createInCluster(name: string, args: ElasticsearchArgs, server: InClusterElasticsearch) {
        const metadata = { namespace: args.namespace, labels: labels(elasticsearchService) };
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false },
            { parent: this },
        );
        const credentials = new k8s.core.v1.Secret(
            `${name}-credentials`,
            { metadata, stringData: { username: elasticsearchUsername, password: password.result } },
            { parent: this },
        );
        const realm = new k8s.core.v1.Secret(
            `${name}-realm`,
            { metadata, stringData: password.result.apply(realmFiles) },
            { parent: this },
        );
        const claim = new k8s.core.v1.PersistentVolumeClaim(
            `${name}-data`,
            {
                metadata: { ...metadata, name: "elasticsearch-data" },
                spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
            },
            { parent: this },
        );
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...metadata, name: elasticsearchService },
                spec: elasticsearchNode(server.image, claim.metadata.name, realm.metadata.name),
            },
            { parent: this },
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                metadata: { ...metadata, name: elasticsearchService },
                spec: {
                    selector: selectorLabels(elasticsearchService),
                    ports: [{ name: "http", port: elasticsearchPort, targetPort: "http" }],
                },
            },
            { parent: this, dependsOn: deployment },
        );
        const endpoint: ElasticsearchEndpoint = {
            inCluster: true,
            scheme: "http",
            host: elasticsearchService,
            port: elasticsearchPort,
            serverName: elasticsearchService,
            auth: "basic",
            credentials: credentials.metadata.name,
            target: args.target,
            index: args.index,
        };
        return { endpoint, server: [service] };
    }

    /** A Job runs once; another one takes its place when its Pod's template changes, so with each changed request. */
    private createSetup(name: string, args: ElasticsearchArgs, server: pulumi.Resource[]) {
        const setupName = "elasticsearch-setup";
        const metadata = { namespace: args.namespace, name: setupName, labels: labels(setupName) };
        const data = { ...renderSetup(args), ...scripts("elasticsearch.sh", "setup.sh") };
        const config = new k8s.core.v1.ConfigMap(`${name}-setup-config`, { metadata, data }, { parent: this });
        new k8s.batch.v1.Job(
            `${name}-setup`,
            {
                metadata: { ...metadata, annotations: { "pulumi.com/replaceUnready": "true" } },
                spec: {
                    backoffLimit: 0, // the script itself waits and tries again, and its last word is the reason
                    template: {
                        metadata: { labels: labels(setupName), annotations: { "pglog/config": checksum(data) } },
                        spec: {
                            restartPolicy: "Never",
                            automountServiceAccountToken: false,
                            enableServiceLinks: false,
                            securityContext: podSecurity(curlUser),
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
                dependsOn: server,
                deleteBeforeReplace: true,
                customTimeouts: { create: `${args.timeout + 120}s` },
            },
        );
    }
}
