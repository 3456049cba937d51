import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Config } from "../../render/evaluate";

/** The stacks whose files are part of the repository. */
export const stacks = ["dev", "staging", "prod"] as const;
export type Stack = (typeof stacks)[number];

/** One key in Pulumi.yaml's `config`: this program's own, or a value for another one (a provider). */
export interface DeclaredKey {
    type: "string" | "integer" | "boolean" | "array" | "object";
    default?: unknown;
    description?: string;
    value?: unknown;
}

/** `config` of Pulumi.yaml. */
export function declaredKeys(): Record<string, DeclaredKey> {
    return (parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, DeclaredKey> }).config;
}

/** `config` of Pulumi.<stack>.yaml, by full name. */
export function stackConfig(stack: Stack): Record<string, unknown> {
    return (parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> }).config;
}

/** Text as the engine hands values to a program. */
export function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** The defaults of Pulumi.yaml, as the engine applies them. */
export function defaults(): Record<string, string> {
    return Object.fromEntries(
        Object.entries(declaredKeys()).map(([name, key]) =>
            name.includes(":") ? [name, asText(key.value)] : [`pglog:${name}`, asText(key.default)],
        ),
    );
}

/** What a person still has to give a committed stack, and must never be seen in clear text. */
export const dummySecrets: Record<Stack, Record<string, string>> = {
    dev: {},
    staging: { "pglog:elasticsearchPassword": "dummy-elasticsearch-password" },
    prod: { "pglog:elasticsearchApiKey": "dummy-elasticsearch-api-key" },
};

/** The configuration that a program sees in a committed stack: Pulumi.yaml's defaults, the stack's file, its secrets. */
export function stackFile(stack: Stack): Config {
    const own = Object.entries(stackConfig(stack)).map(([name, value]) => [name, asText(value)]);
    return {
        values: { ...defaults(), ...(Object.fromEntries(own) as Record<string, string>), ...dummySecrets[stack] },
        secretKeys: Object.keys(dummySecrets[stack]),
    };
}

/** The defaults with some keys set otherwise; `secrets` are stored as such. */
export function configOf(values: Record<string, unknown>, secrets: Record<string, string> = {}): Config {
    const full = (given: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(given).map(([name, value]) => [`pglog:${name}`, asText(value)]));
    return {
        values: { ...defaults(), ...full(values), ...full(secrets) },
        secretKeys: Object.keys(full(secrets)),
    };
}
