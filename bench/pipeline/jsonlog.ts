import type { Session } from "./sessions";

/** The fields that vary per line; the rest comes from the session. */
export interface LogEvent {
    severity: "LOG" | "ERROR";
    message: string;
    /** What the backend does, as in `ps`. */
    ps?: string;
    /** SQLSTATE; undefined for severity LOG. */
    state?: string;
    detail?: string;
    hint?: string;
    context?: string;
    statement?: string;
    cursor?: number;
    /** The backend's transaction number; 0 outside a transaction, undefined without a backend. */
    virtual?: number;
    transaction?: number;
    backend?: string;
    /** Signed 64 bits, as text. */
    queryId?: string;
    /** The known part of the session: a new connection has no user and database yet. */
    known?: "address" | "user" | "all";
}

/** Milliseconds since 1970 as "2026-01-31 12:00:00". */
const utc = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 23).replace("T", " ");

/**
 * A line as PostgreSQL 17 writes it: keys in the order of its `write_jsonlog`, keys without a value left out
 * (https://git.postgresql.org/cgit/postgresql.git/tree/src/backend/utils/error/jsonlog.c?h=REL_17_STABLE).
 *
 * @param session undefined for a background process
 */
export function jsonlogLine(
    milliseconds: number,
    event: LogEvent,
    session: Session | undefined,
    own: Pick<Session, "pid" | "start" | "line">,
): string {
    const known = event.known ?? "all";
    const user = session !== undefined && known !== "address" ? session : undefined;
    const all = session !== undefined && known === "all" ? session : undefined;
    const text = JSON.stringify;
    const pairs: [key: string, json: string | number | undefined][] = [
        ["timestamp", text(`${utc(milliseconds)} UTC`)],
        ["user", user && text(user.user)],
        ["dbname", user && text(user.database)],
        ["pid", own.pid],
        ["remote_host", session && text(session.host)],
        ["remote_port", session?.port],
        ["session_id", text(`${own.start.toString(16)}.${own.pid.toString(16)}`)],
        ["line_num", own.line],
        ["ps", event.ps === undefined ? undefined : text(event.ps)],
        ["session_start", text(`${utc(own.start * 1000).slice(0, 19)} UTC`)],
        ["vxid", event.virtual === undefined ? undefined : text(`${own.pid % 100}/${event.virtual}`)],
        ["txid", event.transaction ?? 0],
        ["error_severity", text(event.severity)],
        ["state_code", event.state && text(event.state)],
        ["message", text(event.message)],
        ["detail", event.detail && text(event.detail)],
        ["hint", event.hint && text(event.hint)],
        ["context", event.context && text(event.context)],
        ["statement", event.statement && text(event.statement)],
        ["cursor_position", event.cursor],
        ["application_name", all && text(all.application)],
        ["backend_type", text(event.backend ?? "client backend")],
        ["query_id", event.queryId ?? 0],
    ];
    const present = pairs.filter(([, json]) => json !== undefined);
    return `{${present.map(([key, json]) => `"${key}":${json!}`).join(",")}}`;
}
