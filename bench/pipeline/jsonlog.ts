import type { Session } from "./sessions";

/** What differs from line to line; the rest comes from the session. */
export interface LogEvent {
    severity: "LOG" | "ERROR";
    message: string;
    /** What the session does, as `ps` shows it. */
    ps?: string;
    /** SQLSTATE; none for messages of severity LOG. */
    state?: string;
    detail?: string;
    hint?: string;
    context?: string;
    statement?: string;
    cursor?: number;
    /** Number that the backend gives to its transaction; 0 between two, none where no backend runs. */
    virtual?: number;
    transaction?: number;
    backend?: string;
    /** 64 bits with a sign, as text. */
    queryId?: string;
    /** How much of the session is known: connections begin without user and database. */
    known?: "address" | "user" | "all";
}

/** "2026-01-31 12:00:00" of milliseconds since 1970. */
const utc = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 23).replace("T", " ");

/**
 * A line as PostgreSQL 17 writes it: keys in the order of its `write_jsonlog`, keys without a value left out
 * (https://git.postgresql.org/cgit/postgresql.git/tree/src/backend/utils/error/jsonlog.c?h=REL_17_STABLE).
 *
 * @param session none for a background process
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
