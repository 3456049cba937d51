import { markdownTable } from "markdown-table";
import type { Kind } from "./kind";
import type { Round } from "./round";
import { without } from "./without";

/** The result of a run. */
export interface Outcome {
    seed: number;
    rounds: Round[];
    /** Problems outside of single rounds. */
    problems: string[];
    passed: number;
    failed: number;
    skipped: number;
}

/**
 * Checks a round: each statement must be there once, and none reported as lost. If there were more lines than the
 * volume holds,
 * exactly the reported number must be missing. Lines in PostgreSQL's pipe when everything was killed may be missing.
 */
export function isPassed({ kind, tally, lost, problem, pipe = 0 }: Round): boolean {
    if (problem !== undefined || tally === undefined) return false;
    const isExpected = kind.exceeds === true || lost === 0;
    return isExpected && tally.doubled.length === 0 && tally.missing.length === lost + pipe;
}

export function outcomeOf(seed: number, rounds: Round[], problems: string[]): Outcome {
    const ran = rounds.filter(({ skipped }) => !skipped);
    const passed = ran.filter(isPassed).length;
    return { seed, rounds, problems, passed, failed: ran.length - passed, skipped: rounds.length - ran.length };
}

/** The totals of one kind's rounds, or of all rounds. */
function sums(rounds: Round[]) {
    const sum = (value: (round: Round) => number) => rounds.reduce((all, round) => all + value(round), 0);
    return {
        rounds: rounds.filter(({ skipped }) => !skipped).length,
        acknowledged: sum(({ tally }) => tally?.noted ?? 0),
        missing: sum(({ tally }) => tally?.missing.length ?? 0),
        doubled: sum(({ tally }) => tally?.doubled.length ?? 0),
        lost: sum(({ lost }) => lost),
        holes: sum(({ holes }) => holes),
        slowest: Math.max(0, ...rounds.map(({ recovery = 0 }) => recovery)),
    };
}

function kindsOf(rounds: Round[]): Kind[] {
    return [...new Set(rounds.map(({ kind }) => kind))];
}

export function renderTable({ rounds }: Outcome): string {
    const row = (name: string, of: Round[]) => {
        const { slowest, ...rest } = sums(of);
        const counts = without(rest, "holes");
        return [name, ...Object.values(counts).map((count) => count.toLocaleString("en")), `${slowest.toFixed(1)} s`];
    };
    const head = [
        ...["kind of fault", "rounds", "acknowledged statements", "missing", "doubled"],
        ...["counted as lost", "slowest recovery"],
    ];
    const rows = kindsOf(rounds).map((kind) =>
        row(
            kind.name,
            rounds.filter((round) => round.kind === kind),
        ),
    );
    return markdownTable([head, ...rows, row("total", rounds)], { align: ["l", "r", "r", "r", "r", "r", "r"] });
}

/** The results in a format for programs. */
export function renderJson({ rounds, ...rest }: Outcome): string {
    const entry = (round: Round) => {
        const { kind, lane, tally } = round;
        const facts = without(round, "kind", "lane", "found", "tally");
        return { kind: kind.name, stack: lane.name, passed: isPassed(round), ...facts, ...tally };
    };
    const kinds = kindsOf(rounds).map((kind) => ({
        ...{ name: kind.name, what: kind.what },
        ...sums(rounds.filter((round) => round.kind === kind)),
    }));
    return `${JSON.stringify({ ...rest, total: sums(rounds), kinds, rounds: rounds.map(entry) }, null, 2)}\n`;
}
