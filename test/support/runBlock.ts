import { spawn } from "node:child_process";

export interface BlockResult {
    status: number;
    /** Standard output and standard error. */
    text: string;
}

interface Options {
    cwd: string;
    env: NodeJS.ProcessEnv;
    /** Text for standard input. */
    input?: string;
    /** Time limit in milliseconds; none by default. */
    seconds?: number;
}

/**
 * Runs commands as if a reader had pasted them, but stops at the first failure. Programs in the background end with
 * them,
 * because they share a process group.
 */
export function runBlock(text: string, { cwd, env, input = "", seconds }: Options) {
    return new Promise<BlockResult>((resolve, reject) => {
        const child = spawn("bash", ["-c", `set -euo pipefail\n${text}\n`], {
            ...{ cwd, env },
            detached: true,
        });
        let said = "";
        let status = 1;
        const take = (chunk: Buffer) => {
            said += chunk.toString();
        };
        child.stdout.on("data", take);
        child.stderr.on("data", take);
        child.stdin.on("error", () => undefined); // the commands may not read their input
        child.stdin.end(input);
        const end = () => {
            try {
                process.kill(-child.pid!, "SIGTERM");
            } catch {
                // no process was left
            }
        };
        const limit =
            seconds !== undefined &&
            setTimeout(() => {
                said += `\nnot at its end after ${seconds} s`;
                end();
            }, seconds * 1000);
        child.on("error", reject);
        child.on("exit", (code) => {
            status = code ?? 1;
            end();
        });
        child.on("close", () => {
            if (limit !== false) clearTimeout(limit);
            resolve({ status, text: said });
        });
    });
}
