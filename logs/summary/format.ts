import type { Kind } from "./requests";

/** The kinds of lines in words. */
export const kindNames: Record<Kind, string> = {
    checkpoints: "checkpoints",
    walCheckpoints: "checkpoints because WAL grew (max_wal_size)",
    restartpoints: "restartpoints",
    vacuums: "autovacuum: vacuum (those of 1 s or longer are logged)",
    analyzes: "autovacuum: analyze",
    temporaryFiles: "temporary files",
    lockWaits: "waits for a lock (of deadlock_timeout or longer)",
    deadlocks: "deadlocks",
    lostLines: "reports of lost lines",
};

/** An ISO 8601 time to the second, for people. */
export const stamp = (time: string) => time.slice(0, 19).replace("T", " ");

/** A whole number with commas between the thousands. */
export const grouped = (number: number) => Math.round(number).toLocaleString("en-US");

/** Nanoseconds in a unit for people. */
export function time(nanoseconds: number | null): string {
    if (nanoseconds === null) return "-";
    const milliseconds = nanoseconds / 1e6;
    if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
    const seconds = milliseconds / 1000;
    if (seconds < 120) return `${seconds.toFixed(1)} s`;
    return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
