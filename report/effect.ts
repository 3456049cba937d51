/**
 * The levels of an effect, worst first: lost data, then public access, then downtime, then the rest. The verdict shows
 * `sign` and `says`.
 */
export const levels = {
    "data-loss": { sign: "🔴", says: "would lose data" },
    "log-loss": { sign: "🔴", says: "would lose log lines" },
    open: { sign: "🔴", says: "opens the database to everyone" },
    outage: { sign: "🔴", says: "PostgreSQL stays down" },
    empty: { sign: "🟠", says: "clients find an empty database" },
    refused: { sign: "🟠", says: "`pulumi up` would fail" },
    security: { sign: "🟠", says: "security weakens" },
    exposure: { sign: "🟠", says: "exposure widens" },
    address: { sign: "🟠", says: "an address changes" },
    credentials: { sign: "🟠", says: "clients need a new password" },
    limits: { sign: "🟠", says: "clients meet tighter limits" },
    unknown: { sign: "🟡", says: "unknown: check it" },
    restart: { sign: "🟡", says: "restarts PostgreSQL" },
    delivery: { sign: "🟡", says: "log lines arrive late" },
    logging: { sign: "🟢", says: "changes what is logged" },
    reload: { sign: "🟢", says: "reloads PostgreSQL's settings" },
    none: { sign: "🟢", says: "safe" },
} as const;

export type Level = keyof typeof levels;
/** All levels, worst first. */
export const levelNames = Object.keys(levels) as Level[];

/** One consequence of a change, as a sentence for the reviewer. */
export interface Effect {
    level: Level;
    says: string;
}

export function effect(level: Level, says: string): Effect {
    return { level, says };
}

/** Comparison for sorting, worst first. */
export function byLevel(a: Level, b: Level): number {
    return levelNames.indexOf(a) - levelNames.indexOf(b);
}

/** The worst of the levels; `none` for an empty list. */
export function worst(found: readonly Level[]): Level {
    return [...found].sort(byLevel)[0] ?? "none";
}

/**
 * Seconds without connections while PostgreSQL's Pod is replaced: it ends sessions, writes a checkpoint, and a new Pod
 * starts. Measured, see docs/report.md. A large `shared_buffers` or an image pull takes longer.
 */
export const restartSeconds = 20;
