import type { Properties } from "./plugin";

/**
 * A Secret from a cluster, with its `stringData` restored from `data`. A cluster stores only `data`, which could not be
 * compared with the program's `stringData`.
 *
 * @param inputs the program's object, of any kind
 */
export function withTexts(live: Properties, inputs: Properties): Properties {
    const texts = inputs.stringData as Properties | undefined;
    if (texts === undefined || live.stringData !== undefined) return live;
    const data = (live.data ?? {}) as Record<string, string | undefined>;
    const stringData = Object.keys(texts).flatMap((name) => {
        const kept = data[name];
        return kept === undefined ? [] : [[name, Buffer.from(kept, "base64").toString()] as const];
    });
    return { ...live, stringData: Object.fromEntries(stringData) };
}
