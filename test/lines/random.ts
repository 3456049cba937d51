import { createHash } from "node:crypto";

/** Random numbers that follow from a seed, so that a round can be run again with the same ones. */
export class Random {
    private state: number;

    constructor(...seed: (string | number)[]) {
        this.state = createHash("sha256").update(seed.join(":")).digest().readUInt32LE();
    }

    /** A number from 0 up to, not including, 1: mulberry32. */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let bits = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
        return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    }

    /** A whole number between two, both included. */
    between(least: number, most: number): number {
        return least + Math.floor(this.next() * (most - least + 1));
    }
}
