import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a directory of the container by one of this machine, in every text that begins with it. */
export interface Relocation {
    from: string;
    to: string;
}

/** The same value with all paths replaced. The directories exist afterwards. */
export function relocated<Value>(value: Value, relocations: readonly Relocation[]): Value {
    const longestFirst = relocations.toSorted((one, other) => other.from.length - one.from.length);
    const moved = (text: string) => {
        const found = longestFirst.find(({ from }) => text === from || text.startsWith(`${from}/`));
        if (found === undefined) return text;
        const path = found.to + text.slice(found.from.length);
        mkdirSync(dirname(path), { recursive: true });
        return path;
    };
    const walk = (node: unknown): unknown => {
        if (typeof node === "string") return moved(node);
        if (Array.isArray(node)) return node.map(walk);
        if (typeof node !== "object" || node === null) return node;
        return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, walk(member)]));
    };
    return walk(value) as Value;
}
