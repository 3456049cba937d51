import { statementEvent } from "../pipeline/events";
import type { LogEvent } from "../pipeline/jsonlog";
import { random, type Random } from "../pipeline/random";

/** Number of statements that differ in more than their values. */
const shapes = 2000;

/** PostgreSQL gives statements that differ only in their values the same id. */
const queryId = (shape: number) => String((BigInt(shape) + 1n) * 4_611_686_018_427_387n);

/** The line of one of 2,000 statements, with new numbers, as an application repeats its statements. */
export function repeatedStatement(numbers: Random): LogEvent {
    const shape = Math.floor(numbers.next() ** 2 * shapes); // some are much more frequent
    const { message, ...event } = statementEvent(random(shape));
    const text = message
        .replace(/^duration: [\d.]+/, `duration: ${(0.05 + numbers.next() ** 4 * 400).toFixed(3)}`)
        .replace(/\b\d{4,7}\b(?!-)/g, () => String(numbers.between(1000, 9_999_999)));
    return { ...event, message: text, queryId: queryId(shape) };
}
