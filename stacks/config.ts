import * as pulumi from "@pulumi/pulumi";
import * as runtimeConfig from "@pulumi/pulumi/runtime/config";
import { closest } from "fastest-levenshtein";
import type { ElasticsearchArgs } from "../components/elasticsearch/elasticsearch";
import type { ElasticsearchTarget } from "../components/elasticsearch/endpoint";
import { refusal } from "../components/errors";
import type { PodRequirements } from "../components/kubernetes/podSpec";
import { Gi } from "../components/kubernetes/quantity";
import { neededLogVolume } from "../components/logs/volume";
import type { MonitoringArgs } from "../components/monitoring";
import type { PostgresArgs } from "../components/postgres/postgres";
import type { ShipperArgs } from "../components/shipper/shipper";
import type { Conflict } from "./conflict";
import { conflicts } from "./conflicts";
import {
    formerKeys,
    keyNames,
    keys,
    removeKey,
    secretKeyNames,
    setKey,
    type Key,
    type KeyName,
    type Values,
} from "./keys";
import { otherImages, postgresImages } from "./versions";

/** The checked configuration of one stack. */
export interface Settings {
    stack: string;
    namespace: string;
    protect: boolean;
    curlImage: string;
    requirements: PodRequirements;
    elasticsearch: Pick<ElasticsearchArgs, "server" | "target" | "index" | "retentionDays">;
    postgres: Omit<PostgresArgs, "namespace" | "requirements" | "shipper" | "protect">;
    /** Undefined with `shipper: none`. */
    shipper?: Omit<ShipperArgs, "endpoint">;
    /** In seconds. */
    deliveryTimeout: number;
    /** Undefined without the Prometheus Operator. */
    monitoring?: Omit<MonitoringArgs, "namespace">;
}

/** One thing that is wrong with a configuration. */
export interface Problem {
    kind: "unknown" | "refused" | "missing";
    key: string;
    message: string;
}

/** Everything that is wrong with a stack's configuration. */
export class ConfigError extends pulumi.RunError {
    constructor(
        stack: string,
        readonly problems: readonly Problem[],
    ) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        const list = problems.map(({ message }) => `  - ${message}\n`).join("");
        super(`the configuration of stack ${stack} has ${count}; nothing was changed\n${list}`);
    }

    /** Secrets that the stack needs and lacks. */
    get missingSecrets(): KeyName[] {
        return secretKeyNames.filter((name) =>
            this.problems.some(({ kind, key }) => kind === "missing" && key === name),
        );
    }
}

/** True for a value that is stored encrypted. The SDK uses this function and leaves it out of its types. */
const { isConfigSecret } = runtimeConfig as unknown as { isConfigSecret: (key: string) => boolean };

/**
 * Reads the stack's configuration.
 *
 * Pulumi itself accepts unknown keys, and any text for a number. So every key, value and combination is checked here,
 * and one error lists all problems.
 *
 * @throws ConfigError before any resource is registered
 */
export function loadConfig(): Settings {
    const stack = pulumi.getStack();
    const problems = unknownKeys();
    const values: Partial<Record<KeyName, unknown>> = {};
    for (const name of keyNames) {
        const text = pulumi.runtime.getConfig(fullName(name)) ?? "";
        const { data, problem } = readValue(name, text);
        if (problem === undefined) values[name] = data;
        else problems.push(problem);
    }
    if (problems.length === 0) problems.push(...[...conflicts(values as Values)].map(problemOf));
    if (problems.length > 0) throw new ConfigError(stack, problems);
    return settings(values as Values, stack);
}

const fullName = (name: string) => `${pulumi.getProject()}:${name}`;
const isEncrypted = (name: string) => isConfigSecret(fullName(name));
const run = (command: string) => `pulumi config ${command} --stack ${pulumi.getStack()}`;

function unknownKeys(): Problem[] {
    const prefix = fullName("");
    return Object.keys(pulumi.runtime.allConfig())
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length))
        .filter((name) => !keyNames.includes(name as KeyName))
        .map((name) => {
            const why = formerKeys[name] ?? `the nearest key is ${closest(name, keyNames)}`;
            const message = `${fullName(name)} is not a key of this program; ${why}. Run: ${run(removeKey(name))}`;
            return { kind: "unknown", key: name, message };
        });
}

/** The value of one key, or its problem. */
function readValue(name: KeyName, text: string): { data?: unknown; problem?: Problem } {
    const { schema, must, secret } = keys[name] as Key;
    const refused = (came: string, rule: string): { problem: Problem } => ({
        problem: { kind: "refused", key: name, message: refusal(fullName(name), came, rule, run(setKey(name))) },
    });
    const parsed = schema.safeParse(text);
    if (!parsed.success)
        return refused(secret || isEncrypted(name) ? "refused (its value is not shown)" : JSON.stringify(text), must);
    if (secret && text !== "" && !isEncrypted(name))
        return refused("stored in clear text (its value is not shown)", "encrypted");
    return { data: parsed.data };
}

function problemOf({ key, member, came, must, fix }: Conflict): Problem {
    const thing = fullName(member === undefined ? key : `${key}.${member}`);
    const hidden = isEncrypted(key) ? "set (its value is not shown)" : undefined;
    const shown = typeof came === "string" ? came : (hidden ?? JSON.stringify(came.value));
    const message = refusal(thing, shown, must, fix.map(run).join(", or "));
    return { kind: came === "not set" ? "missing" : "refused", key, message };
}

function settings(values: Values, stack: string): Settings {
    return {
        stack,
        namespace: values.namespace ?? `${pulumi.getProject()}-${stack}`,
        protect: values.protectData,
        curlImage: values.images.curl ?? otherImages.curl,
        requirements: { scheduling: values.scheduling, imagePullSecrets: values.imagePullSecrets },
        elasticsearch: {
            server: elasticsearchServer(values),
            target: values.elasticsearchTarget,
            index: values.elasticsearchIndex ?? defaultIndex[values.elasticsearchTarget](stack.toLowerCase()),
            retentionDays: values.elasticsearchRetentionDays,
        },
        postgres: postgresSettings(values),
        shipper:
            values.shipper === "none"
                ? undefined
                : { image: values.images.fluentBit ?? otherImages.fluentBit, logLevel: values.fluentBitLogLevel },
        deliveryTimeout: values.deliveryTimeout,
        monitoring:
            values.shipper !== "none" && values.monitoring === "operator" ? { outage: values.logOutage } : undefined,
    };
}

function elasticsearchServer(values: Values): Settings["elasticsearch"]["server"] {
    if (values.elasticsearchMode === "in-cluster")
        return {
            mode: "in-cluster",
            image: values.images.elasticsearch ?? otherImages.elasticsearch,
            storageClass: values.storageClass,
        };
    const config = new pulumi.Config();
    return {
        mode: "external",
        host: values.elasticsearchHost ?? "",
        port: values.elasticsearchPort,
        scheme: values.elasticsearchScheme,
        serverName: values.elasticsearchServerName,
        ca: values.elasticsearchCa,
        auth: values.elasticsearchAuth,
        username: values.elasticsearchUser,
        password: config.getSecret("elasticsearchPassword"),
        apiKey: config.getSecret("elasticsearchApiKey"),
        existingSecret: values.elasticsearchSecret,
    };
}

function postgresSettings(values: Values): Settings["postgres"] {
    return {
        version: values.postgresVersion,
        image: values.images.postgres ?? postgresImages[values.postgresVersion],
        cpu: values.postgresCpu,
        memory: values.postgresMemory,
        parameters: values.postgresSettings,
        database: values.database,
        passwordVersion: values.passwordVersion,
        storage: {
            size: values.storageSize,
            className: values.storageClass,
            accessMode: values.storageAccessMode,
        },
        logging: { statement: values.logStatement, minDuration: values.logMinDuration },
        logVolumeSize:
            values.logVolumeSize ?? `${Math.ceil(neededLogVolume(values.logPeakRate, values.logOutage) / Gi)}Gi`,
        services: {
            kinds: values.services,
            nodePort: values.nodePort === 0 ? undefined : values.nodePort,
            loadBalancerSourceRanges: values.loadBalancerSourceRanges,
            loadBalancerAnnotations: values.loadBalancerAnnotations,
        },
        scrapeAnnotations: values.monitoring === "annotations",
    };
}

/** The data stream follows Elastic's naming scheme, type-dataset-namespace, so that Elastic's dashboards find it. */
const defaultIndex: Record<ElasticsearchTarget, (stack: string) => string> = {
    "data-stream": (stack) => `logs-postgresql.log-${stack.replaceAll("-", "_")}`,
    index: (stack) => `postgresql-logs-${stack}`,
};
