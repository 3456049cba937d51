import { setTimeout as delay } from "node:timers/promises";
import { Arrivals, type Mark } from "./arrivals";
import { fieldOf, type Hit } from "./line";
import { newest, pages, sequenceNumbers } from "./search";
import type { Elasticsearch } from "./source/elasticsearch";

/** A line is searchable a second after it arrived, and is to be shown three seconds after its commit. */
const usualInterval = 500;

export interface Follow {
    elasticsearch: Elasticsearch;
    query: object;
    /** How many of the newest lines are shown first; undefined: all. */
    first?: number;
    /** Where an earlier follower stood, in the place of that. */
    mark?: Mark;
    show: (hits: Hit[]) => Promise<void> | void;
    /** Called after each look that showed something, with where to go on. */
    moved?: (mark: Mark) => void;
    /** Called once when Elasticsearch does not answer, with why, and with nothing when it answers again. */
    away: (error?: Error) => void;
    stop: AbortSignal;
    /** Between two looks, in ms. @default 500 */
    interval?: number;
}

/**
 * Shows lines, and then each one that comes, until it is told to stop. From the first answer on it outlives any failure.
 */
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

/** Shows what there is, and remembers where it ends. */
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
    // What came before the first of them is not to be shown, though it came within the overlap.
    const from = hits.length > 0 ? Math.max(timeOf(hits.at(-1)!) - overlap, timeOf(hits[0]!) + 1) : undefined;
    const arrivals = new Arrivals(there, from === undefined ? undefined : new Date(from));
    await show(arrivals.take(hits));
    return arrivals;
}

/** Before the newest line at the start, in ms: from here on a line may have been on its way then. */
const overlap = 10_000;

const timeOf = ({ _source }: Hit) => Date.parse(String(fieldOf(_source, "@timestamp")));
