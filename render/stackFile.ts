import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** One key in Pulumi.yaml's `config`: a key of this program, or a value for a provider. */
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

/** A value as the engine passes it to a program: text, or JSON. */
export function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** The defaults of Pulumi.yaml by full name, as the engine applies them. */
export function defaults(): Record<string, string> {
    return Object.fromEntries(
        Object.entries(declaredKeys()).map(([name, key]) =>
            name.includes(":") ? [name, asText(key.value)] : [`pglog:${name}`, asText(key.default)],
        ),
    );
}

/** `config` of a stack's file by full name. */
export function stackConfig(file: string): Record<string, unknown> {
    return (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config ?? {};
}

/** True for an encrypted value of a stack's file. */
export const isEncrypted = (value: unknown): value is { secure: string } =>
    typeof value === "object" && value !== null && "secure" in value;
