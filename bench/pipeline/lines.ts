import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { checkpointEvent, connectionEvents, disconnectionEvent, errorEvent, statementEvent } from "./events";
import { jsonlogLine, type LogEvent } from "./jsonlog";
import { random, type Random } from "./random";
import { newSession, type Session } from "./sessions";

/** Number of concurrent sessions. */
const pool = 40;
export const begin = Date.UTC(2026, 0, 31, 12);

type Statements = (random: Random) => LogEvent;

/**
 * Lines of PostgreSQL's log, without their line ends: 85 % statements with their duration, 5 % errors, 8 % opened and
 * closed connections, 2 % checkpoints. The same seed gives the same lines, and no two have the same session and number.
 *
 * @param statements makes the event of a statement
 */
export function* logLines(seed: number, count: number, statements: Statements = statementEvent): Generator<string> {
    const numbers = random(seed);
    let now = begin;
    let pid = 1000;
    const newcomer = () => newSession(numbers, ++pid, Math.floor(now / 1000));
    const sessions = Array.from({ length: pool }, newcomer);
    const checkpointer = { pid: 27, start: Math.floor(begin / 1000) - 60, line: 0 };
    const write = (session: Session, event: LogEvent) => {
        session.line += 1;
        return jsonlogLine(now, event, session, session);
    };
    const waiting: (() => string)[] = []; // remaining events of a session that replaced an earlier one
    const succession = () => {
        const session = newcomer();
        const place = numbers.between(0, pool - 1);
        waiting.push(...connectionEvents(session).map((event) => () => write(session, event)));
        waiting.push(() => {
            const old = sessions[place]!;
            sessions[place] = session;
            return write(old, disconnectionEvent(old, now));
        });
    };
    for (let written = 0; written < count; written += 1) {
        now += numbers.between(0, 1);
        const share = numbers.next();
        const session = numbers.pick(sessions);
        if (share < 0.85) {
            session.transaction += 1;
            yield write(session, statements(numbers));
        } else if (share < 0.9) {
            yield write(session, errorEvent(numbers, session));
        } else if (share < 0.92) {
            checkpointer.line += 1;
            yield jsonlogLine(now, checkpointEvent(numbers), undefined, checkpointer);
        } else {
            if (waiting.length === 0) succession();
            yield waiting.shift()!();
        }
    }
}

/**
 * Writes the lines to a file.
 *
 * @returns the file's size in bytes
 */
export async function writeLines(path: string, seed: number, count: number, statements?: Statements): Promise<number> {
    const file = createWriteStream(path);
    let batch: string[] = [];
    const flush = async () => {
        const text = `${batch.join("\n")}\n`;
        batch = [];
        if (!file.write(text)) await once(file, "drain");
    };
    for (const line of logLines(seed, count, statements)) {
        batch.push(line);
        if (batch.length === 2000) await flush();
    }
    if (batch.length > 0) await flush();
    file.end();
    await finished(file);
    return file.bytesWritten;
}
