import { pairedRatio, spread, type Spread } from "./statistics";

/** Measurements of one shipper in one round. */
export interface Run {
    /** User and system time of its processes from their start to the arrival of the last document, in seconds. */
    cpu: number;
    /** Wall time of the same span, in seconds. */
    wall: number;
    /** Bytes. */
    peakMemory: number;
    wireBytes: number;
    documents: number;
}

/** A shipper's runs, or the reason for none. */
export interface Measured {
    id: string;
    title: string;
    durable: string;
    version?: string;
    skipped?: string;
    runs: Run[];
}

/** A shipper's numbers in the table. */
export interface Summary {
    /** CPU per line in µs. */
    cpu: Spread;
    /** CPU as a multiple of the reference's. */
    ratio?: Spread;
    /** Lines per second on one core. */
    linesPerCore: number;
    /** Bytes per line in requests, headers included. */
    wireBytesPerLine: number;
    /** Maximum of all runs, in bytes. */
    peakMemory: number;
    documents: number;
}

/** The result of a benchmark and its parameters. */
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
 * @param reference the runs of the reference shipper
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
