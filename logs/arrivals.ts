import { fieldOf, type Hit } from "./line";

/** What was seen in a few seconds: sequence numbers by index, and ids. */
interface Generation {
    begun: number;
    highest: Map<string, number>;
    ids: Set<string>;
}

/** Where a follower stands, as it is written to a file. */
export interface Mark {
    settled: [index: string, sequenceNumber: number][];
    /** The highest numbers beyond `settled` of lines that were shown. */
    highest: [index: string, sequenceNumber: number][];
    /** Ids of those lines. */
    shown: string[];
}

/** For how long, in ms, a generation takes in lines. The overlap is of one to two generations. */
const span = 3000;

/**
 * Which lines are new to a follower. Times do not say: lines that waited for Elasticsearch come after newer ones. The
 * sequence numbers that an index gives its documents do (the index template gives it one shard), but for an overlap: a
 * lower number may become visible after a higher one.
 *
 * So a follower asks again for what came in the last seconds, and drops what it has shown.
 */
export class Arrivals {
    private older: Generation;
    private newer: Generation;
    private turns = 0;

    /**
     * @param settled the highest number of each index at the start; every line of any other index is new
     * @param recent lines from here on are looked at again until the first overlap is over
     */
    constructor(
        private readonly settled: Map<string, number>,
        private recent?: Date,
        now = Date.now(),
    ) {
        this.older = { begun: now, highest: new Map(), ids: new Set() };
        this.newer = { begun: now, highest: new Map(), ids: new Set() };
    }

    static from({ settled, highest, shown }: Mark, now = Date.now()) {
        const arrivals = new Arrivals(new Map(settled), undefined, now);
        arrivals.older = { begun: now, highest: new Map(highest), ids: new Set(shown) };
        return arrivals;
    }

    mark(): Mark {
        return {
            settled: [...this.settled],
            highest: [...this.older.highest, ...this.newer.highest],
            shown: [...this.older.ids, ...this.newer.ids],
        };
    }

    /** Lines that may be new. */
    query(): object {
        const known = [...this.settled].map(([index, number]) => ({
            bool: { filter: [{ term: { _index: index } }, { range: { _seq_no: { gt: number } } }] },
        }));
        const others = { bool: { must_not: [{ terms: { _index: [...this.settled.keys()] } }] } };
        const recent = this.recent ? [{ range: { "@timestamp": { gte: this.recent.toISOString() } } }] : [];
        return { bool: { should: [...known, others, ...recent], minimum_should_match: 1 } };
    }

    /** Takes note of lines, and returns those that it did not know. */
    take(hits: Hit[]): Hit[] {
        return hits.filter((hit) => {
            const { _id: id, _index: index, _seq_no: number } = hit;
            if (this.older.ids.has(id) || this.newer.ids.has(id)) return false;
            if (this.comesAgain(hit)) this.newer.ids.add(id);
            this.newer.highest.set(index, Math.max(number, this.newer.highest.get(index) ?? -1));
            return true;
        });
    }

    private comesAgain({ _index, _seq_no, _source }: Hit) {
        if (_seq_no > (this.settled.get(_index) ?? -1)) return true;
        return this.recent !== undefined && String(fieldOf(_source, "@timestamp")) >= this.recent.toISOString();
    }

    /** To be called after each look that came to its end: moves on what is settled. */
    looked(now = Date.now()) {
        if (now - this.newer.begun < span) return;
        for (const [index, number] of this.older.highest)
            this.settled.set(index, Math.max(number, this.settled.get(index) ?? -1));
        this.turns += 1;
        if (this.turns === 2) this.recent = undefined;
        this.older = this.newer;
        this.newer = { begun: now, highest: new Map(), ids: new Set() };
    }

    /**
     * To be called after looks that failed, with what there is now. An Elasticsearch that was killed may give numbers a
     * second time that it gave just before.
     */
    returned(highest: Map<string, number>, now = Date.now()) {
        for (const numbers of [this.settled, this.older.highest, this.newer.highest])
            for (const [index, number] of numbers) numbers.set(index, Math.min(number, highest.get(index) ?? -1));
        this.newer.begun = now;
    }
}
