import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DeliveryProof, Elasticsearch, Postgres, type ServiceAddress } from "../components";
import { endpointUrl, searchPattern } from "../components/elasticsearch/endpoint";
import { exposureDns, type Exposure } from "../components/postgres/services";
import { labels } from "../components/kubernetes/labels";
import type { Settings } from "./config";

/** What a stack hands on; index.ts exports it. */
export interface LogDatabase {
    namespace: pulumi.Output<string>;
    /** DNS name of the first Service, for clients in the cluster. */
    dnsName: pulumi.Output<string>;
    /** Host and port of each Service, by its kind. */
    services: pulumi.Output<Partial<Record<Exposure, ServiceAddress>>>;
    /** Secret: the URI for clients in the cluster, with user and password. */
    connectionUri: pulumi.Output<string>;
    /** Where to search for the lines; none where the stack ships none. */
    logs: { elasticsearch: string; search: string } | null;
}

/** A database whose every log line arrives in Elasticsearch, as one stack. */
export function logDatabase(settings: Settings): LogDatabase {
    const { protect, shipper, curlImage, deliveryTimeout: timeout } = settings;
    const namespace = new k8s.core.v1.Namespace(
        "namespace",
        {
            metadata: {
                name: settings.namespace,
                labels: {
                    ...labels("pglog"),
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            },
        },
        { protect, retainOnDelete: protect }, // who deletes a namespace deletes the volumes in it
    );
    const inside = { namespace: namespace.metadata.name };
    const elasticsearch =
        shipper && new Elasticsearch("elasticsearch", { ...inside, ...settings.elasticsearch, curlImage, timeout });
    const postgres = new Postgres(
        "postgres",
        {
            ...inside,
            ...settings.postgres,
            protect,
            shipping: shipper && elasticsearch && { shipper, endpoint: elasticsearch.endpoint },
        },
        // A line that arrives before the index template makes an index with guessed types.
        { dependsOn: elasticsearch ? [elasticsearch] : [] },
    );
    const firstService = settings.postgres.services[0] ?? "ClusterIP";
    const dnsName = namespace.metadata.name.apply((name) => exposureDns(firstService, name));
    if (elasticsearch)
        new DeliveryProof(
            "delivery-proof",
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
