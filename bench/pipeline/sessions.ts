import type { Random } from "./random";

/** The part of a connection that its log lines show. */
export interface Session {
    pid: number;
    /** Seconds since 1970. */
    start: number;
    user: string;
    database: string;
    application: string;
    host: string;
    port: number;
    /** Number of its last line. */
    line: number;
    /** Number of its last transaction. */
    transaction: number;
}

const applications = [
    { user: "shop", database: "shop", application: "checkout-api" },
    { user: "shop", database: "shop", application: "order-worker" },
    { user: "reporting", database: "warehouse", application: "nightly-report" },
    { user: "app", database: "app", application: "PostgreSQL JDBC Driver" },
];

/** A new session with a unique process id. */
export function newSession(random: Random, pid: number, start: number): Session {
    return {
        ...random.pick(applications),
        pid,
        start,
        host: `10.244.${random.between(0, 7)}.${random.between(2, 250)}`,
        port: random.between(32768, 60999),
        line: 0,
        transaction: random.between(1, 2000),
    };
}
