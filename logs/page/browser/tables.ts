import { grouped, kindNames, stamp, time } from "../../summary/format";
import type { PageData } from "../data";
import { showExamples } from "./dialog";
import { element } from "./element";
import { table, type Cell } from "./table";

const number = (value: number): Cell => ({ text: grouped(value), key: value });
const duration = (value: number): Cell => ({ text: time(value), key: value });
const text = (value: string): Cell => ({ text: value });
const numeric = (name: string) => ({ name, numeric: true });

/** The tables of a page. */
export function tables(data: PageData): HTMLElement[] {
    const { levels, errors, slowest, connections, kinds, details } = data.summary;
    const section = (title: string, columns: Parameters<typeof table>[1], rows: Cell[][]) =>
        element("section", {}, element("h2", {}, title), table(title, columns, rows));
    return [
        section(
            "Errors by SQLSTATE",
            [{ name: "code" }, numeric("lines"), { name: "the newest" }],
            errors.map((one) => [text(one.sqlstate), number(one.lines), text(one.example)]),
        ),
        section(
            "Statements that cost most",
            [numeric("together"), numeric("calls"), numeric("mean"), numeric("longest"), { name: "statement" }],
            statementRows(data),
        ),
        section(
            "Slowest statements",
            [numeric("took"), { name: "at (UTC)" }, { name: "user" }, { name: "session" }, { name: "statement" }],
            slowest.map((one) => [
                ...[duration(one.duration), text(stamp(one.time)), text(one.user), text(one.session), text(one.query)],
            ]),
        ),
        section(
            "Who was connected",
            [{ name: "user" }, { name: "client" }, numeric("sessions"), numeric("lines"), { name: "last line (UTC)" }],
            connections.map((one) => [
                ...[text(one.user), text(one.client), number(one.sessions), number(one.lines), text(stamp(one.last))],
            ]),
        ),
        section(
            "Lines by level",
            [{ name: "level" }, numeric("lines")],
            levels.map((one) => [text(one.level), number(one.lines)]),
        ),
        section(
            "What the server did",
            [{ name: "what" }, numeric("how much")],
            [
                ...Object.entries(kindNames).map(([kind, name]) => [
                    text(name),
                    number(kinds[kind as keyof typeof kinds]),
                ]),
                ...details.map(({ name, value }) => [
                    text(name),
                    typeof value === "number" ? number(value) : text(value),
                ]),
            ],
        ),
    ];
}

function statementRows({ summary, examples }: PageData): Cell[][] {
    return summary.statements.map(({ total, calls, longest, statement, queryId }, index) => {
        const name = statement === "" ? `query id ${queryId}` : statement;
        const open = () => {
            showExamples(name, examples[index] ?? []);
        };
        return [duration(total), number(calls), duration(total / calls), duration(longest), { text: name, open }];
    });
}
