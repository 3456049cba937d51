/**
 * What a change can do, the worst first. `says` is how the verdict names it, `sign` what a reader sees before reading.
 *
 * What is done to data that nothing else has stands first, then what everyone can reach, then what stops working.
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
    credentials: { sign: "🟠", says: "clients need another password" },
    unknown: { sign: "🟡", says: "unknown: look" },
    restart: { sign: "🟡", says: "restarts PostgreSQL" },
    delivery: { sign: "🟡", says: "log lines arrive late" },
    logging: { sign: "🟢", says: "changes what is logged" },
    none: { sign: "🟢", says: "safe" },
} as const;

export type Level = keyof typeof levels;
/** The worst first. */
export const levelNames = Object.keys(levels) as Level[];

/** One consequence, in a sentence for the person who reviews it. */
export interface Effect {
    level: Level;
    says: string;
}

export function effect(level: Level, says: string): Effect {
    return { level, says };
}

/** For sorting: the worst first. */
export function byLevel(a: Level, b: Level): number {
    return levelNames.indexOf(a) - levelNames.indexOf(b);
}

/** The worst of them; `none` where there are none. */
export function worst(found: readonly Level[]): Level {
    return [...found].sort(byLevel)[0] ?? "none";
}

/**
 * Seconds for which PostgreSQL takes no connections when its Pod is replaced: it ends its sessions, writes a
 * checkpoint, and a new Pod starts. Measured, see docs/report.md; a large `shared_buffers` or an image that has to be
 * pulled adds to it.
 */
export const restartSeconds = 20;
