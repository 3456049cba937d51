import type { Line } from "../line";
import type { Summary } from "../summary/summary";

/** What happened in one span of time. Durations are nanoseconds, null if no statement was logged with one. */
export interface Moment {
    /** Its start: milliseconds since 1970, UTC. */
    time: number;
    lines: number;
    errors: number;
    /** Sessions that logged a line. The number is an estimate above 3,000. */
    sessions: number;
    p50: number | null;
    p95: number | null;
    p99: number | null;
}

/** A line of a statement. */
export type Example = Line & { duration: number };

/** The content of a page. It holds text that clients of the database wrote. */
export interface PageData {
    stack: string;
    /** ISO 8601. */
    since: string;
    until: string;
    summary: Summary;
    moments: Moment[];
    /** The slowest lines of each statement, in the order of `summary.statements`. */
    examples: Example[][];
}
