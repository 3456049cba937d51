import { pairedRatio, spread, type Spread } from "./statistics";

/** What was measured of one shipper in one round. */
export interface Run {
    /** User and system time of its processes from their start to the arrival of the last document, in seconds. */
    cpu: number;
    /** Seconds for the same. */
    wall: number;
    /** Bytes. */
    peakMemory: number;
    wireBytes: number;
    documents: number;
}

/** A shipper's runs, or why there are none. */
export interface Measured {
    id: string;
    title: string;
    durable: string;
    version?: string;
    skipped?: string;
    runs: Run[];
}

/** The numbers of a shipper in the table. */
export interface Summary {
    /** µs of CPU a line. */
    cpu: Spread;
    /** CPU as a multiple of the reference's. */
    ratio?: Spread;
    /** Lines a second that one core is enough for. */
    linesPerCore: number;
    /** Of requests, headers and all. */
    wireBytesPerLine: number;
    /** Bytes, the largest of all runs. */
    peakMemory: number;
    documents: number;
}

/** All of a benchmark: what was measured, and of what. */
export interface Result {
    machine: { processor: string; cores: number; kernel: string };
    seed: number;
    lines: number;
    bytesPerLine: number;
    rounds: number;
    shippers: (Measured & { summary?: Summary })[];
}

const micros = (runs: readonly Run[], lines: number) => runs.map(({ cpu }) => (cpu * 1e6) / lines);

/**
 * @param lines in each run
 * @param reference the runs of the shipper that this one is held to
 */
export function summary(runs: readonly Run[], lines: number, reference: readonly Run[]): Summary {
    const cpu = spread(micros(runs, lines));
    return {
        cpu,
        ...(reference.length > 0 && { ratio: pairedRatio(micros(runs, lines), micros(reference, lines)) }),
        linesPerCore: 1e6 / cpu.median,
        wireBytesPerLine: spread(runs.map(({ wireBytes }) => wireBytes / lines)).median,
        peakMemory: Math.max(...runs.map((run) => run.peakMemory)),
        documents: runs[0]!.documents,
    };
}
