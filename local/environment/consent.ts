import type { Level } from "../../report/effect";
import { renderFor } from "../../report/print/screen";
import type { Report } from "../../report/report";
import { defaultFailOn } from "../../report/verdict";

/** A change that is not made, with its report and what to do. */
export class NotMade extends Error {}

/**
 * Lets a change of a stack go on only if it does nothing that has to be accepted, or that was accepted.
 *
 * @param accepted levels of the report that the user has agreed to
 * @param flags of the `npm start` that asks, for the command that goes on
 * @throws NotMade where a level is left that stops a change (defaultFailOn), or the change could not be previewed
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
