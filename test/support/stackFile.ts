import type { Config } from "../../render/engine/evaluate";
import { asText, defaults, stackConfig } from "../../render/stackFile";

/** The stacks whose files are part of the repository. */
export const stacks = ["dev", "staging", "prod"] as const;
export type Stack = (typeof stacks)[number];

/** The secrets that a committed stack still needs. They must never appear in clear text. */
export const dummySecrets: Record<Stack, Record<string, string>> = {
    dev: {},
    staging: { "pglog:elasticsearchPassword": "dummy-elasticsearch-password" },
    prod: { "pglog:elasticsearchApiKey": "dummy-elasticsearch-api-key" },
};

/**
 * The configuration that a program sees in a committed stack: the defaults of Pulumi.yaml, the stack file, its secrets.
 */
export function stackFile(stack: Stack): Config {
    const own = Object.entries(stackConfig(`Pulumi.${stack}.yaml`)).map(([name, value]) => [name, asText(value)]);
    return {
        values: { ...defaults(), ...(Object.fromEntries(own) as Record<string, string>), ...dummySecrets[stack] },
        secretKeys: Object.keys(dummySecrets[stack]),
    };
}

/** The defaults with some keys changed; `secrets` are stored as secrets. */
export function configOf(values: Record<string, unknown>, secrets: Record<string, string> = {}): Config {
    const full = (given: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(given).map(([name, value]) => [`pglog:${name}`, asText(value)]));
    return {
        values: { ...defaults(), ...full(values), ...full(secrets) },
        secretKeys: Object.keys(full(secrets)),
    };
}
