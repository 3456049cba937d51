/** Filters for lines. An undefined filter matches every line. */
export interface Filters {
    /** This severity or worse. */
    level?: Level;
    user?: string[];
    database?: string[];
    /** Addresses of clients; "[local]" for the socket. */
    client?: string[];
    sqlstate?: string[];
    session?: string[];
    /** Nanoseconds. */
    slowerThan?: number;
    /** Words in a row in a text of the line. The last one may be the beginning of a word. */
    grep?: string;
    since?: Date;
    until?: Date;
}

/** PostgreSQL's severities, the worst one last. LOG is for the administrator, and counts like INFO. */
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

/** This severity and the worse ones. */
export function atLeast(level: Level): string[] {
    const from = level === "DEBUG" ? 0 : ranks.findIndex((names) => names.includes(level));
    return ranks.slice(from).flat();
}

/** The field for each filter by value. */
const valueFields = {
    user: "user.name",
    database: "postgresql.log.database",
    client: "client.address",
    sqlstate: "event.code",
    session: "postgresql.log.session_id",
} as const satisfies Partial<Record<keyof Filters, string>>;

/** The texts of a line that `grep` searches. */
const texts = ["message", "query", "internal_query", "detail", "hint", "context"].map((name) =>
    name === "message" ? name : `postgresql.log.${name}`,
);

/** The filters as an Elasticsearch query. */
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
            // The default, 50, misses lines if many different words start with the last word.
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
