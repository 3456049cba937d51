import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clientContainer, clientVolumes } from "./elasticsearch/client";
import { searchPattern, type ElasticsearchEndpoint } from "./elasticsearch/endpoint";
import { labels } from "./kubernetes/labels";
import { commonPodSpec, type PodRequirements } from "./kubernetes/podSpec";
import { checksum, scripts } from "./kubernetes/script";
import { passwordVolume, postgresClient } from "./postgres/client";
import { postgresUser } from "./postgres/pod";
import { shipperPort } from "./shipper/fluentBit";

export interface DeliveryProofArgs {
    namespace: pulumi.Input<string>;
    /** Image with `bash` and `psql`. */
    postgresImage: string;
    /** Image with `sh` and `curl`. */
    curlImage: string;
    /** DNS name of a Service of the database. */
    host: pulumi.Input<string>;
    database: string;
    /** Name of a Secret with the key `password`. */
    credentials: pulumi.Input<string>;
    endpoint: ElasticsearchEndpoint;
    /** Changes with everything that affects a delivered line. A new revision runs the proof again. */
    revision: pulumi.Input<string>;
    /** Seconds that PostgreSQL may take to accept a connection, and then seconds after which a marker counts as lost. */
    timeout: number;
    requirements: PodRequirements;
}

/** Name of the component, and prefix of its resources' names. It is part of their URNs, so it must not change. */
const name = "delivery-proof";

/**
 * Proves that a line from PostgreSQL's log arrives in Elasticsearch exactly once. A Job makes PostgreSQL log a marker and
 * waits until a search returns it. If that fails, so do the Job and `pulumi up`, and the error names the hop that lost
 * the line.
 *
 * The Job runs again when something that it depends on changes. Each run has a new name, which the provider chooses: a
 * fixed name would be taken by the earlier run during a preview.
 */
export class DeliveryProof extends pulumi.ComponentResource {
    /** The revision for which the proof succeeded. */
    public readonly proven: pulumi.Output<string>;

    constructor(args: DeliveryProofArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:DeliveryProof", name, {}, opts); // no inputs: a preview shows the objects that they become
        const objectName = "delivery-proof";
        const metadata = { namespace: args.namespace, labels: labels(objectName) };
        const data = scripts("elasticsearch.sh", "log-marker.sh", "await-delivery.sh");
        const config = new k8s.core.v1.ConfigMap(
            `${name}-scripts`,
            { metadata: { ...metadata, name: objectName }, data },
            { parent: this },
        );
        const job = new k8s.batch.v1.Job(
            `${name}-job`,
            {
                metadata: { ...metadata, annotations: { "pulumi.com/replaceUnready": "true" } },
                spec: {
                    backoffLimit: 0,
                    template: {
                        metadata: {
                            labels: labels(objectName),
                            annotations: { "pglog/config": checksum(data), "pglog/revision": args.revision },
                        },
                        spec: proofPod(args, config.metadata.name),
                    },
                },
            },
            {
                parent: this,
                deleteBeforeReplace: true,
                customTimeouts: { create: `${2 * args.timeout + 180}s` },
            },
        );
        this.proven = job.spec.template.metadata.annotations.apply((known) => known["pglog/revision"] ?? "");
        this.registerOutputs({ proven: this.proven });
    }
}

/** Environment of both containers: the marker, which is unique to the Pod. */
const marker = [
    { name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
    { name: "REVISION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['pglog/revision']" } } },
    { name: "MARKER", value: "$(REVISION)-$(POD_UID)" },
];
/** Volume with the result of the first container. */
const proof = { name: "proof", mountPath: "/proof" };

/** The first container logs the marker, and the second waits for it. Only the second one's message reaches the user. */
function proofPod(args: DeliveryProofArgs, config: pulumi.Output<string>): k8s.types.input.core.v1.PodSpec {
    const { endpoint } = args;
    const reporter = clientContainer(endpoint, args.curlImage, "await-delivery.sh", {
        TARGET: endpoint.target,
        INDEX: endpoint.index,
        SEARCH: searchPattern(endpoint),
        FLUENT_BIT_URL: `http://fluent-bit:${shipperPort}`,
        TIMEOUT: String(args.timeout),
    });
    return {
        restartPolicy: "Never",
        ...commonPodSpec(postgresUser, args.requirements),
        initContainers: [logMarker(args)],
        containers: [
            {
                ...reporter,
                env: [...reporter.env, ...marker],
                volumeMounts: [...reporter.volumeMounts, proof],
            },
        ],
        volumes: [
            ...clientVolumes(endpoint),
            { name: "scripts", configMap: { name: config } },
            { name: "proof", emptyDir: {} },
            passwordVolume(args.credentials),
        ],
    };
}

function logMarker(args: DeliveryProofArgs): k8s.types.input.core.v1.Container {
    const { postgresImage: image, host, database: user, timeout } = args;
    // The administrator's database has the function that log-marker.sh calls.
    const client = postgresClient({ image, host, user, database: "postgres" }, "log-marker.sh");
    const env = [...client.env, { name: "TIMEOUT", value: String(timeout) }, ...marker];
    return { ...client, env, volumeMounts: [...client.volumeMounts, proof] };
}
