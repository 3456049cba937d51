/** A document in a search result. */
export interface Hit {
    _id: string;
    _index: string;
    /** Grows by one with each document in its index. */
    _seq_no: number;
    _source: Record<string, unknown>;
    sort: unknown[];
}

/** The shown fields of a log line. A missing value is "". */
export interface Line {
    /** ISO 8601, UTC, milliseconds. */
    time: string;
    level: string;
    sqlstate: string;
    user: string;
    database: string;
    client: string;
    application: string;
    session: string;
    /** The kind of process that wrote it, such as "checkpointer". */
    process: string;
    message: string;
    detail: string;
    hint: string;
    context: string;
    query: string;
}

/** A field of a document, under its full name or in nested objects. */
export function fieldOf(source: Record<string, unknown>, path: string): unknown {
    if (path in source) return source[path];
    return path
        .split(".")
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], source);
}

export function lineOf({ _source }: Pick<Hit, "_source">): Line {
    const text = (path: string) => {
        const value = fieldOf(_source, path);
        return typeof value === "string" ? value : "";
    };
    return {
        time: text("@timestamp"),
        level: text("log.level"),
        sqlstate: text("event.code"),
        user: text("user.name"),
        database: text("postgresql.log.database"),
        client: text("client.address"),
        application: text("postgresql.log.application_name"),
        session: text("postgresql.log.session_id"),
        process: text("postgresql.log.backend_type"),
        message: text("message"),
        detail: text("postgresql.log.detail"),
        hint: text("postgresql.log.hint"),
        context: text("postgresql.log.context"),
        query: text("postgresql.log.query"),
    };
}
