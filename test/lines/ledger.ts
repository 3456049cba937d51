/** The counts for a range of numbers. */
export interface Tally {
    sent: number;
    noted: number;
    /** Noted, and in no document. */
    missing: number[];
    /** In more than one document, noted or not. */
    doubled: number[];
}

const isNoted = 0x80;
const most = 0x7f;

/**
 * The numbers that were sent to PostgreSQL: which of them it acknowledged, and in how many documents each one is.
 * A range of numbers is given by the last number before it and its own last number.
 */
export class Ledger {
    private entries = new Uint8Array(1 << 16);
    /** The newest number. */
    last = 0;
    /** The number of noted statements. */
    noted = 0;
    /** The number of documents with a number. */
    documents = 0;

    /** A new number, about to be sent. */
    send(): number {
        this.last += 1;
        if (this.last >= this.entries.length) {
            const larger = new Uint8Array(this.entries.length * 2);
            larger.set(this.entries);
            this.entries = larger;
        }
        return this.last;
    }

    /** PostgreSQL has acknowledged the statement with this number. */
    note(number: number) {
        this.entries[number]! |= isNoted;
        this.noted += 1;
    }

    /** A document with this number is in Elasticsearch. */
    see(number: number) {
        this.documents += 1;
        const entry = this.entries[number];
        if (entry !== undefined && (entry & most) < most) this.entries[number] = entry + 1;
    }

    /** The number of noted numbers of a range without a document. */
    unseen(after: number, last: number): number {
        let count = 0;
        for (let number = after + 1; number <= last; number += 1) if (this.entries[number] === isNoted) count += 1;
        return count;
    }

    tally(after: number, last: number): Tally {
        const tally: Tally = { sent: last - after, noted: 0, missing: [], doubled: [] };
        for (let number = after + 1; number <= last; number += 1) {
            const entry = this.entries[number]!;
            if ((entry & isNoted) !== 0) tally.noted += 1;
            if (entry === isNoted) tally.missing.push(number);
            if ((entry & most) > 1) tally.doubled.push(number);
        }
        return tally;
    }
}
