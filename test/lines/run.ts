import { writeFileSync } from "node:fs";
import { noShipper } from "../e2e/environment";
import { until } from "../e2e/run";
import { Pair } from "./bringUp";
import { keepEvidence } from "./evidence";
import type { Kind } from "./kind";
import type { Lane } from "./lane";
import { chosenKinds, type Options } from "./options";
import { isPassed, outcomeOf, renderJson, renderTable, type Outcome } from "./outcome";
import { inPipe, newRound, runRound, type Round } from "./round";

/** Consecutive failed rounds after which a stack is given up. */
const mostFailures = 5;

const say = (text: string) => {
    console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
};

/** Creates the stacks, runs every round, removes the stacks, and returns the result. */
export async function runLedger(options: Omit<Options, "name" | "context">): Promise<Outcome> {
    const kinds = chosenKinds(options);
    const rounds = options.short ? 1 : options.rounds;
    say(`seed ${options.seed}: ${rounds} rounds each of ${kinds.length} kinds`);
    if (noShipper !== undefined) throw new Error(`there is no shipper here: ${noShipper}`);
    const pairs = Array.from({ length: Math.ceil(options.stacks / 2) }, () => new Pair());
    const stop = new AbortController();
    const interrupt = () => {
        say("interrupted: the current rounds are the last");
        stop.abort();
    };
    process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
    try {
        await Promise.all(pairs.map((pair) => pair.up()));
        say("the stacks are up");
        const shares = pairs.flatMap(({ lanes }, pair) =>
            lanes.map((lane) => {
                const numbers = Array.from({ length: rounds }, (_, i) => i + 1);
                return {
                    lane,
                    kinds: kinds.filter(({ stack }) => stack === lane.name),
                    numbers: numbers.filter((number) => number % pairs.length === pair),
                };
            }),
        );
        const results: Share[] = [];
        for (const some of options.stacks === 1 ? shares.map((share) => [share]) : [shares])
            results.push(...(await Promise.all(some.map((share) => runShare(share, options.seed, stop.signal)))));
        const problems = results.flatMap(({ problems }) => problems);
        return finish(
            outcomeOf(
                options.seed,
                results.flatMap((result) => result.rounds),
                problems,
            ),
            options,
        );
    } finally {
        process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
        await Promise.all(pairs.map((pair) => pair.remove()));
    }
}

/** The rounds of one stack. */
interface Work {
    lane: Lane;
    kinds: Kind[];
    numbers: number[];
}

interface Share {
    rounds: Round[];
    problems: string[];
}

/** Runs a stack's rounds, each kind in turn, under constant load. */
async function runShare({ lane, kinds, numbers }: Work, seed: number, stop: AbortSignal): Promise<Share> {
    const rounds: Round[] = [];
    if (kinds.length === 0) return { rounds, problems: [] };
    lane.start();
    let failures = 0;
    for (const number of numbers)
        for (const kind of kinds) {
            const round = newRound(kind, number, lane, rounds.at(-1)?.last ?? 0);
            rounds.push(round);
            const reason = stop.aborted
                ? "the run was interrupted"
                : kind.needsNode && !lane.hasNode
                  ? "it acts on the node, which is out of reach"
                  : failures === mostFailures
                    ? `${mostFailures} rounds in a row have failed`
                    : undefined;
            if (reason !== undefined) {
                Object.assign(round, { skipped: true, problem: reason });
                continue;
            }
            await runRound(round, seed);
            if (await judge(round, seed)) {
                failures = 0;
                continue;
            }
            failures += 1;
            if (round.lasted === undefined)
                await lane.recover().catch((error: unknown) => {
                    say(String(error));
                });
        }
    return { rounds, problems: await settle(lane, rounds) };
}

/** Reports the result of a round, and saves evidence of a failed one. */
async function judge(round: Round, seed: number): Promise<boolean> {
    const { kind, lane, rate, lasted = 0, recovery } = round;
    const tally = lane.parts.ledger.tally(round.after, round.last);
    const isUnderWay = kind.overlaps === true && round.problem === undefined;
    const passed = isUnderWay || isPassed({ ...round, tally, pipe: inPipe(round) });
    const facts = [
        `${rate.toFixed(0)}/s`,
        ...(round.putOff > 0 ? [`put off ${round.putOff} times: fewer than 500/s`] : []),
        `fault ${lasted.toFixed(1)} s`,
        recovery === undefined ? "lines still on their way" : `found after ${recovery.toFixed(1)} s`,
        ...(inPipe(round) > 0 ? [`${inPipe(round)} lines lost in PostgreSQL's pipe`] : []),
        ...(kind.exceeds ? [`${round.holes} holes in sessions`] : []),
        ...(kind.exceeds || round.lost > 0 ? [`${round.lost} counted as lost`] : []),
    ];
    say(`${passed ? "ok    " : "FAILED"} ${kind.name} ${round.number}: ${facts.join(", ")}`);
    if (passed) return true;
    say(`       ${round.problem ?? "wrong number of lines"}`);
    if (round.lost > 0) say(`       the log keeper said: ${lane.parts.follower.lossMessages.at(-1)}`);
    for (const name of ["missing", "doubled"] as const)
        say(`       ${name} ${tally[name].length}: ${tally[name].slice(0, 20).join(" ")}`);
    say(`       run it again with --seed ${seed} --kinds ${kind.name}; kept in ${await keepEvidence(round, seed)}`);
    return false;
}

/** Ends the load, waits for the remaining lines, and counts. */
async function settle(lane: Lane, rounds: Round[]): Promise<string[]> {
    const { clients, follower, ledger, search, pattern } = lane.parts;
    await clients.stop();
    for (const { found } of rounds) await found;
    const ran = rounds.filter(({ skipped }) => !skipped);
    const problems: string[] = [];
    if (ran.length > 0) ran.at(-1)!.last = ledger.last; // everything sent and counted since then belongs to the last round
    const missing = () =>
        ran
            .filter(({ problem }) => problem === undefined)
            .map((round) => {
                const unseen = ledger.unseen(round.after, round.last) - inPipe(round);
                return unseen - (round.kind.exceeds ? round.lost : 0);
            })
            .reduce((sum, unseen) => sum + unseen, 0);
    // The follower has read every document once if Elasticsearch has the same number.
    const counts = async () => ({
        missing: missing(),
        unread: (await search.count(pattern)) - follower.documents,
    });
    await until("every line found", counts, ({ missing, unread }) => missing === 0 && unread === 0, 120).catch(
        (error: unknown) => problems.push(`${lane.name}: ${(error as Error).message}`),
    );
    await follower.stop();
    const lastRound = ran.at(-1);
    if (lastRound) lastRound.lost += follower.countedLost - ran.reduce((sum, { lost }) => sum + lost, 0);
    for (const round of ran) {
        round.tally = ledger.tally(round.after, round.last);
        round.pipe = inPipe(round);
    }
    return problems;
}

/** Prints the results. */
function finish(outcome: Outcome, { json }: Pick<Options, "json">): Outcome {
    if (json !== undefined) writeFileSync(json, renderJson(outcome));
    const reasons = new Set(
        outcome.rounds.flatMap(({ skipped, problem, kind }) => (skipped ? [`${kind.name}: ${problem}`] : [])),
    );
    console.log(`\nseed ${outcome.seed}\n\n${renderTable(outcome)}\n`);
    console.log(
        "Missing in rounds that passed: what the log keeper counted, and what PostgreSQL's pipe held when all was killed.",
    );
    for (const reason of reasons) console.log(`skipped ${reason}`);
    const failed = outcome.rounds.filter((round) => !round.skipped && !isPassed(round));
    for (const { kind, number, problem, tally } of failed)
        console.log(
            `FAILED ${kind.name} ${number}: ${problem ?? `missing ${tally?.missing.slice(0, 20).join(" ")}, doubled ${tally?.doubled.slice(0, 20).join(" ")}`}`,
        );
    for (const problem of outcome.problems) console.log(`FAILED ${problem}`);
    return outcome;
}
