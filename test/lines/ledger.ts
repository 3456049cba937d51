/** The counts for a range of numbers. */
export interface Tally {
    sent: number;
    noted: number;
    /** Acknowledged, but in no document. */
    missing: number[];
    /** In more than one document, acknowledged or not. */
    doubled: number[];
}

const isNoted = 0x80;
const most = 0x7f;

/**
 * The numbers that were sent to PostgreSQL: which were acknowledged, and how many documents contain each one. A range is
 * given by the number before its first one, and by its last one.
 */
export class Ledger {
    private entries = new Uint8Array(1 << 16);
    /** The newest number. */
    last = 0;
    /** The number of acknowledged statements. */
    noted = 0;
    /** The number of documents with a number. */
    documents = 0;

    /** Records a new number that is about to be sent. */
    send(): number {
        this.last += 1;
        if (this.last >= this.entries.length) {
            const larger = new Uint8Array(this.entries.length * 2);
            larger.set(this.entries);
            this.entries = larger;
        }
        return this.last;
    }

    /** Records that PostgreSQL has acknowledged a number's statement. */
    note(number: number) {
        this.entries[number]! |= isNoted;
        this.noted += 1;
    }

    /** Records that Elasticsearch has a document with a number. */
    see(number: number) {
        this.documents += 1;
        const entry = this.entries[number];
        if (entry !== undefined && (entry & most) < most) this.entries[number] = entry + 1;
    }

    /** The number of acknowledged numbers of a range that are in no document. */
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
