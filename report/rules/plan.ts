import { elasticsearchService } from "../../components/elasticsearch/endpoint";
import { bytesOf } from "../../components/kubernetes/quantity";
import { fixedName } from "../../render/metadata";
import type { Change } from "../change";
import { effect } from "../effect";
import { requestOf, yamlOf } from "../files";

/** What the rules read of a Pod's template. */
interface Container {
    name: string;
    image?: string;
    env?: { name: string; value?: string }[];
    resources?: { limits?: { memory?: string } };
}
interface Volume {
    name: string;
    secret?: { secretName?: string };
}
interface Workload {
    spec?: {
        template?: { spec?: { containers?: Container[]; initContainers?: Container[]; volumes?: Volume[] } };
    };
}

/** The resource of that name in a plan; undefined if the plan does not touch it. */
export function changeOf(plan: readonly Change[], name: string): Change | undefined {
    return plan.find((one) => one.name === name && one.operation !== "delete") ?? plan.find((one) => one.name === name);
}

/** A container of a workload as it will be; undefined if the inputs have none of that name. */
export function containerOf(inputs: Change["after"], name: string): Container | undefined {
    const pod = (inputs as Workload | undefined)?.spec?.template?.spec;
    return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].find((one) => one.name === name);
}

/** True if a workload's selector finds its own Pods. Otherwise Kubernetes refuses it. */
export function selectsItself(inputs: Change["after"]): boolean {
    const spec = inputs?.spec as
        | { selector?: { matchLabels?: object }; template?: { metadata?: { labels?: Record<string, unknown> } } }
        | undefined;
    const labels = spec?.template?.metadata?.labels ?? {};
    return Object.entries(spec?.selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

/** The names of the volumes of a workload's Pod. */
export function volumesOf(inputs: Change["after"]): string[] {
    return ((inputs as Workload | undefined)?.spec?.template?.spec?.volumes ?? []).map(({ name }) => name);
}

/** The name of the Secret that a workload's volume mounts; undefined without the volume. */
export function secretOf(inputs: Change["after"], volume: string): string | undefined {
    const volumes = (inputs as Workload | undefined)?.spec?.template?.spec?.volumes;
    return volumes?.find(({ name }) => name === volume)?.secret?.secretName;
}

/** The value of a container's variable; undefined without the container or the variable. */
export function variableOf(inputs: Change["after"], container: string, name: string): string | undefined {
    return containerOf(inputs, container)?.env?.find((one) => one.name === name)?.value;
}

/** PostgreSQL's container as a plan leaves it; undefined if the plan does not touch the Deployment. */
export function postgresOf(plan: readonly Change[]): Container | undefined {
    return containerOf(changeOf(plan, "postgres-deployment")?.after, "postgres");
}

/** PostgreSQL's memory limit in bytes, as a plan leaves it; undefined if the plan does not touch the Deployment. */
export function memoryLimitOf(plan: readonly Change[]): number | undefined {
    return bytesOf(postgresOf(plan)?.resources?.limits?.memory ?? "");
}

/** The bytes that a claim asks for, as a plan leaves it; undefined if the plan does not touch the claim. */
export function claimSizeOf(plan: readonly Change[], name: string): number | undefined {
    const spec = changeOf(plan, name)?.after?.spec as { resources?: { requests?: { storage?: string } } } | undefined;
    return bytesOf(spec?.resources?.requests?.storage ?? "");
}

/** A file of a ConfigMap's inputs; undefined without it. */
export function fileOf(inputs: Change["after"], name: string): string | undefined {
    const text = (inputs?.data as Record<string, unknown> | undefined)?.[name];
    return typeof text === "string" ? text : undefined;
}

/** A file of a ConfigMap's inputs, parsed; undefined without it or if it cannot be parsed. */
export function parsedFileOf(inputs: Change["after"], name: string): unknown {
    const text = fileOf(inputs, name);
    if (text === undefined) return undefined;
    try {
        if (name.endsWith(".json")) return JSON.parse(text) as unknown;
        return name.endsWith(".http") ? requestOf(text) : yamlOf(text);
    } catch {
        return undefined;
    }
}

/** True if a workload of the plan mentioned the name before and no longer does: it is deleted, or it changed too. */
export function noLongerReads(plan: readonly Change[], workload: string, name: string): boolean {
    const change = plan.find((one) => one.name === workload);
    return change !== undefined && !JSON.stringify(change.after ?? {}).includes(`"${name}"`);
}

/** Fluent Bit's output to Elasticsearch, as far as the rules read it. */
interface Output {
    name?: unknown;
    alias?: unknown;
    host?: unknown;
    port?: unknown;
    compress?: unknown;
    http_user?: unknown;
    http_api_key?: unknown;
    tls?: unknown;
}

/** The output to Elasticsearch in the inputs of the log configuration; undefined without a shipper. */
export function outputOf(inputs: Change["after"]): Output | undefined {
    const file = parsedFileOf(inputs, "fluent-bit.yaml") as { pipeline?: { outputs?: Output[] } } | undefined;
    return file?.pipeline?.outputs?.find(({ alias }) => alias === "elasticsearch");
}

/** True if a plan ends the shipping of lines to the stack's own Elasticsearch, whose requests are not compressed. */
export function goesElsewhere(plan: readonly Change[]): boolean {
    const config = changeOf(plan, "postgres-log-config");
    if (config === undefined) return false;
    const output = outputOf(config.after);
    return output === undefined || output.compress !== undefined || output.host !== elasticsearchService;
}

/** True if an object is still there under its name. */
export const keepsName = ({ before, after }: Change) => after !== undefined && fixedName(before) === fixedName(after);

/** A ConfigMap that a Job reads is gone, or has a new name. */
export const stillRead = (job: string) => (change: Change, plan: readonly Change[]) =>
    keepsName(change) || noLongerReads(plan, job, fixedName(change.before) ?? "")
        ? []
        : [effect("unknown", `The Job ${job} still reads it: check it.`)];
