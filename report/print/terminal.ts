import Table from "cli-table3";
import { styleText } from "node:util";
import { objectList } from "./objects";
import type { Report } from "../report";
import { cells, summary, type Cells } from "./cells";

/** The report as coloured text for a terminal: the verdict, at most five rows, and then everything. */
export function renderTerminal({ plan, rows, verdict }: Report, width: number): string {
    const { stack, changes, errors } = plan;
    const parts = [styleText("bold", `${verdict.sign} ${stack}: ${plain(verdict.headline)}`)];
    if (errors.length > 0)
        parts.push(styleText("red", `The preview failed, so this list may be incomplete:\n${errors.join("\n\n")}`));
    const { first, isAll } = summary(rows);
    if (rows.length > 0) parts.push(first.map((row) => item(row, width)).join("\n"));
    if (!isAll) parts.push(table(rows, width));
    if (changes.length > 0) parts.push(styleText("dim", objectList(changes).join("\n")));
    return `${parts.join("\n\n")}\n`;
}

/** A row of the summary: what changes, and what it does, below it and indented. */
function item({ sign, what, change, does }: Cells, width: number): string {
    const indent = "   ";
    const lines = [`${what.setting ?? what.subject} ${change}`, plain(does)].map((line) =>
        line.replace(new RegExp(`(.{1,${Math.max(30, width - 4)}})(\\s+|$)`, "g"), "$1\n").trimEnd(),
    );
    return `${sign} ${lines.join("\n").replaceAll("\n", `\n${indent}`)}`;
}

function table(rows: Report["rows"], width: number): string {
    const [sign, what, change] = [4, 30, 26];
    const lines = new Table({
        head: ["", "what", "change", "what it does"],
        colWidths: [sign, what, change, Math.max(30, width - sign - what - change - 5)],
        wordWrap: true,
        style: { head: ["bold"], border: ["gray"] },
    });
    for (const row of rows) {
        const { sign, what, change, does } = cells(row);
        lines.push([
            sign,
            what.setting ?? what.subject.replace(": ", "\n"),
            change.replace(" → ", "\n→ "),
            plain(does),
        ]);
    }
    return lines.toString();
}

/** Text without Markdown's marks. */
function plain(text: string): string {
    return text.replaceAll("**", "").replaceAll("`", "");
}
