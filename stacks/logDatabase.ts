import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DeliveryProof, Elasticsearch, Monitoring, Postgres, type ServiceAddress } from "../components";
import { endpointUrl, searchPattern, type ElasticsearchEndpoint } from "../components/elasticsearch/endpoint";
import { labels } from "../components/kubernetes/labels";
import type { ServiceKind } from "../components/postgres/services";
import type { Settings } from "./config";

/** The outputs of a stack, which index.ts exports. */
export interface LogDatabase {
    namespace: pulumi.Output<string>;
    /** DNS name of the first of `services`, for clients in the cluster. */
    dnsName: pulumi.Output<string>;
    /** Host and port of each Service, by kind. */
    services: pulumi.Output<Partial<Record<ServiceKind, ServiceAddress>>>;
    /** URI with user and password, for clients in the cluster. A secret. */
    connectionUri: pulumi.Output<string>;
    /** Where to search for the lines; none where the stack ships none. */
    logs: LogAccess | null;
}

/** What a reader outside the cluster needs to search for the lines. The names of objects are of the stack's namespace. */
export interface LogAccess {
    /** URL, with the name that the server's certificate is for. */
    elasticsearch: string;
    /** The data stream or the pattern of the daily indices. */
    search: string;
    /** Whether it runs in the cluster, so that a reader outside needs a port-forward to the Service `elasticsearch`. */
    inCluster: boolean;
    /** Host to connect to where it is not the URL's. */
    connectTo: string | null;
    /** Secret with `username` and `password`, or `apiKey`; null without authentication. */
    credentials: pulumi.Input<string> | null;
    /** ConfigMap with `ca.crt`; null where the system's authorities apply. */
    ca: pulumi.Input<string> | null;
}

/** How the lines of a stack are found; the real host, since the endpoint's may be a name in the cluster. */
function logAccess(endpoint: ElasticsearchEndpoint, server: Settings["elasticsearch"]["server"]): LogAccess {
    const host = server.mode === "external" ? server.host : endpoint.serverName;
    return {
        elasticsearch: endpointUrl(endpoint),
        search: searchPattern(endpoint),
        inCluster: endpoint.inCluster,
        connectTo: host === endpoint.serverName ? null : host,
        credentials: endpoint.credentials ?? null,
        ca: endpoint.ca ?? null,
    };
}

/** Registers the resources of one stack: a database whose log lines all arrive in Elasticsearch. */
export function logDatabase(settings: Settings): LogDatabase {
    const { protect, shipper, curlImage, requirements, deliveryTimeout: timeout } = settings;
    const namespace = createNamespace(settings);
    const inside = { namespace: namespace.metadata.name, requirements };
    const elasticsearch = shipper && new Elasticsearch({ ...inside, ...settings.elasticsearch, curlImage, timeout });
    const postgres = new Postgres(
        {
            ...inside,
            ...settings.postgres,
            protect,
            shipper: shipper && elasticsearch && { ...shipper, endpoint: elasticsearch.endpoint },
        },
        // If a line arrived before the index template, Elasticsearch would create an index with guessed types.
        { dependsOn: elasticsearch ? [elasticsearch] : [] },
    );
    const { dnsName } = postgres;
    if (elasticsearch)
        new DeliveryProof(
            {
                ...inside,
                postgresImage: settings.postgres.image,
                curlImage,
                host: dnsName,
                database: settings.postgres.database,
                credentials: postgres.credentials,
                endpoint: elasticsearch.endpoint,
                revision: postgres.revision,
                timeout,
            },
            { dependsOn: postgres },
        );
    // Last, so that nothing else waits for a cluster without the Prometheus Operator.
    if (settings.monitoring) new Monitoring({ ...inside, ...settings.monitoring }, { dependsOn: postgres });
    const { database } = settings.postgres;
    return {
        namespace: namespace.metadata.name,
        dnsName,
        services: postgres.addresses,
        connectionUri: pulumi.secret(
            pulumi.interpolate`postgresql://${database}:${postgres.password}@${dnsName}:5432/${database}`,
        ),
        logs: elasticsearch ? logAccess(elasticsearch.endpoint, settings.elasticsearch.server) : null,
    };
}

/** The namespace enforces the Pod Security Standard "restricted" on every Pod. */
function createNamespace({ namespace, protect }: Settings): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
        "namespace",
        {
            metadata: {
                name: namespace,
                labels: {
                    ...labels("pglog"),
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            },
        },
        { protect, retainOnDelete: protect }, // deleting a namespace deletes the volumes in it
    );
}
