import { parse } from "yaml";
import type { FieldChange } from "../change";

/**
 * What differs between the inputs of a resource. The elements of a list go by their names, not by their places; files
 * in a ConfigMap go by what they say, not by their text. An element that comes or goes is one change.
 */
export function fieldChanges(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
    return [...differences("", readable(before), readable(after))];
}

/** The inputs with the files of a ConfigMap as what they say. */
function readable(inputs: Record<string, unknown>): Record<string, unknown> {
    if (inputs.kind !== "ConfigMap" || typeof inputs.data !== "object" || inputs.data === null) return inputs;
    const files = Object.entries(inputs.data as Record<string, unknown>);
    return { ...inputs, data: Object.fromEntries(files.map(([name, text]) => [name, content(name, text)])) };
}

/** Readers of the kinds of files that the program writes; a text that is none of these is compared as it is. */
const readers: [RegExp, (text: string) => unknown][] = [
    [/\.json$/, (text) => JSON.parse(text) as unknown],
    [/\.yaml$/, (text) => parse(text) as unknown],
    [/^(postgresql|logging)\.conf$/, settingsOf],
];

function content(name: string, text: unknown): unknown {
    const reader = readers.find(([pattern]) => pattern.test(name))?.[1];
    if (typeof text !== "string" || reader === undefined) return text;
    try {
        return reader(text);
    } catch {
        return text; // not what its name says, or not known yet
    }
}

/** PostgreSQL's `name = value` lines; the last one of a name is the one that holds. */
function settingsOf(text: string): Record<string, string> {
    const lines = text.split("\n").map((line) => /^(\w[\w.]*) = (.*)$/.exec(line));
    return Object.fromEntries(lines.filter((line) => line !== null).map((line) => [line[1]!, line[2]!]));
}

function* differences(path: string, from: unknown, to: unknown): Generator<FieldChange> {
    const [before, after] = [members(from), members(to)];
    const comparable = before && after ? before.list === after.list : (before ?? after)?.list === false;
    // What has members on one side and is something else on the other is no member by member change.
    if (!comparable || (!before && from !== undefined) || (!after && to !== undefined)) {
        if (JSON.stringify(from) !== JSON.stringify(to)) yield { path, from, to };
        return;
    }
    const list = (before ?? after)!.list;
    const whole = list || path === "data"; // an element of a list and a file of a ConfigMap come and go as one
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

/** The members of an object, or the elements of a list whose elements have names; undefined for anything else. */
function members(value: unknown): Members | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!Array.isArray(value)) return { values: new Map(Object.entries(value)), list: false };
    const named = value.map((element) => [elementName(element), element] as const);
    const names = new Set(named.map(([name]) => name));
    if (names.has(undefined) || names.size < named.length) return undefined;
    return { values: new Map(named as [string, unknown][]), list: true };
}

/** What tells an element from the others of its list, in Kubernetes and in Fluent Bit's configuration. */
function elementName(element: unknown): string | undefined {
    if (typeof element !== "object" || element === null) return undefined;
    const { mountPath, alias, name, key } = element as Record<string, unknown>;
    const source = (element as Record<string, { name?: unknown } | undefined>).configMap?.name;
    const found = mountPath ?? alias ?? name ?? key ?? source;
    return typeof found === "string" ? found : undefined;
}

/** A name with a dot, a slash or a blank in it, and every element of a list, is in brackets. */
function joined(path: string, name: string, element: boolean): string {
    if (element || !/^[\w-]+$/.test(name)) return `${path}[${name}]`;
    return path === "" ? name : `${path}.${name}`;
}
