import { fieldOf, type Hit } from "./line";

/** The lines found in a few seconds: highest sequence numbers by index, and ids. */
interface Generation {
    begun: number;
    highest: Map<string, number>;
    ids: Set<string>;
}

/** A follower's position, as it is stored in a file. */
export interface Mark {
    settled: [index: string, sequenceNumber: number][];
    /** The highest numbers beyond `settled` of lines that were shown. */
    highest: [index: string, sequenceNumber: number][];
    /** Ids of those lines. */
    shown: string[];
}

/** Milliseconds for which a generation collects lines. The overlap is one to two generations. */
const span = 3000;

/**
 * Finds the lines that are new to a follower. Their times do not help: lines that waited for Elasticsearch arrive after
 * newer ones. The sequence numbers in an index do (the index template gives it one shard), with one exception: a lower
 * number may become visible after a higher one.
 *
 * So a follower requests the lines of the last seconds again, and drops those that it has shown.
 */
export class Arrivals {
    private older: Generation;
    private newer: Generation;
    private turns = 0;

    /**
     * @param settled the highest number of each index at the start; every line of any other index is new
     * @param recent lines since this time are requested again until the first overlap is over
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

    /** Records lines, and returns those that are new. */
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

    /** Call this after each successful poll. It moves `settled` forward. */
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
     * Call this after failed polls, with the current highest numbers. An Elasticsearch that was killed may use its last
     * numbers a second time.
     */
    returned(highest: Map<string, number>, now = Date.now()) {
        for (const numbers of [this.settled, this.older.highest, this.newer.highest])
            for (const [index, number] of numbers) numbers.set(index, Math.min(number, highest.get(index) ?? -1));
        this.newer.begun = now;
    }
}
