import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Text of a script in components/scripts/, for use in a container. */
export function script(name: string): string {
    return readFileSync(join(__dirname, "..", "scripts", name), "utf8");
}

/** Data of a ConfigMap with several scripts. */
export function scripts(...names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, script(name)]));
}

/**
 * Checksum of a Pod's configuration, for an annotation of its template.
 *
 * The ConfigMaps have fixed names, and Kubernetes restarts no Pod when their data changes. A changed annotation does.
 */
export function checksum(data: unknown): string {
    return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
}
