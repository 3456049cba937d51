import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clientContainer, clientVolumes } from "./elasticsearch/client";
import { searchPattern, type ElasticsearchEndpoint } from "./elasticsearch/endpoint";
import { fluentBitPort } from "./shipper/fluentBit";
import { containerSecurity, podSecurity } from "./kubernetes/hardening";
import { labels } from "./kubernetes/labels";
import { postgresPort } from "./postgres/config";
import { postgresUser } from "./postgres/pod";
import { checksum, scripts } from "./kubernetes/script";

export interface DeliveryProofArgs {
    namespace: pulumi.Input<string>;
    /** Image with `bash` and `psql`. */
    postgresImage: string;
    /** Image with `sh` and `curl`. */
    curlImage: string;
    /** Name of a Service of the database, to connect to from a Pod. */
    host: pulumi.Input<string>;
    database: string;
    /** Secret with the key `password`. */
    credentials: pulumi.Input<string>;
    endpoint: ElasticsearchEndpoint;
    /** Changes with everything that a delivered line depends on; another one is another proof. */
    revision: pulumi.Input<string>;
    /** Seconds after which a marker that has not arrived is lost. */
    timeout: number;
}

/**
 * Proves that a line which PostgreSQL logs is found in Elasticsearch, exactly once: a Job makes PostgreSQL log a marker
 * and waits until a search returns it. If it does not, the Job and with it `pulumi up` fail, and the message says at
 * which hop the line was lost.
 *
 * The Job runs again when anything changes that it depends on; otherwise a preview shows nothing of it.
 */
export class DeliveryProof extends pulumi.ComponentResource {
    /** What the proof that succeeded was about. */
    public readonly proven: pulumi.Output<string>;

    constructor(name: string, args: DeliveryProofArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:DeliveryProof", name, {}, opts); // no inputs: a preview shows the objects they become
        const objectName = "delivery-proof";
        const metadata = { namespace: args.namespace, name: objectName, labels: labels(objectName) };
        const data = scripts("elasticsearch.sh", "log-marker.sh", "await-delivery.sh");
        const config = new k8s.core.v1.ConfigMap(`${name}-scripts`, { metadata, data }, { parent: this });
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
                customTimeouts: { create: `${args.timeout + 180}s` },
            },
        );
        this.proven = job.spec.template.metadata.annotations.apply((known) => known["pglog/revision"] ?? "");
        this.registerOutputs({ proven: this.proven });
    }
}

/** The first container logs the marker, the second waits for it; only what the second says reaches the user. */
function proofPod(args: DeliveryProofArgs, config: pulumi.Output<string>): k8s.types.input.core.v1.PodSpec {
    const { endpoint } = args;
    const marker = [
        { name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
        { name: "REVISION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['pglog/revision']" } } },
        { name: "MARKER", value: "$(REVISION)-$(POD_UID)" },
    ];
    const proof = { name: "proof", mountPath: "/proof" };
    const reporter = clientContainer(endpoint, args.curlImage, "await-delivery.sh", {
        TARGET: endpoint.target,
        INDEX: endpoint.index,
        SEARCH: searchPattern(endpoint),
        FLUENT_BIT_URL: `http://fluent-bit:${fluentBitPort}`,
        TIMEOUT: String(args.timeout),
    });
    return {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: podSecurity(postgresUser),
        initContainers: [
            {
                name: "log-marker",
                image: args.postgresImage,
                imagePullPolicy: "IfNotPresent",
                command: ["bash", "/scripts/log-marker.sh"],
                env: [
                    { name: "PGHOST", value: args.host },
                    { name: "PGPORT", value: String(postgresPort) },
                    { name: "PGUSER", value: args.database },
                    { name: "PGDATABASE", value: args.database },
                    ...marker,
                ],
                securityContext: containerSecurity,
                resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
                volumeMounts: [
                    { name: "scripts", mountPath: "/scripts", readOnly: true },
                    { name: "tmp", mountPath: "/tmp" },
                    { name: "postgres-credentials", mountPath: "/credentials", readOnly: true },
                    proof,
                ],
            },
        ],
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
            {
                name: "postgres-credentials",
                secret: {
                    secretName: args.credentials,
                    items: [{ key: "password", path: "password" }],
                    defaultMode: 0o440,
                },
            },
        ],
    };
}
