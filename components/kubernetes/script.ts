import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a script that runs in a container, from components/scripts/. */
export function script(name: string): string {
    return readFileSync(join(__dirname, "..", "scripts", name), "utf8");
}

/** Several scripts as the data of a ConfigMap. */
export function scripts(...names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, script(name)]));
}

/**
 * What changes when the data changes, for the annotation that makes a Pod follow its ConfigMaps: they have fixed names,
 * and Kubernetes restarts nothing when their data changes.
 */
export function checksum(data: unknown): string {
    return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
}
