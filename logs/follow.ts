import { setTimeout as delay } from "node:timers/promises";
import { Arrivals, type Mark } from "./arrivals";
import { fieldOf, type Hit } from "./line";
import { newest, pages, sequenceNumbers } from "./search";
import type { Elasticsearch } from "./source/elasticsearch";

/** A line is searchable one second after it arrived, and should be shown within three seconds of its commit. */
const usualInterval = 500;

export interface Follow {
    elasticsearch: Elasticsearch;
    query: object;
    /** Number of the newest lines to show first; undefined: all. */
    first?: number;
    /** The position of an earlier follower, to continue from there. */
    mark?: Mark;
    show: (hits: Hit[]) => Promise<void> | void;
    /** Called after each poll that showed something, with the new position. */
    moved?: (mark: Mark) => void;
    /** Called once with the reason when Elasticsearch does not answer, and without one when it answers again. */
    away: (error?: Error) => void;
    stop: AbortSignal;
    /** Milliseconds between two polls. @default 500 */
    interval?: number;
}

/** Shows lines, and then each new one, until it is stopped. After the first answer it survives any failure. */
export async function follow(options: Follow) {
    const { elasticsearch, query, show, moved, away, stop, interval = usualInterval } = options;
    const stopped = () => stop.aborted;
    const arrivals = await begin(options);
    moved?.(arrivals.mark());
    let failed = false;
    while (!stopped()) {
        try {
            if (failed) arrivals.returned(await sequenceNumbers(elasticsearch));
            let shown = 0;
            for await (const hits of pages(elasticsearch, { bool: { filter: [query, arrivals.query()] } })) {
                const fresh = arrivals.take(hits);
                shown += fresh.length;
                await show(fresh);
            }
            arrivals.looked();
            if (shown > 0) moved?.(arrivals.mark());
            if (failed) away();
            failed = false;
        } catch (error) {
            if (!failed && !stopped()) away(error as Error);
            failed = true;
        }
        await delay(interval, undefined, { signal: stop }).catch(() => undefined);
    }
}

/** Shows the existing lines, and remembers where they end. */
async function begin({ elasticsearch, query, first, mark, show }: Follow): Promise<Arrivals> {
    const there = await sequenceNumbers(elasticsearch);
    if (mark !== undefined) {
        const arrivals = Arrivals.from(mark);
        arrivals.returned(there);
        return arrivals;
    }
    if (first === undefined) {
        const [last] = await newest(elasticsearch, query, 1);
        const arrivals = new Arrivals(there, last && new Date(timeOf(last) - overlap));
        for await (const hits of pages(elasticsearch, query)) await show(arrivals.take(hits));
        return arrivals;
    }
    const hits = first === 0 ? [] : await newest(elasticsearch, query, first);
    // Lines before the first of them must not be shown, even if they arrived within the overlap.
    const from = hits.length > 0 ? Math.max(timeOf(hits.at(-1)!) - overlap, timeOf(hits[0]!) + 1) : undefined;
    const arrivals = new Arrivals(there, from === undefined ? undefined : new Date(from));
    await show(arrivals.take(hits));
    return arrivals;
}

/** Milliseconds before the newest line at the start. A line since then may still have been on its way. */
const overlap = 10_000;

const timeOf = ({ _source }: Hit) => Date.parse(String(fieldOf(_source, "@timestamp")));
