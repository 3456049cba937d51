import { existsSync, readFileSync } from "node:fs";
import { markdownTable } from "markdown-table";
import { levels, type Level } from "../../report/effect";
import { edits } from "../report/edits";

/** The last recorded observations of the end-to-end tests (UPDATE_OBSERVED=1). */
export const observedFile = "test/report/observed.json";

export function observations(): Record<string, string> {
    return existsSync(observedFile) ? (JSON.parse(readFileSync(observedFile, "utf8")) as Record<string, string>) : {};
}

/** An observation, marked if it is from a time when the edit still restarted PostgreSQL. */
function since(expected: readonly Level[], seen: string): string {
    const isOld = seen.includes("restarted") && !expected.includes("restart");
    return isOld ? `not observed since it reloads; before: ${seen}` : seen;
}

/** The table of docs/report.md: the expected and observed effects of each edit. */
export function editsTable(): string {
    const observed = observations();
    const rows = edits.map(({ name, base, levels: expected, notShown }) => [
        base === "database" ? name : `${name} (${base})`.replace(/, protected \(protected\)$/, " (protected)"),
        expected.map((level) => levels[level].says).join(", ") || levels.none.says,
        notShown === undefined ? since(expected, observed[name] ?? "") : `not shown: ${notShown}`,
    ]);
    return `${markdownTable([["edit", "expected and predicted", "observed on a cluster"], ...rows], { alignDelimiters: true })}\n`;
}

const section = /(?<=<!-- edits -->\n\n)[^]*?(?=\n<!-- \/edits -->)/;

export function editsSection(text: string): string | undefined {
    return section.exec(text)?.[0];
}

export function withEditsTable(text: string): string {
    return text.replace(section, () => editsTable());
}
