import { readdirSync, readFileSync } from "node:fs";
import { format } from "prettier";
import type { Deployment } from "./deploy";
import { Secret, type Registered } from "../../render/engine/monitor";

const scripts = new Map(
    readdirSync("components/scripts").map((name) => [
        readFileSync(`components/scripts/${name}`, "utf8"),
        `[components/scripts/${name}]`,
    ]),
);

/**
 * Blocks that many objects contain, each with a title. `<text>` and `<number>` stand for one value, which the title
 * repeats. A block that differs from its entry here is written out in full.
 */
const shared = Object.entries(
    JSON.parse(readFileSync("test/golden/shared.json", "utf8")) as Record<string, object>,
).map(([title, block]) => ({ title, pattern: blockPattern(block) }));

function blockPattern(block: object): RegExp {
    const text = JSON.stringify(block).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const captured = text.replace("<text>", "([\\w-]+)").replace('"<number>"', "(\\d+)");
    return new RegExp(`^${captured.replaceAll("<text>", "\\1").replaceAll('"<number>"', "\\1")}$`);
}

/** The title of a shared block; undefined for any other object. */
function sharedTitle(object: object): string | undefined {
    const text = JSON.stringify(object);
    for (const { title, pattern } of shared) {
        const match = pattern.exec(text);
        if (match) return title.replace(/<text>|<number>/, match[1] ?? "");
    }
    return undefined;
}

/**
 * Everything that a deployment registered, as stable text for a review. Keys are sorted and secrets hidden. A text of
 * several lines is a list of lines. A script or a shared block is replaced by its name.
 */
export function stable({ resources, outputs }: Pick<Deployment, "resources" | "outputs">): Promise<string> {
    const text = JSON.stringify({ resources: resources.map(entry), outputs: sorted(outputs) });
    return format(text, { parser: "json", printWidth: 120, tabWidth: 4 });
}

function entry({ type, name, parent, inputs, options, outputs }: Registered) {
    return {
        resource: `${type} ${name}`,
        ...(parent !== undefined && { parent: parent.split("::")[3] }),
        ...(Object.keys(options).length > 0 && { options: sorted(options) }),
        inputs: sorted(inputs),
        ...(outputs !== undefined && { outputs: sorted(outputs) }),
    };
}

function sorted(value: unknown): unknown {
    if (value instanceof Secret) return "[secret]";
    if (typeof value === "string") return scripts.get(value) ?? (value.includes("\n") ? value.split("\n") : value);
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    const object = Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
    return sharedTitle(object) ?? object;
}

interface Golden {
    resources: { resource: string }[];
    outputs: object;
}

/**
 * The difference between two such texts, short enough to read: for each resource the removed and the added lines, from
 * the first difference to the last.
 */
export function changes(expected: string, actual: string): string[] {
    const [before, after] = [expected, actual].map((text) => {
        const { resources, outputs } = (text === "" ? { resources: [], outputs: {} } : JSON.parse(text)) as Golden;
        const parts = [
            ...resources.map((one) => [one.resource, one] as const),
            ["outputs of the stack", outputs] as const,
        ];
        return new Map(parts.map(([name, part]) => [name, JSON.stringify(part, null, 2).split("\n")]));
    }) as [Map<string, string[]>, Map<string, string[]>];
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
        const [removed, added] = trimmed(before.get(name) ?? [], after.get(name) ?? []);
        return removed.length + added.length === 0
            ? []
            : [[name, ...short(removed, "-"), ...short(added, "+")].join("\n    ")];
    });
}

/** Both texts without their common first and last lines. */
function trimmed(a: string[], b: string[]): [string[], string[]] {
    const shorter = Math.min(a.length, b.length);
    let start = 0;
    while (start < shorter && a[start] === b[start]) start += 1;
    let end = 0;
    while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
    return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

function short(lines: string[], sign: string): string[] {
    const shown = lines.slice(0, 12).map((line) => `${sign} ${line.trim()}`);
    return lines.length > 12 ? [...shown, `${sign} and ${lines.length - 12} lines more`] : shown;
}
