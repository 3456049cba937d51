/** A middle value and its extremes. */
export interface Spread {
    median: number;
    min: number;
    max: number;
}

/** @throws where there is no value */
export function median(values: readonly number[]): number {
    if (values.length === 0) throw new Error("there is no median of nothing");
    const sorted = values.toSorted((one, other) => one - other);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): Spread {
    return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How many times the reference a value is, compared within each round: what slows the whole machine for a while slows
 * both.
 */
export function pairedRatio(values: readonly number[], references: readonly number[]): Spread {
    if (values.length !== references.length)
        throw new Error(`${values.length} rounds cannot be compared with ${references.length}`);
    return spread(values.map((value, round) => value / references[round]!));
}

/** The order of a round: each begins with the next one, so that none is always first. */
export function rotated<T>(values: readonly T[], round: number): T[] {
    const first = values.length === 0 ? 0 : round % values.length;
    return [...values.slice(first), ...values.slice(0, first)];
}
