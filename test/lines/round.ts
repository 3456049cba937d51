import { setTimeout as delay } from "node:timers/promises";
import { until } from "../e2e/run";
import type { Kind } from "./kind";
import type { Lane } from "./lane";
import type { Tally } from "./ledger";
import { random, seedOf } from "../../bench/pipeline/random";

/** One fault under load, and the result for the statements around it. */
export interface Round {
    kind: Kind;
    number: number;
    lane: Lane;
    /** The last number before this round's statements, and the last number of the round. */
    after: number;
    last: number;
    /** Statements a second in the 10 s before the fault. */
    rate: number;
    /** Number of times the fault was postponed because fewer than 500 statements a second were acknowledged. */
    putOff: number;
    /** Duration of the fault in seconds, and the time from its end until every line acknowledged by then was found. */
    lasted?: number;
    recovery?: number;
    /**
     * Lines that the log keeper reported as lost since the previous round. It reports a loss 8 s after it removed a file,
     * so possibly in the next round.
     */
    lost: number;
    /** Missing lines, found by gaps in PostgreSQL's own numbers of a session's lines. */
    holes: number;
    /** The newest number when PostgreSQL and its collector were killed together. */
    cut?: number;
    /** Missing lines that were in PostgreSQL's pipe then. */
    pipe?: number;
    /** Ends when the lines are found, or at the time limit. */
    found?: Promise<void>;
    /** Set at the end. */
    tally?: Tally;
    /** Why it failed or was skipped. */
    problem?: string;
    skipped?: true;
}

/** A fault counts only if this many statements a second were acknowledged in the 10 s before it. */
const leastRate = 500;
const window = 10;
/** Time limit in seconds for a round's lines. Fluent Bit gives up a hanging connection after 90 s. */
const patience = 240;

export function newRound(kind: Kind, number: number, lane: Lane, after: number): Round {
    return { kind, number, lane, after, last: after, rate: 0, putOff: 0, lost: 0, holes: 0 };
}

/** Runs a round. An error is recorded in the round. */
export async function runRound(round: Round, seed: number) {
    const { kind, lane } = round;
    const { ledger, follower } = lane.parts;
    const [lostBefore, holesBefore] = [follower.countedLost, follower.holes()];
    try {
        await makeYoung(kind, lane);
        await waitForLoad(round);
        const start = Date.now();
        await kind.fault(lane, random(seedOf(seed, kind.name, round.number)));
        round.lasted = (Date.now() - start) / 1000;
        lane.faultEnd = Date.now();
        round.last = ledger.last;
        if (kind.cutsPipe) round.cut = lane.cut;
        round.found = awaitLines(round, lane.faultEnd, lostBefore);
        if (!kind.overlaps) await round.found;
    } catch (error) {
        round.problem = (error as Error).message;
        round.last = ledger.last;
    }
    round.lost = follower.countedLost - lostBefore;
    round.holes = follower.holes() - holesBefore;
}

/** Replaces a Pod if this kind ends a container that was already restarted in it. */
async function makeYoung(kind: Kind, lane: Lane) {
    if (kind.ends === undefined) return;
    if ((await lane.restarts(kind.ends)) === 0) return;
    await lane.replacePod();
    lane.faultEnd = Date.now();
}

/** Acknowledged lines that were still in the pipe belong to the last few statements before the kill. */
const pipe = 32;

/** The number of missing lines of a round that may have been in PostgreSQL's pipe. */
export function inPipe({ cut, lane }: Round): number {
    return cut === undefined ? 0 : lane.parts.ledger.unseen(Math.max(0, cut - pipe), cut);
}

/** Waits until the last fault was 10 s ago and the load is back to normal. */
async function waitForLoad(round: Round) {
    const { lane } = round;
    for (let end = lane.faultEnd + window * 1000; ; end = Date.now() + window * 1000) {
        while (Date.now() < end) await delay(100);
        round.rate = lane.parts.clients.acknowledgedIn(window) / window;
        if (round.rate >= leastRate) return;
        round.putOff += 1;
        if (round.putOff === 12) throw new Error(`only ${round.rate} statements a second were acknowledged`);
    }
}

/** Waits until each line that was acknowledged by the end of the fault is in Elasticsearch, or was counted as lost. */
async function awaitLines(round: Round, faultEnd: number, lostBefore: number) {
    const { ledger, follower } = round.lane.parts;
    const counted = () => (round.kind.exceeds ? follower.countedLost - lostBefore : 0);
    const lines = () => {
        const unseen = ledger.unseen(round.after, round.last) - inPipe(round);
        // The log keeper removes files until the waiting lines are read, so it also removes lines from after the fault.
        if (unseen < counted()) round.last = ledger.last;
        return Promise.resolve({ unseen, counted: counted() });
    };
    try {
        const what = "every acknowledged line in Elasticsearch or counted as lost";
        await until(what, lines, ({ unseen, counted }) => unseen === counted, patience);
        round.recovery = (Date.now() - faultEnd) / 1000;
    } catch (error) {
        round.problem = (error as Error).message;
    }
}
