import type { Row } from "../classify";
import { levels } from "../effect";
import { shown } from "../rules/rule";

/** The cells of a row as plain text: sign, subject, change and effects. */
export interface Cells {
    sign: string;
    what: { setting?: string; subject: string };
    change: string;
    does: string;
}

export function cells({ level, setting, subject, from, to, operation, effects }: Row): Cells {
    const said = effects.filter(({ level, says }) => level !== "restart" && says !== "").map(({ says }) => says);
    const few =
        said.length > mostSentences
            ? [...said.slice(0, mostSentences), `And ${said.length - mostSentences} more.`]
            : said;
    const restart = effects.some((one) => one.level === "restart") ? ["Restart."] : [];
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
