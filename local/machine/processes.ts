import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine: its number and its command line. */
export interface Process {
    pid: number;
    arguments: string[];
}

/** Every process whose arguments can be read in /proc. */
export function processes(): Process[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((name) => ({ pid: Number(name), arguments: argumentsOf(name) }))
        .filter((process) => process.arguments.length > 0);
}

function argumentsOf(pid: string): string[] {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    } catch {
        return []; // the process ended after the directory was listed
    }
}

/** Sends a signal. Does not fail if the process has already ended. */
export function signal(pid: number, name: NodeJS.Signals) {
    try {
        process.kill(pid, name);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}
