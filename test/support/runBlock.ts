import { spawn } from "node:child_process";

export interface BlockResult {
    status: number;
    /** Standard output and standard error. */
    text: string;
}

interface Options {
    cwd: string;
    env: NodeJS.ProcessEnv;
    /** Standard input. */
    input?: string;
    /** After how long the commands are ended; none: they take as long as they take. */
    seconds?: number;
}

/**
 * Runs commands as a reader would paste them, but for ending at the first that fails. Programs that they leave in the
 * background end with them: they are of one process group.
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
        child.stdin.on("error", () => undefined); // commands that read nothing
        child.stdin.end(input);
        const end = () => {
            try {
                process.kill(-child.pid!, "SIGTERM");
            } catch {
                // nothing was left
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
