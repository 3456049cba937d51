import type { Plan } from "./change";
import type { Classification } from "./classify";
import { levels, restartSeconds, worst, type Level } from "./effect";

/** The levels that stop a deployment by default: they cannot be undone, or PostgreSQL does not recover by itself. */
export const defaultFailOn: Level[] = ["data-loss", "log-loss", "open", "outage"];

/** Between the levels of a headline. */
export const separator = " · ";

export interface Verdict {
    level: Level;
    sign: string;
    /** All levels in one line, worst first. */
    headline: string;
}

/** The summary of a plan in one line. */
export function verdict({ changes, errors }: Plan, { levels: found }: Classification): Verdict {
    const level = worst(found);
    const { sign } = levels[level];
    if (changes.length + errors.length === 0) return { level, sign, headline: "nothing changes" };
    const said = found.filter((one) => one !== "none").map(words);
    return { level, sign, headline: said.join(separator) || levels.none.says };
}

function words(level: Level): string {
    const { says, sign } = levels[level];
    const text = level === "restart" ? `${says}, about ${restartSeconds} s down` : says;
    return sign === "🔴" ? `**${text}**` : text;
}
