import { once } from "node:events";
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import nanoSpawn from "nano-spawn";
import { usageOf, type Usage } from "../pipeline/processTree";

/** Runs pgBadger, if there is one, on a log file. Returns its version, time, memory and the size of its report. */
export async function runPgBadger(file: string, directory: string): Promise<string | undefined> {
    const version = await nanoSpawn("pgbadger", ["--version"]).catch(() => undefined);
    if (version === undefined) return undefined;
    const report = join(directory, "pgbadger.html");
    const began = Date.now();
    const child = spawn("pgbadger", ["--quiet", "--format", "jsonlog", "--outfile", report, file], { stdio: "ignore" });
    const ended = once(child, "exit") as Promise<[number | null]>;
    let usage: Usage = { cpu: 0, peakMemory: 0 };
    const look = setInterval(() => {
        if (child.exitCode === null && child.signalCode === null) usage = usageOf(child.pid!);
    }, 200);
    const [status] = await ended.finally(() => {
        clearInterval(look);
    });
    if (status !== 0) throw new Error(`pgbadger ended with status ${status ?? "unknown"}`);
    const seconds = (Date.now() - began) / 1000;
    return `${version.stdout}: ${seconds.toFixed(0)} s, ${usage.cpu.toFixed(0)} s of CPU, ${(usage.peakMemory / 1e6).toFixed(0)} MB of memory, a report of ${(statSync(report).size / 1e6).toFixed(1)} MB.`;
}
