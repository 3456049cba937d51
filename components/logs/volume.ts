import { Mi } from "../kubernetes/quantity";

/**
 * How the volume `postgres-logs` is divided, in bytes. PostgreSQL's log files and Fluent Bit's queue share it, so that a
 * line which waits for Elasticsearch is on the volume in one form or the other, and outlives the Pod.
 */
export interface LogVolume {
    /** What log files and queue may take together. Above it the oldest log files are removed. */
    limit: number;
    /** Size at which PostgreSQL begins the next log file. Files are removed whole. */
    fileSize: number;
    /** What Fluent Bit may keep of lines that Elasticsearch refused for good. */
    rejected: number;
    /** Free space below which the oldest log files are removed, whoever took it. */
    free: number;
}

/**
 * Bytes in Fluent Bit's queue for each byte in PostgreSQL's file, at most: a document has the names of its fields and the
 * Pod's beside it. Measured with Fluent Bit 5.1.1: 2.25 for lines of 426 bytes, 2.08 for lines of 1,406.
 */
const growth = 2.5;
/** Share of the volume that files and queue may take: the rest is for what is removed but still open, and `free`. */
const share = 5 / 8;

/** The smallest volume: its limit holds Fluent Bit's chunks under way (16 MiB) and some files beside them. */
export const smallestLogVolume = 64 * Mi;

/** Divides a volume of `size` bytes. */
export function logVolume(size: number): LogVolume {
    const limit = Math.floor(size * share);
    return {
        limit,
        fileSize: Math.min(64, Math.max(1, Math.floor(limit / 20 / Mi))) * Mi,
        rejected: Math.floor(size / 16),
        free: Math.floor(size / 16),
    };
}

/**
 * Bytes that a volume must have for an outage of Elasticsearch to lose nothing.
 *
 * All lines of the outage are counted in the larger of their two forms. Each restart of Fluent Bit moves some from the
 * files to the queue, so this holds for any number of restarts.
 *
 * @param peakRate KiB of log a second
 * @param outage seconds
 */
export function neededLogVolume(peakRate: number, outage: number): number {
    return Math.max(smallestLogVolume, Math.ceil((growth * peakRate * 1024 * outage) / share));
}
