import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Mark } from "./arrivals";

const numbers = z.array(z.tuple([z.string(), z.number()]));
const cursor = z.object({
    stack: z.string(),
    mark: z.object({ settled: numbers, highest: numbers, shown: z.array(z.string()) }),
});

/**
 * The mark that a follower of this stack left in a file; undefined if the file does not exist.
 *
 * @throws if the file is something else, or belongs to a different stack
 */
export function readCursor(file: string, stack: string): Mark | undefined {
    if (!existsSync(file)) return undefined;
    let content: unknown;
    try {
        content = JSON.parse(readFileSync(file, "utf8"));
    } catch {
        content = undefined;
    }
    const parsed = cursor.safeParse(content);
    if (!parsed.success)
        throw new Error(`${file} is not what --cursor writes. Name a different file, or remove this one: rm ${file}`);
    if (parsed.data.stack !== stack)
        throw new Error(
            `${file} belongs to stack ${parsed.data.stack}, not ${stack}. Name a different file for --cursor`,
        );
    return parsed.data.mark;
}

/** Writes a mark in one step. A reader gets the old mark or the new one. */
export function writeCursor(file: string, stack: string, mark: Mark) {
    writeFileSync(`${file}.new`, JSON.stringify({ stack, mark }));
    renameSync(`${file}.new`, file);
}
