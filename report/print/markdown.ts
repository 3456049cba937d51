import { markdownTable } from "markdown-table";
import { objectDiff } from "./objects";
import type { Report } from "../report";
import { separator } from "../verdict";
import { cells, summary, type Cells } from "./cells";

/**
 * The report for a pull request, short enough for a telephone: the verdict, the other effects, and at most five rows. All
 * rows and the objects are folded.
 */
export function renderMarkdown({ plan, rows, verdict }: Report): string {
    const { stack, changes, errors } = plan;
    const [worst, ...also] = verdict.headline.split(separator);
    const parts = [`### ${verdict.sign} ${code(stack)}: ${worst}`];
    if (also.length > 0) parts.push(`Also: ${also.join(separator)}`);
    if (errors.length > 0) {
        parts.push("The preview failed, so this list may be incomplete:", fenced("", errors.join("\n\n")));
    }
    const { first, isAll } = summary(rows);
    if (rows.length > 0) parts.push(first.map(item).join("\n"));
    if (changes.length > 0) parts.push(folded(rows, changes, isAll));
    return `${parts.join("\n\n")}\n`;
}

/** Everything, behind a line that says how much it is. */
function folded(rows: Report["rows"], changes: Report["plan"]["changes"], isAll: boolean): string {
    const objects = `${changes.length} ${changes.length === 1 ? "object" : "objects"}: ${counts(changes)}`;
    const title = isAll ? objects : `All that changes; ${objects}`;
    const table = isAll ? [] : [tableOf(rows)];
    const parts = [...table, fenced("diff", objectDiff(changes))];
    return `<details><summary>${escaped(title)}</summary>\n\n${parts.join("\n\n")}\n\n</details>`;
}

function item({ does, ...row }: Cells): string {
    const change = changed(row.change);
    return `- ${row.sign} ${subject(row.what)}${change === "" ? "" : ` ${change}`}: ${escaped(does)}`;
}

function tableOf(rows: Report["rows"]): string {
    const lines = rows.map((row) => {
        const { sign, what, change, does } = cells(row);
        return [sign, subject(what), changed(change), escaped(does)];
    });
    return markdownTable([["", "what", "change", "what it does"], ...lines], { alignDelimiters: false, padding: true });
}

function subject(what: Cells["what"]): string {
    if (what.setting) return code(what.setting);
    const [object, field] = what.subject.split(": ");
    return `${escaped(object!.replaceAll("`", "'"))}${field ? ` ${code(field)}` : ""}`;
}

const changed = (change: string) =>
    change.includes(" → ") ? change.split(" → ").map(code).join(" → ") : escaped(change);

function counts(changes: Report["plan"]["changes"]): string {
    const groups = Map.groupBy(changes, ({ operation }) => operation);
    const said = { create: "new", update: "changed", replace: "replaced", delete: "deleted" };
    return [...groups].map(([operation, list]) => `${list.length} ${said[operation]}`).join(", ");
}

/** A value as inline code, escaped so that it cannot become markup. */
function code(text: string): string {
    return `\`${text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** A sentence of ours: backticks stay, all other markup is escaped. */
function escaped(text: string): string {
    return text.replace(/\s+/g, " ").replaceAll("<", "&lt;").replaceAll("|", "\\|").replaceAll("@", "@\u200b");
}

/** A code block with a fence longer than any in the text. */
function fenced(language: string, text: string): string {
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = "`".repeat(longest + 1);
    return `${fence}${language}\n${text}\n${fence}`;
}
