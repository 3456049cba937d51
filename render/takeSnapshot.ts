import { loadConfig, ConfigError } from "../stacks/config";
import { logDatabase } from "../stacks/logDatabase";
import { evaluate, type Config } from "./engine/evaluate";
import { digest, objectName, Secret, type Registered } from "./engine/monitor";
import type { Snapshot, SnapshotResource } from "./snapshot";
import { readStackConfig, withSecrets } from "./stackConfig";

/**
 * Evaluates the program for a stack, without engine, cluster or secrets.
 *
 * @param file of the stack, such as Pulumi.dev.yaml
 * @returns the snapshot, and the names of the secrets that the stack needs but the file lacks
 * @throws the program's errors: ConfigError for an invalid configuration
 */
export async function takeSnapshot(stack: string, file: string) {
    const config = readStackConfig(file);
    const first = await evaluated(stack, config);
    const missing = first.error instanceof ConfigError ? first.error.missingSecrets : [];
    const { error, resources } = missing.length > 0 ? await evaluated(stack, withSecrets(config, missing)) : first;
    if (error !== undefined) throw error;
    const snapshot: Snapshot = { stack, resources: resources.filter(({ custom }) => custom).map(withoutSecrets) };
    return { snapshot, missing };
}

async function evaluated(stack: string, config: Config) {
    const { resources, failures } = await evaluate(() => logDatabase(loadConfig()), { stack, config });
    return { resources, error: failures[0] as Error | undefined };
}

function withoutSecrets(one: Registered): SnapshotResource {
    const { urn, type, name, options, inputs } = one;
    const inCluster = type.startsWith("kubernetes:") && { objectName: objectName(one) };
    return { urn, type, name, ...inCluster, options, inputs: masked(inputs) as Record<string, unknown> };
}

/** A value with each secret replaced by a digest, which shows only whether the secret changed. */
function masked(value: unknown): unknown {
    if (value instanceof Secret) return hidden(value.value);
    if (Array.isArray(value)) return value.map(masked);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

function hidden(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return `[secret ${digest(value)}]`;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hidden(member)]));
}
