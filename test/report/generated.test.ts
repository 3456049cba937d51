import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../stacks/config";
import { keyNames } from "../../stacks/keys";
import type { Snapshot } from "../../render/snapshot";
import { snapshotWith } from "../support/snapshots";
import type { Values } from "./edits";
import { candidates, edited, type Edited } from "./generated/configurations";
import { objectEdit, withObjectEdit, type ObjectEdit } from "./generated/objects";
import {
    known,
    notMilder,
    oneDirection,
    reportBetween,
    samePreview,
    unsafe,
    type Violation,
} from "./generated/properties";

/**
 * PGLOG_TEST_SEED and PGLOG_TEST_PAIRS repeat a run, or make a longer one. `npm test` always has the same pairs, so that it
 * fails only for a change of the program; `npm run test:report` draws new ones.
 */
const seed = Number(process.env.PGLOG_TEST_SEED ?? 1);
const pairs = Number(process.env.PGLOG_TEST_PAIRS ?? 30);

/** The snapshot of a configuration; undefined if the program refuses it. */
async function snapshotOf(values: Values): Promise<Snapshot | undefined> {
    try {
        return await snapshotWith(values);
    } catch (error) {
        if (error instanceof ConfigError) return undefined;
        throw error;
    }
}

/** True if only a human can judge the new value. */
const open = (changes: Values[]) =>
    changes.some((one) =>
        [
            "storageSize",
            "logVolumeSize",
            "logOutage",
            "logPeakRate",
            "loadBalancerAnnotations",
            "images",
            "imagePullSecrets",
            "scheduling",
            "monitoring",
            "elasticsearchSecret",
            "postgresSettings",
        ].some((key) => key in one),
    );
/** Values that are neither wider nor narrower than each other, or several keys at once. */
const crosses = (change: Values) =>
    Object.keys(change).length > 1 ||
    ["images", "services", "loadBalancerSourceRanges", "postgresSettings"].some((key) => key in change);

interface Pair {
    from: Snapshot;
    to: Snapshot;
}

/** The snapshots before and after; undefined if the program refuses one of the configurations. */
async function pairOf({ before, changes }: Edited): Promise<Pair | undefined> {
    const from = await snapshotOf(before);
    const to = from && (await snapshotOf(Object.assign({}, before, ...changes) as Values));
    return from && to && { from, to };
}

async function* settingsOf({ from, to }: Pair, { before, changes }: Edited): AsyncGenerator<Violation> {
    const whole = reportBetween(from, to);
    yield* samePreview(from, to);
    yield* known(whole, open(changes));
    for (const change of changes) {
        const part = await snapshotOf({ ...before, ...change });
        if (part === undefined) continue;
        yield* notMilder(reportBetween(from, part), whole);
        yield* oneDirection(reportBetween(from, part), reportBetween(part, from), crosses(change));
    }
}

function* objectsOf({ from, to }: Pair, _: Edited, edit: ObjectEdit): Generator<Violation> {
    const alone = withObjectEdit(from, edit);
    const both = withObjectEdit(to, edit);
    const part = reportBetween(from, alone);
    const whole = reportBetween(from, both);
    yield* notMilder(part, whole);
    yield* notMilder(reportBetween(from, to), whole);
    yield* samePreview(from, both);
    const gone = part.plan.changes.find(({ operation }) => operation === "delete")?.name ?? "";
    if (["new field", "new kind"].includes(edit.kind) || (edit.kind === "remove" && !idle.includes(gone)))
        yield* unsafe(part, `${edit.kind} ${part.rows[0]?.subject ?? ""}`);
}

/** Objects that nothing of a stack needs: the shipper's metrics, the proof, and the name of an Elasticsearch elsewhere. */
const idle = ["postgres-fluent-bit", "delivery-proof-job", "elasticsearch-service"];

const shown = (given: unknown) =>
    JSON.stringify(given, (_, value: unknown) => (value === undefined ? "(default)" : value));

describe(`the report of edits made by chance (PGLOG_TEST_SEED=${seed}, PGLOG_TEST_PAIRS=${pairs})`, () => {
    it("have values of every key", () => {
        assert.deepEqual(Object.keys(candidates).sort(), [...keyNames].sort());
    });

    for (const [what, arbitrary, violationsOf] of [
        ["settings", fc.tuple(edited), settingsOf],
        ["settings and objects", fc.tuple(edited, objectEdit), objectsOf],
    ] as [string, fc.Arbitrary<[Edited, ObjectEdit]>, typeof settingsOf | typeof objectsOf][])
        it(`of ${what}`, async function () {
            this.timeout(0);
            const found: string[] = [];
            let [count, checked] = [0, 0];
            for (const given of fc.sample(arbitrary, { seed, numRuns: 10 * pairs })) {
                const pair = checked < pairs ? await pairOf(given[0]) : undefined;
                if (pair === undefined) continue;
                checked += 1;
                for await (const { property, says } of violationsOf(pair, ...given)) {
                    count += 1;
                    if (found.length < 20) found.push(`${property}: ${says}\n  ${shown(given)}`);
                }
            }
            console.log(`      ${checked} pairs, ${count} violations`);
            assert.equal(checked, pairs, "too few configurations that the program takes");
            assert.equal(count, 0, `${count} violations, of which\n${found.join("\n")}`);
        });
});
