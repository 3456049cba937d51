import type { Plan } from "./change";
import type { Classification } from "./classify";
import { levels, restartSeconds, worst, type Level } from "./effect";

/**
 * The levels at which a change is stopped, where nobody says otherwise: what cannot be taken back, and what PostgreSQL does
 * not recover from by itself.
 */
export const defaultFailOn: Level[] = ["data-loss", "log-loss", "open", "outage"];

export interface Verdict {
    level: Level;
    sign: string;
    /** One line: everything that a reviewer has to know, the worst first. */
    headline: string;
}

/** What a plan comes to, in one line. */
export function verdict({ changes, errors }: Plan, { levels: found }: Classification): Verdict {
    const level = worst(found);
    const { sign } = levels[level];
    if (changes.length + errors.length === 0) return { level, sign, headline: "nothing changes" };
    const said = found.filter((one) => one !== "none").map(words);
    return { level, sign, headline: said.join(" · ") || levels.none.says };
}

function words(level: Level): string {
    const { says, sign } = levels[level];
    const text = level === "restart" ? `${says}, about ${restartSeconds} s down` : says;
    return sign === "🔴" ? `**${text}**` : text;
}
