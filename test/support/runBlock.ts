import { spawn } from "node:child_process";

export interface BlockResult {
    status: number;
    /** What it wrote to both outputs. */
    text: string;
}

/**
 * Runs commands as a reader would paste them, but for ending at the first that fails. Programs that they leave in the
 * background end with them: they are of one process group.
 */
export function runBlock(text: string, options: { cwd: string; env: NodeJS.ProcessEnv; input?: string }) {
    return new Promise<BlockResult>((resolve, reject) => {
        const child = spawn("bash", ["-c", `set -euo pipefail\n${text}\n`], {
            ...{ cwd: options.cwd, env: options.env },
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
        child.stdin.end(options.input ?? "");
        child.on("error", reject);
        child.on("exit", (code) => {
            status = code ?? 1;
            try {
                process.kill(-child.pid!, "SIGTERM");
            } catch {
                // nothing was left
            }
        });
        child.on("close", () => {
            resolve({ status, text: said });
        });
    });
}
