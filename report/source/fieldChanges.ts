import type { FieldChange } from "../change";
import { requestOf, yamlOf } from "../files";

/**
 * The fields that differ between two versions of a resource's inputs. List elements are matched by name, not by
 * position. Files in a ConfigMap are compared by parsed content. An added or removed element is one change.
 */
export function fieldChanges(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
    return [...differences("", readable(before), readable(after))];
}

/** The inputs with the files of a ConfigMap parsed. */
function readable(inputs: Record<string, unknown>): Record<string, unknown> {
    if (inputs.kind !== "ConfigMap" || typeof inputs.data !== "object" || inputs.data === null) return inputs;
    const files = Object.entries(inputs.data as Record<string, unknown>);
    return { ...inputs, data: Object.fromEntries(files.map(([name, text]) => [name, content(name, text)])) };
}

/** Parsers for the files that the program writes. Other files are compared as text. */
const readers: [RegExp, (text: string) => unknown][] = [
    [/\.json$/, (text) => JSON.parse(text) as unknown],
    [/\.yaml$/, yamlOf],
    [/\.http$/, requestOf],
    [/^(postgresql|reloadable|logging)\.conf$/, settingsOf],
];

function content(name: string, text: unknown): unknown {
    const reader = readers.find(([pattern]) => pattern.test(name))?.[1];
    if (typeof text !== "string" || reader === undefined) return text;
    try {
        return reader(text);
    } catch {
        return text; // invalid, or not known yet
    }
}

/** PostgreSQL's `name = value` lines; the last value of a name wins. */
export function settingsOf(text: string): Record<string, string> {
    const lines = text.split("\n").map((line) => /^(\w[\w.]*) = (.*)$/.exec(line));
    return Object.fromEntries(lines.filter((line) => line !== null).map((line) => [line[1]!, line[2]!]));
}

function* differences(path: string, from: unknown, to: unknown): Generator<FieldChange> {
    const [before, after] = [members(from), members(to)];
    const comparable = before && after ? before.list === after.list : (before ?? after)?.list === false;
    // If only one side has members, the whole value is one change.
    if (!comparable || (!before && from !== undefined) || (!after && to !== undefined)) {
        if (JSON.stringify(from) !== JSON.stringify(to)) yield { path, from, to };
        return;
    }
    const list = (before ?? after)!.list;
    const whole = list || path === "data"; // list elements and ConfigMap files are added and removed as a whole
    for (const name of new Set([...(before?.values.keys() ?? []), ...(after?.values.keys() ?? [])])) {
        const [a, b] = [before?.values.get(name), after?.values.get(name)];
        const at = joined(path, name, whole);
        if (whole && (a === undefined || b === undefined)) yield { path: at, from: a, to: b };
        else yield* differences(at, a, b);
    }
}

interface Members {
    values: Map<string, unknown>;
    list: boolean;
}

/** The members of an object, or of a list whose elements all have names; otherwise undefined. */
function members(value: unknown): Members | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!Array.isArray(value)) return { values: new Map(Object.entries(value)), list: false };
    const named = value.map((element) => [elementName(element), element] as const);
    const names = new Set(named.map(([name]) => name));
    if (names.has(undefined) || names.size < named.length) return undefined;
    return { values: new Map(named as [string, unknown][]), list: true };
}

/** The name of a list element in Kubernetes or Fluent Bit's configuration. */
function elementName(element: unknown): string | undefined {
    if (typeof element !== "object" || element === null) return undefined;
    const { mountPath, alias, name, key } = element as Record<string, unknown>;
    const source = (element as Record<string, { name?: unknown } | undefined>).configMap?.name;
    const found = mountPath ?? alias ?? name ?? key ?? source;
    return typeof found === "string" ? found : undefined;
}

/** Appends a name to a path. List elements and names with special characters are in brackets. */
function joined(path: string, name: string, element: boolean): string {
    if (element || !/^[\w-]+$/.test(name)) return `${path}[${name}]`;
    return path === "" ? name : `${path}.${name}`;
}
