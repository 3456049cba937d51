import { levelNames, type Level } from "../../../report/effect";
import type { Change, Plan } from "../../../report/change";
import type { Snapshot } from "../../../render/snapshot";
import { reportOf, type Report } from "../../../report/report";
import { planFromPreview } from "../../../report/source/preview";
import { planBetween } from "../../../report/source/snapshots";
import { notLed } from "../../../report/rules/rule";
import { previewBetween } from "../../support/preview";

/** Something that a report says and that does not hold. */
export interface Violation {
    property: string;
    says: string;
}

export const reportBetween = (from: Snapshot, to: Snapshot): Report => reportOf(planBetween(from, to));

const without = (levels: readonly Level[]) => levels.filter((level) => level !== "none");

/** Settings whose values only a Secret has. A preview hides them, so the Secret has their levels there. */
const hidden = ["elasticsearchUser", "elasticsearchPassword", "elasticsearchApiKey"];

/** The rows by what they are about, with their worst level. */
const rowsOf = ({ rows }: Report) =>
    rows
        .map(({ setting, subject, level }) => ({ what: setting ?? subject.replace(/-[0-9a-f]{8}\b/, ""), level }))
        .filter(({ what, level }) => level !== "none" && !hidden.includes(what) && !what.startsWith("Secret "))
        .map(({ what, level }) => `${what} ${level}`)
        .sort();

/** True if a preview ends at a protected object, so that it shows less than two renders. */
const isStopped = ({ changes }: Plan) =>
    changes.some((one) => one.protected && (one.operation === "replace" || one.operation === "delete"));

/** The report of two renders and the report of a preview say the same. */
export function* samePreview(from: Snapshot, to: Snapshot): Generator<Violation> {
    const rendered = reportBetween(from, to);
    if (isStopped(rendered.plan)) return;
    const previewed = reportOf(planFromPreview(to.stack, previewBetween(from, to)));
    const [one, other] = [rendered, previewed].map((report) =>
        JSON.stringify([without(report.levels), rowsOf(report)]),
    );
    if (one !== other) yield { property: "same preview", says: `render ${one}\n preview ${other}` };
}

/** What a field change is, without checksums and names that follow from everything else. */
function fieldsOf({ changes }: Plan): Set<string> {
    const derived = /annotations\[pglog\/|secretName$/;
    return new Set(
        changes.flatMap(({ urn, operation, fields, protected: isProtected, retained, after }) => [
            ...(operation === "update"
                ? []
                : [
                      `${urn} ${operation} ${isProtected} ${retained} ${operation === "create" ? JSON.stringify(after) : ""}`,
                  ]),
            ...fields
                .filter(({ path }) => !derived.test(path))
                .map(({ path, from, to }) => `${urn} ${path} ${JSON.stringify([from, to])}`),
        ]),
    );
}

/** An edit that contains a smaller one is not judged milder. */
export function* notMilder(part: Report, whole: Report): Generator<Violation> {
    const all = fieldsOf(whole.plan);
    if (![...fieldsOf(part.plan)].every((one) => all.has(one))) return;
    const has = (level: Level) =>
        whole.levels.includes(level) ||
        (level === "exposure" && whole.levels.includes("open")) ||
        (level === "reload" && whole.levels.includes("restart"));
    const missing = without(part.levels).filter((level) => !has(level));
    if (missing.length > 0)
        yield {
            property: "not milder",
            says: `${missing.join()} of the part ${part.levels.join()} is not in ${whole.levels.join()}`,
        };
}

/** Levels that say in which direction a change goes. */
const directed: Level[] = ["open", "exposure", "security", "limits"];

/** What one setting widens, its way back does not widen. */
export function* oneDirection(there: Report, back: Report, mayCross: boolean): Generator<Violation> {
    const both = directed.filter((level) => there.levels.includes(level) && back.levels.includes(level));
    if (!mayCross && both.length > 0) yield { property: "one direction", says: `${both.join()} both ways` };
    const opens = ({ levels }: Report) => levels.includes("open") || levels.includes("exposure");
    for (const [one, other] of [
        [there, back],
        [back, there],
    ] as const)
        if (opens(one) && without(other.levels).length === 0)
            yield { property: "one direction", says: `${one.levels.join()} one way, and safe the other` };
}

const unruled = ["There is no rule for this field: check what it does.", notLed];

/** Each change that settings make has a rule. `open` says whether the value is one that nobody can judge. */
export function* known(report: Report, open: boolean): Generator<Violation> {
    for (const { subject, effects } of report.rows)
        if (effects.some(({ says }) => unruled.includes(says)))
            yield { property: "known", says: `${subject} has no rule` };
    if (!open && report.levels.includes("unknown"))
        yield { property: "known", says: report.rows.find(({ level }) => level === "unknown")?.subject ?? "unknown" };
}

/** A plan with a change that has no rule is unknown, or worse. */
export function* unsafe(report: Report, what: string): Generator<Violation> {
    if (levelNames.indexOf(report.levels[0] ?? "none") >= levelNames.indexOf("logging"))
        yield { property: "unknown is not safe", says: `${what}: ${report.levels.join() || "nothing"}` };
}

/** The objects of a plan, for a message. */
export const objectsOf = (changes: readonly Change[]) =>
    changes.map(({ name, operation }) => `${operation} ${name}`).join();
