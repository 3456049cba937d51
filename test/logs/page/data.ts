import type { PageData } from "../../../logs/page/data";

/** What an attacker may log. It would run `attacked = true` if it became markup. */
export const attack = `</script><img src=x onerror="attacked = true"><!--<script>attacked = true</script> \u202e\u0007`;

const start = Date.parse("2026-11-24T12:00:00Z");
const interval = 900_000;

const statements = [
    ["8471", `SELECT count(*) FROM orders WHERE customer = '${attack}'`, 48_210, 9.3e12, 4.1e9],
    ["1187", "UPDATE stock SET amount = amount - 1\n WHERE product = 17", 12_054, 5.1e12, 7.7e9],
    [null, "INSERT INTO orders VALUES ($1, $2)", 90_411, 2.2e12, 3.9e8],
] as const;

/** A day of a busy database. */
export const pageData: PageData = {
    stack: "dev",
    since: new Date(start).toISOString(),
    until: new Date(start + 96 * interval).toISOString(),
    moments: Array.from({ length: 96 }, (_, index) => {
        const load = 1 + Math.sin(index / 9) + (index % 7) / 10;
        return {
            ...{
                time: start + index * interval,
                lines: Math.round(900 * load),
                errors: index % 31 === 5 ? 42 : index % 3,
            },
            ...{
                sessions: Math.round(20 * load),
                p50: load * 4e6,
                p95: load * 6e7,
                p99: index === 40 ? null : load * 2e8,
            },
        };
    }),
    summary: {
        lines: 151_320,
        first: new Date(start).toISOString(),
        last: new Date(start + 95 * interval).toISOString(),
        levels: [
            { level: "LOG", lines: 151_000 },
            { level: "ERROR", lines: 320 },
        ],
        errors: [
            { sqlstate: "23505", lines: 201, example: "duplicate key value violates unique constraint" },
            { sqlstate: "22P02", lines: 119, example: `invalid input syntax for type integer: "${attack}"` },
        ],
        durations: { statements: 150_675, total: 1.66e13, p50: 4.2e6, p95: 6.1e7, p99: 2.3e8 },
        statements: statements.map(([queryId, statement, calls, total, longest]) => ({
            ...{ queryId, statement, calls, total, longest },
        })),
        slowest: statements.map(([, query, , , duration]) => ({
            ...{ time: new Date(start).toISOString(), duration, user: "app", session: "697df2a5.47", query },
        })),
        connections: [
            { user: "app", client: "10.0.0.7", sessions: 31, lines: 140_000, last: new Date(start).toISOString() },
            { user: attack, client: "10.0.0.9", sessions: 2, lines: 17, last: new Date(start).toISOString() },
        ],
        kinds: {
            ...{ checkpoints: 288, restartpoints: 0, walCheckpoints: 3, vacuums: 12, analyzes: 9 },
            ...{ temporaryFiles: 4, lockWaits: 7, deadlocks: 1, lostLines: 0 },
        },
        details: [{ name: "most vacuumed", lines: 12, value: "app.public.orders" }],
    },
    examples: statements.map(([, query, , , duration]) => [
        {
            ...{ time: new Date(start).toISOString(), level: "LOG", sqlstate: "", user: "app", database: "app" },
            ...{ client: "10.0.0.7", application: attack, session: "697df2a5.47", process: "client backend" },
            ...{ message: `duration: ${duration / 1e6} ms`, detail: "", hint: "", context: "", query, duration },
        },
    ]),
};
