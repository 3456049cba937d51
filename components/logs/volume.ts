import { Mi } from "../kubernetes/quantity";

/** Name of the claim for log files and queue. A claim under a different name would be empty. */
export const logVolumeClaim = "postgres-log-queue";

/**
 * Shares of the volume `postgres-logs`, in bytes.
 *
 * PostgreSQL's log files and Fluent Bit's queue share this volume, which outlives the Pod. A line that waits for
 * Elasticsearch is always in one of the two.
 */
export interface LogVolume {
    /** Limit for log files and queue together. Above it the log keeper removes the oldest log files. */
    limit: number;
    /** Size at which PostgreSQL starts a new log file. The log keeper removes whole files. */
    fileSize: number;
    /** Limit for lines that Elasticsearch refused permanently and Fluent Bit keeps. */
    rejected: number;
    /** Free space to keep, whoever uses the rest. Below it the log keeper removes the oldest log files. */
    free: number;
}

/**
 * Largest ratio of a line's size in Fluent Bit's queue to its size in PostgreSQL's file. A document also holds the names
 * of its fields and the Pod's. Measured with Fluent Bit 5.1.1: 2.25 for lines of 426 bytes, 2.08 for lines of 1,406.
 */
const growth = 2.5;
/** Share of the volume for files and queue. The rest is for removed files that are still open, and for `free`. */
const share = 5 / 8;

/** The smallest volume. Its limit holds the chunks that Fluent Bit is sending (16 MiB) and some log files. */
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
 * Bytes that a volume needs so that an outage of Elasticsearch loses no line.
 *
 * Every line counts in the larger of its two forms. Each restart of Fluent Bit moves some lines from the files to the
 * queue, so the result holds for any number of restarts.
 *
 * @param peakRate KiB of log per second
 * @param outage seconds
 */
export function neededLogVolume(peakRate: number, outage: number): number {
    return Math.max(smallestLogVolume, Math.ceil((growth * peakRate * 1024 * outage) / share));
}
