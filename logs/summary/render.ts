import { renderTable } from "../../local/cli/table";
import { visible, type Paint } from "../print";
import { grouped, kindNames, stamp, time } from "./format";
import { readLines, type Kind } from "./requests";
import type { Summary } from "./summary";

/** The tables of a summary. */
export const parts = ["levels", "errors", "statements", "slowest", "connections", "server"] as const;
export type Part = (typeof parts)[number];

interface Table {
    title: string;
    head: string[];
    cells: string[][];
    /** Widths in characters of all columns except the last, which gets the rest of the page. */
    widths: number[];
}

const tables: Record<Part, (summary: Summary) => Table> = {
    levels: ({ levels }) => ({
        title: "Lines by level",
        head: ["level", "lines"],
        cells: levels.map((one) => [one.level, grouped(one.lines)]),
        widths: [12],
    }),
    errors: ({ errors }) => ({
        title: "Errors by SQLSTATE",
        head: ["code", "lines", "the newest"],
        cells: errors.map((one) => [one.sqlstate, grouped(one.lines), flat(one.example)]),
        widths: [8, 12],
    }),
    statements: ({ durations, statements }) => ({
        title: `Statements that cost most, of ${grouped(durations.statements)} durations, ${time(durations.total)} together: half took ${time(durations.p50)} or less, 95 % ${time(durations.p95)}, 99 % ${time(durations.p99)}`,
        head: ["together", "calls", "mean", "longest", "statement"],
        cells: statements.map((one) => [
            ...[time(one.total), grouped(one.calls), time(one.total / one.calls), time(one.longest)],
            // PostgreSQL logs a duration without the statement if log_statement has already logged the statement.
            flat(one.statement === "" ? `query id ${one.queryId}` : one.statement),
        ]),
        widths: [12, 11, 11, 11],
    }),
    slowest: ({ slowest }) => ({
        title: "Slowest statements",
        head: ["took", "at (UTC)", "user", "session", "statement"],
        cells: slowest.map((one) => [
            ...[time(one.duration), stamp(one.time), visible(one.user), one.session, flat(one.query)],
        ]),
        widths: [12, 21, 14, 18],
    }),
    connections: ({ connections }) => ({
        title: "Who was connected",
        head: ["user", "client", "sessions", "lines", "last line (UTC)"],
        cells: connections.map((one) => [
            ...[visible(one.user), visible(one.client), grouped(one.sessions), grouped(one.lines), stamp(one.last)],
        ]),
        widths: [18, 20, 10, 12],
    }),
    server: ({ kinds, details }) => ({
        title: "What the server did",
        head: ["what", "how much"],
        cells: [
            ...Object.entries(kindNames).map(([kind, name]) => [name, grouped(kinds[kind as Kind])]),
            ...details.map(({ name, lines: read, value }) => [
                `${name}${read === readLines ? `, in the newest ${readLines}` : ""}`,
                typeof value === "number" ? grouped(value) : visible(value),
            ]),
        ],
        widths: [58],
    }),
};

/** The summary, or one part of it, as tables for a terminal. */
export function renderSummary(summary: Summary, paint: Paint, part?: Part): string {
    const { lines, first, last } = summary;
    const chosen = part === undefined ? parts : [part];
    return [
        `${grouped(lines)} lines${first === null ? "" : `, from ${stamp(first)} to ${stamp(last!)} UTC`}`,
        ...chosen.flatMap((name) => {
            const { title, head, cells, widths } = tables[name](summary);
            return ["", paint("bold", title), cells.length === 0 ? "  none" : renderTable(head, cells, widths)];
        }),
    ].join("\n");
}

const flat = (text: string) => visible(text.replace(/\s+/g, " "));
