import { markdownTable } from "markdown-table";
import { objectDiff } from "./objects";
import type { Report } from "../report";
import { cells } from "./cells";

/** The report for a pull request: the verdict, a table of settings, and the folded objects. */
export function renderMarkdown({ plan, rows, verdict }: Report): string {
    const { stack, changes, errors } = plan;
    const parts = [`### ${verdict.sign} ${code(stack)}: ${verdict.headline}`];
    if (errors.length > 0) {
        parts.push("The preview failed, so this list may be incomplete:", fenced("", errors.join("\n\n")));
    }
    if (rows.length > 0) parts.push(table(rows));
    if (changes.length > 0)
        parts.push(
            `<details><summary>${changes.length} ${changes.length === 1 ? "object" : "objects"}: ${escaped(summary(changes))}</summary>\n\n${fenced("diff", objectDiff(changes))}\n\n</details>`,
        );
    return `${parts.join("\n\n")}\n`;
}

function table(rows: Report["rows"]): string {
    const lines = rows.map((row) => {
        const { sign, what, change, does } = cells(row);
        const [object, field] = what.subject.split(": ");
        const subject = what.setting
            ? code(what.setting)
            : `${escaped(object!.replaceAll("`", "'"))}${field ? ` ${code(field)}` : ""}`;
        return [
            sign,
            subject,
            change.includes(" → ") ? change.split(" → ").map(code).join(" → ") : change,
            escaped(does),
        ];
    });
    return markdownTable([["", "what", "change", "what it does"], ...lines], { alignDelimiters: false, padding: true });
}

function summary(changes: Report["plan"]["changes"]): string {
    const counts = Map.groupBy(changes, ({ operation }) => operation);
    const said = { create: "new", update: "changed", replace: "replaced", delete: "deleted" };
    return [...counts].map(([operation, list]) => `${list.length} ${said[operation]}`).join(", ");
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
