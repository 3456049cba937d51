import type { Level } from "../../report/effect";
import { renderFor } from "../../report/print/screen";
import type { Report } from "../../report/report";
import { defaultFailOn } from "../../report/verdict";

/** A change that was not made. The message is the report and what to do next. */
export class NotMade extends Error {}

/**
 * Lets a change of a stack continue if none of its effects needs consent, or if the user gave it.
 *
 * @param accepted levels of the report that the user agreed to
 * @param flags of this `npm start`, for the command in the message
 * @throws NotMade if a level remains that stops a change (defaultFailOn), or if the preview failed
 */
export function checkConsent(report: Report, accepted: readonly Level[], flags: string) {
    const left = report.levels.filter((level) => defaultFailOn.includes(level) && !accepted.includes(level));
    const text = renderFor(process.stderr, report);
    if (report.plan.errors.length > 0)
        throw new NotMade(`${text}\nNothing was changed. Put right what the preview says, and run npm start again`);
    if (left.length === 0) return;
    const again = ["npm start --", flags, `--accept ${[...accepted, ...left].join(",")}`].filter(Boolean).join(" ");
    throw new NotMade(
        `${text}\nNothing was changed: ${left.join(", ")} must be accepted first. If this is meant: ${again}\nIf it is not meant, take the edit back.`,
    );
}
