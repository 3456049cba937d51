import type { Plan } from "./change";
import { classify, type Classification, type Row } from "./classify";
import { levels, type Level } from "./effect";
import { verdict, type Verdict } from "./verdict";

/** What a reviewer is told of a plan. */
export interface Report extends Classification {
    plan: Plan;
    verdict: Verdict;
}

export function reportOf(plan: Plan): Report {
    const classification = classify(plan);
    return { plan, ...classification, verdict: verdict(plan, classification) };
}

/** Whether a change is of a kind that is to be stopped. */
export function failing({ levels: found }: Report, failOn: readonly Level[]): boolean {
    return found.some((level) => failOn.includes(level));
}

/** The cells of a row, as plain text: sign, what changes, from where to where, what that does. */
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

/** Sentences of one row; a setting that others follow from has many. */
const mostSentences = 4;

const did = { create: "new", update: "changed", replace: "made anew", delete: "deleted" };

/** A value in a cell: short, on one line. */
function value(given: unknown): string {
    if (given === undefined || given === "") return "none";
    const text = (typeof given === "string" ? given : JSON.stringify(given)).replace(/^'(.*)'$/s, "$1");
    const line = text
        .replace(/\[secret \w+\]/g, "[secret]")
        .replace(/\s+/g, " ")
        .trim();
    return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}
