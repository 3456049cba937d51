import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DeliveryProof, Elasticsearch, Postgres, type ServiceAddress } from "../components";
import { endpointUrl, searchPattern } from "../components/elasticsearch/endpoint";
import { labels } from "../components/kubernetes/labels";
import { serviceDns, type ServiceKind } from "../components/postgres/services";
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
    /** URL and index pattern to search for log lines; null with `shipper: none`. */
    logs: { elasticsearch: string; search: string } | null;
}

/** Registers the resources of one stack: a database whose log lines all arrive in Elasticsearch. */
export function logDatabase(settings: Settings): LogDatabase {
    const { protect, shipper, curlImage, deliveryTimeout: timeout } = settings;
    const namespace = createNamespace(settings);
    const inside = { namespace: namespace.metadata.name };
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
    const firstService = settings.postgres.services.kinds[0] ?? "ClusterIP";
    const dnsName = namespace.metadata.name.apply((name) => serviceDns(firstService, name));
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
    const { database } = settings.postgres;
    return {
        namespace: namespace.metadata.name,
        dnsName,
        services: postgres.addresses,
        connectionUri: pulumi.secret(
            pulumi.interpolate`postgresql://${database}:${postgres.password}@${dnsName}:5432/${database}`,
        ),
        logs: elasticsearch
            ? {
                  elasticsearch: endpointUrl(elasticsearch.endpoint),
                  search: searchPattern(elasticsearch.endpoint),
              }
            : null,
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
