import type { Plan } from "./change";
import type { Classification } from "./classify";
import { levels, restartSeconds, worst, type Level } from "./effect";

/** The levels at which a change is to be stopped, where nobody says otherwise: what cannot be taken back. */
export const defaultFailOn: Level[] = ["data-loss", "log-loss", "open"];

export interface Verdict {
    level: Level;
    sign: string;
    /** One line: everything that a reviewer has to know, the worst first. */
    headline: string;
}

/** What a plan comes to, in one line. */
export function verdict({ changes, errors }: Plan, { levels: found, rows }: Classification): Verdict {
    const level = worst(found);
    if (errors.length > 0)
        return { level: "refused", sign: "🟠", headline: headline(["refused", ...found], rows.length) };
    if (changes.length === 0) return { level, sign: levels.none.sign, headline: "nothing changes" };
    return { level, sign: levels[level].sign, headline: headline(found, rows.length) };
}

function headline(found: readonly Level[], rows: number): string {
    const said = [...new Set(found)].filter((level) => level !== "none").map(words);
    return said.length > 0 ? said.join(" · ") : rows > 0 ? levels.none.says : "safe";
}

function words(level: Level): string {
    const { says, sign } = levels[level];
    const text = level === "restart" ? `${says}, about ${restartSeconds} s down` : says;
    return sign === "🔴" ? `**${text}**` : text;
}
