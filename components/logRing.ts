import { Mi } from "./quantity";

/** How far back the ring of log files in the Pod reaches. */
export type LogRetention = "1h" | "24h";

/** Where the ring lies: on the node's disk, or in memory that counts against PostgreSQL's limit. */
export type LogVolumeMedium = "disk" | "memory";

/** The ring of log files that PostgreSQL writes, and reuses from the start when it is through. */
export interface LogRing {
    /** PostgreSQL's `log_filename`: as many names as the ring has files, each used again after one turn. */
    filename: string;
    /** PostgreSQL's `log_rotation_age`, in minutes: how long it writes to one file. */
    rotationMinutes: number;
    files: number;
}

/**
 * The rotation age is the resolution of the name's pattern. With an age of 5 minutes and `%M`, a start at 12:03 would
 * open a file `03` that no later rotation truncates.
 */
const rings: Record<LogRetention, LogRing> = {
    "1h": { filename: "postgresql-%M.log", rotationMinutes: 1, files: 60 },
    "24h": { filename: "postgresql-%H.log", rotationMinutes: 60, files: 24 },
};

export function logRing(retention: LogRetention): LogRing {
    return rings[retention];
}

/**
 * The most that the ring can hold, in bytes, at a steady `peakRate` in KiB/s.
 *
 * One file more than the ring has: PostgreSQL appends when it starts, so the file of that moment can hold what was
 * written a turn ago as well.
 */
export function logRingBytes(retention: LogRetention, peakRate: number): number {
    const { files, rotationMinutes } = rings[retention];
    return (files + 1) * rotationMinutes * 60 * peakRate * 1024;
}

/** The smallest volume, in whole MiB, that holds the ring. */
export function smallestLogVolume(retention: LogRetention, peakRate: number): string {
    return `${Math.ceil(logRingBytes(retention, peakRate) / Mi)}Mi`;
}
