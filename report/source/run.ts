import spawn, { SubprocessError } from "nano-spawn";

/** How a program ended, and what it printed, without the last line break. */
export interface Finished {
    status: number;
    stdout: string;
    stderr: string;
}

/**
 * Runs a program to its end and reports its exit status.
 *
 * @param options `env` adds to this process's environment; `input` goes to standard input
 * @throws if the program does not start, or a signal ends it
 */
export async function run(
    program: string,
    args: string[],
    { cwd = process.cwd(), env = process.env, input }: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Finished> {
    try {
        const stdin = input === undefined ? "ignore" : { string: input };
        const { stdout, stderr } = await spawn(program, args, { cwd, env, stdin });
        return { status: 0, stdout, stderr };
    } catch (error) {
        if (!(error instanceof SubprocessError)) throw error;
        const { exitCode, stdout, stderr, cause, message } = error;
        if (exitCode !== undefined) return { status: exitCode, stdout, stderr };
        throw new Error(`cannot run ${program}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
    }
}
