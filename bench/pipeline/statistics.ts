/** A median with its minimum and maximum. */
export interface Spread {
    median: number;
    min: number;
    max: number;
}

/** @throws if there are no values */
export function median(values: readonly number[]): number {
    if (values.length === 0) throw new Error("there is no median of nothing");
    const sorted = values.toSorted((one, other) => one - other);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): Spread {
    return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The ratio of a value to the reference, compared within each round: a slow machine slows both. */
export function pairedRatio(values: readonly number[], references: readonly number[]): Spread {
    if (values.length !== references.length)
        throw new Error(`${values.length} rounds cannot be compared with ${references.length}`);
    return spread(values.map((value, round) => value / references[round]!));
}

/** The order in one round. Each round starts with the next shipper, so that none is always first. */
export function rotated<T>(values: readonly T[], round: number): T[] {
    const first = values.length === 0 ? 0 : round % values.length;
    return [...values.slice(first), ...values.slice(0, first)];
}
