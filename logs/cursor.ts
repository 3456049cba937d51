import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Mark } from "./arrivals";

const numbers = z.array(z.tuple([z.string(), z.number()]));
const cursor = z.object({
    stack: z.string(),
    mark: z.object({ settled: numbers, highest: numbers, shown: z.array(z.string()) }),
});

/**
 * The mark that a follower of this stack left in a file; undefined where there is no such file.
 *
 * @throws where the file is something else, or of another stack
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
        throw new Error(`${file} is not what --cursor writes. Name another file, or remove it: rm ${file}`);
    if (parsed.data.stack !== stack)
        throw new Error(`${file} is of stack ${parsed.data.stack}, not ${stack}. Name another file for --cursor`);
    return parsed.data.mark;
}

/** Writes a mark; whoever reads the file at that moment finds the one before. */
export function writeCursor(file: string, stack: string, mark: Mark) {
    writeFileSync(`${file}.new`, JSON.stringify({ stack, mark }));
    renameSync(`${file}.new`, file);
}
