import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Run } from "./result";
import type { Found, Shipper, Start } from "./shipper";
import { Sink } from "./sink";

/** The lines that every shipper sends. */
export interface Lines {
    directory: string;
    count: number;
}

/** Seconds that a shipper has to end after SIGTERM. */
const patience = 30;

interface Process {
    child: ChildProcess;
    pid: number;
    /** Kills it when this process exits. */
    kill: () => void;
}

export async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Starts a shipper with its output in a file. */
export async function startProcess({ program, args, env }: Start, directory: string): Promise<Process> {
    const log = openSync(join(directory, "output.log"), "a");
    const child = spawn(program, args, {
        cwd: directory,
        env: { ...process.env, ...env },
        stdio: ["ignore", log, log],
    });
    closeSync(log);
    await once(child, "spawn"); // throws if it does not start
    const kill = () => child.kill("SIGKILL");
    process.prependOnceListener("exit", kill);
    return { child, pid: child.pid!, kill };
}

export async function stopProcess({ child, kill }: Process) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(kill, patience * 1000);
    await ended;
    clearTimeout(timer);
    process.off("exit", kill);
}

/** Rejects when the shipper ends by itself, which is a failure. */
async function unexpectedEnd({ child }: Process): Promise<never> {
    const [status, signal] = (await once(child, "exit")) as [number | null, string | null];
    throw new Error(`it ended by itself: ${signal ?? `status ${status ?? "unknown"}`}`);
}

const lastLines = (directory: string) =>
    readFileSync(join(directory, "output.log"), "utf8").trimEnd().split("\n").slice(-15).join("\n");

/**
 * Runs one shipper from its start until the sink has one document per line.
 *
 * @param directory for its files, removed afterwards
 * @param onProgress called with the number of documents in the sink
 */
export async function runShipper(
    shipper: Shipper,
    found: Found,
    lines: Lines,
    directory: string,
    onProgress: (documents: number) => void,
): Promise<Run> {
    mkdirSync(directory, { recursive: true });
    const sink = await Sink.start();
    try {
        const place = {
            directory,
            logs: lines.directory,
            host: "127.0.0.1",
            port: sink.port,
            ownPort: await freePort(),
        };
        const start = shipper.prepare(place, found);
        const began = Date.now();
        const running = await startProcess(start, directory);
        try {
            const arrival = sink.arrival(running.pid, lines.count, onProgress);
            const { at, cpu, peakMemory, wireBytes } = await Promise.race([arrival, unexpectedEnd(running)]);
            await stopProcess(running); // documents that it still sends are counted
            const documents = await sink.documents();
            if (documents !== lines.count) throw new Error(`${documents} documents arrived instead of ${lines.count}`);
            return { cpu, wall: (at - began) / 1000, peakMemory, wireBytes, documents };
        } catch (error) {
            throw new Error(`${shipper.id}: ${(error as Error).message}\n${lastLines(directory)}`, { cause: error });
        } finally {
            await stopProcess(running);
        }
    } finally {
        await sink.stop();
        rmSync(directory, { recursive: true, force: true });
    }
}
