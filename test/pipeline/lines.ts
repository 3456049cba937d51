/** A line of jsonlog, as PostgreSQL 17 writes it. */
export function jsonlogLine(number: number, message = `line ${number} `.padEnd(180, "x")): string {
    return `${JSON.stringify({
        timestamp: "2026-01-31 12:00:00.123 UTC",
        user: "app",
        dbname: "app",
        pid: 71,
        remote_host: "10.244.0.9",
        remote_port: 41822,
        session_id: "697df2a5.47",
        line_num: number,
        ps: "SELECT",
        session_start: "2026-01-31 11:15:33 UTC",
        vxid: "3/4",
        txid: 0,
        error_severity: "LOG",
        message,
        application_name: "psql",
        backend_type: "client backend",
        query_id: -1234567890123456000,
    })}\n`;
}

/** Lines with consecutive numbers. */
export function jsonlogLines(first: number, count: number): string {
    return Array.from({ length: count }, (_, i) => jsonlogLine(first + i)).join("");
}

/** The id of such a line's document. */
export const idOf = (pod: string, number: number) => `${pod}:697df2a5.47:${number}`;
