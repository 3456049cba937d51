import { createHash } from "node:crypto";

/** Pseudo-random numbers. Equal seeds give equal numbers. */
export interface Random {
    /** At least 0, below 1. */
    next(): number;
    /** A whole number, both ends included. */
    between(low: number, high: number): number;
    pick<T>(values: readonly T[]): T;
}

/** A seed made from several parts, so that one part can be repeated alone. */
export function seedOf(...parts: (string | number)[]): number {
    return createHash("sha256").update(parts.join(":")).digest().readUInt32LE();
}

/** Mulberry32 (https://github.com/bryc/code/blob/master/jshash/PRNGs.md): short, fast, and good enough for test data. */
export function random(seed: number): Random {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
    return { next, between, pick: (values) => values[between(0, values.length - 1)]! };
}
