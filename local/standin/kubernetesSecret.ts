import type { Properties } from "./plugin";

/**
 * A Secret as a cluster has it, with the texts that the program gives it as texts again: a cluster keeps them in `data`
 * alone, and what the program gives could not be compared with that.
 *
 * @param inputs the object as the program gives it, of whichever kind
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
