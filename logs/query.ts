/** Which lines are asked for. A filter that is undefined lets every line through. */
export interface Filters {
    /** This severity or a worse one. */
    level?: Level;
    user?: string[];
    database?: string[];
    /** Addresses of clients; "[local]" for the socket. */
    client?: string[];
    sqlstate?: string[];
    session?: string[];
    /** Nanoseconds. */
    slowerThan?: number;
    /** Words that stand beside each other in a text of the line, the last one perhaps in part. */
    grep?: string;
    since?: Date;
    until?: Date;
}

/** PostgreSQL's severities, the worst one last. LOG is for the administrator, and no worse than INFO. */
const ranks = [
    ["DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5"],
    ["LOG", "INFO", "NOTICE"],
    ["WARNING"],
    ["ERROR"],
    ["FATAL"],
    ["PANIC"],
];

export const levels = ["DEBUG", "LOG", "INFO", "NOTICE", "WARNING", "ERROR", "FATAL", "PANIC"] as const;
export type Level = (typeof levels)[number];

/** The severities that are as bad as this one, or worse. */
export function atLeast(level: Level): string[] {
    const from = level === "DEBUG" ? 0 : ranks.findIndex((names) => names.includes(level));
    return ranks.slice(from).flat();
}

/** The field that each filter by value looks at. */
const valueFields = {
    user: "user.name",
    database: "postgresql.log.database",
    client: "client.address",
    sqlstate: "event.code",
    session: "postgresql.log.session_id",
} as const satisfies Partial<Record<keyof Filters, string>>;

/** The texts of a line that `grep` looks into. */
const texts = ["message", "query", "internal_query", "detail", "hint", "context"].map((name) =>
    name === "message" ? name : `postgresql.log.${name}`,
);

/** The filters as Elasticsearch's query language has them. */
export function queryOf(filters: Filters): object {
    const { level, slowerThan, grep, since, until } = filters;
    const clauses: object[] = [];
    if (level !== undefined) clauses.push({ terms: { "log.level": atLeast(level) } });
    for (const [name, field] of Object.entries(valueFields)) {
        const values = filters[name as keyof typeof valueFields];
        if (values !== undefined) clauses.push({ terms: { [field]: values } });
    }
    if (slowerThan !== undefined) clauses.push({ range: { "event.duration": { gte: slowerThan } } });
    if (grep !== undefined)
        clauses.push({
            // The default, 50, leaves out what begins with the last word in other ways.
            multi_match: { query: grep, type: "phrase_prefix", fields: texts, max_expansions: 1000 },
        });
    if (since !== undefined || until !== undefined)
        clauses.push({
            range: {
                "@timestamp": { ...(since && { gte: since.toISOString() }), ...(until && { lt: until.toISOString() }) },
            },
        });
    return { bool: { filter: clauses } };
}
