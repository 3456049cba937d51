import type { Row } from "../classify";
import { levels, type Effect, type Level } from "../effect";
import { shown } from "../rules/rule";

/** The cells of a row as plain text: sign, subject, change and effects. */
export interface Cells {
    sign: string;
    what: { setting?: string; subject: string };
    change: string;
    does: string;
}

/** Rows that a summary shows. */
const mostRows = 5;

/** How PostgreSQL takes up a change, as the last word of a row. */
const starts: Partial<Record<Level, string>> = { restart: "Restart.", reload: "Reload." };

/** True for an effect with a sentence of its own. How PostgreSQL takes it up is one word at the end. */
const isSaid = ({ level, says }: Effect) => !(level in starts) && says !== "";

/** What a reader sees first: the worst rows, each with its worst effects only. */
export function summary(rows: readonly Row[]): { first: Cells[]; isAll: boolean } {
    const first = rows.slice(0, mostRows).map(brief);
    const isAll = rows.length <= mostRows && first.every(({ does }, i) => does === cells(rows[i]!).does);
    return { first, isAll };
}

/** The cells of a row with at most two sentences: of its risks, or else the first one. */
function brief(row: Row): Cells {
    const said = row.effects.filter(isSaid);
    const risks = said.filter(({ level }) => level !== "none");
    const restart = row.effects.filter(({ level }) => level in starts).slice(0, 1);
    return cells({ ...row, effects: [...(risks.length > 0 ? risks.slice(0, 2) : said.slice(0, 1)), ...restart] });
}

export function cells({ level, setting, subject, from, to, operation, effects }: Row): Cells {
    const said = effects.filter(isSaid).map(({ says }) => says);
    const few =
        said.length > mostSentences
            ? [...said.slice(0, mostSentences), `And ${said.length - mostSentences} more.`]
            : said;
    const restart = Object.entries(starts)
        .flatMap(([level, word]) => (effects.some((one) => one.level === level) ? [word] : []))
        .slice(0, 1); // a start reads all files
    return {
        sign: levels[level].sign,
        what: { setting, subject },
        change:
            operation === undefined
                ? from === undefined && to === undefined
                    ? ""
                    : `${value(from)} → ${value(to)}`
                : did[operation],
        does: [...few, ...restart].join(" "),
    };
}

/** Limit of sentences in one row; a setting with many followers has more. */
const mostSentences = 4;

const did = { create: "new", update: "changed", replace: "replaced", delete: "deleted" };

/** A value on one line, at most 48 characters. */
function value(given: unknown): string {
    const line = shown(given)
        .replace(/^'(.*)'$/s, "$1")
        .replace(/\[secret \w+\]/g, "[secret]")
        .replace(/\s+/g, " ")
        .trim();
    return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}
