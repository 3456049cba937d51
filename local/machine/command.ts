import spawn, { SubprocessError } from "nano-spawn";
import type { ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";

/** A failed command, with its last lines of output and the file that has the rest. */
export class CommandFailed extends Error {
    constructor(
        command: string,
        outcome: string,
        /** The last lines of its output. */
        readonly lines: string[],
        /** The file with all of its output; undefined if none was kept. */
        readonly log?: string,
    ) {
        super(`\`${command}\` ${outcome}`);
    }
}

export interface CommandOptions {
    /** File to which all output is appended. */
    log?: string;
    /** Called with each line of output. */
    onLine?: (line: string) => void;
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string;
    /** Seconds after which the command is killed. @default no limit */
    timeout?: number;
}

const lastLines = 12;

/** The commands that run now. */
const children = new Set<ChildProcess>();

/** Ends every running command. Used when one of several concurrent commands has failed. */
export function endCommands() {
    for (const child of children) child.kill();
}

/**
 * Runs a program, waits for its end and returns its standard output.
 *
 * @throws CommandFailed if its status is not 0, it does not exist, or it takes too long
 */
export async function command(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
    const { log, onLine, cwd, env, input, timeout } = options;
    const shown = [program, ...args].join(" ");
    if (log !== undefined) mkdirSync(dirname(log), { recursive: true });
    const file = log === undefined ? undefined : createWriteStream(log, { flags: "a" });
    file?.write(`$ ${shown}\n`);
    const last: string[] = [];
    const child = spawn(program, args, {
        ...(cwd !== undefined && { cwd }),
        ...(timeout !== undefined && { timeout: timeout * 1000 }),
        env: env ?? process.env,
        stdin: input === undefined ? "ignore" : { string: input },
    });
    // A program that could not be started also rejects `child`, which is handled below.
    const started = child.nodeChildProcess.then((one) => children.add(one)).catch(() => undefined);
    const printed: string[] = [];
    const follow = async (lines: AsyncIterable<string>, keep: boolean) => {
        for await (const line of lines) {
            if (keep) printed.push(line);
            file?.write(`${line}\n`);
            if (line.trim() === "") continue;
            last.push(line);
            if (last.length > lastLines) last.shift();
            onLine?.(line);
        }
    };
    // When the program fails, all three promises fail with the same error.
    const ends = await Promise.allSettled([child, follow(child.stdout, true), follow(child.stderr, false)]);
    await started;
    await child.nodeChildProcess.then((one) => children.delete(one)).catch(() => undefined);
    const failure = ends.find((end) => end.status === "rejected")?.reason as Error | undefined;
    if (failure !== undefined && !(failure instanceof SubprocessError)) throw failure;
    if (file !== undefined) {
        file.end();
        await finished(file);
    }
    if (failure === undefined) return printed.join("\n");
    const shortened = shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
    throw new CommandFailed(shortened, outcome(failure, timeout), last, log);
}

function outcome({ exitCode, signalName, cause }: SubprocessError, timeout: number | undefined) {
    if (exitCode !== undefined) return `ended with status ${exitCode}`;
    if (signalName === undefined) return `could not be started: ${(cause as Error | undefined)?.message ?? "unknown"}`;
    return `was ended by ${signalName}${timeout === undefined ? "" : `, or took longer than ${timeout} s`}`;
}

/** True if a command succeeds. Its output is ignored. */
export async function succeeds(program: string, args: string[], options: CommandOptions = {}) {
    try {
        await command(program, args, options);
        return true;
    } catch (error) {
        if (error instanceof CommandFailed) return false;
        throw error;
    }
}

/**
 * Checks a condition every 200 ms until it is true.
 *
 * @param what the condition, for the error
 * @param seconds the time limit
 * @throws if the condition is still false after that time
 */
export async function until(what: string, seconds: number, ask: () => Promise<boolean>) {
    const end = Date.now() + seconds * 1000;
    while (!(await ask())) {
        if (Date.now() > end) throw new Error(`${what} did not come true in ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}
