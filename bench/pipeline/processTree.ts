import { readFileSync, readdirSync } from "node:fs";

/** The usage of a process and all its descendants. */
export interface Usage {
    /** User and system time of all threads, in seconds. */
    cpu: number;
    /** Sum of each process's peak resident memory, in bytes. */
    peakMemory: number;
}

/** Unit of the times in /proc/PID/stat: USER_HZ is 100 on every architecture that Node runs on (proc_pid_stat(5)). */
const ticksASecond = 100;

interface ProcessStat {
    pid: number;
    parent: number;
    cpu: number;
}

/** The numbers of /proc/PID/stat. The name may contain blanks and brackets, so fields are counted after it. */
export function parseStat(text: string): ProcessStat {
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const number = (field: number) => Number(fields[field - 3]);
    // utime and stime, of the process and of its ended children
    const ticks = number(14) + number(15) + number(16) + number(17);
    return { pid: Number.parseInt(text, 10), parent: number(4), cpu: ticks / ticksASecond };
}

/** A file of a process; undefined if the process has ended. */
function read(pid: string | number, file: string): string | undefined {
    try {
        return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
        return undefined;
    }
}

function peakMemory(pid: number): number {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(read(pid, "status") ?? "")?.[1];
    return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/**
 * The usage of a process and its descendants so far. The process's own CPU time is read first, because reading the rest
 * takes a few milliseconds.
 */
export function usageOf(root: number): Usage {
    const text = read(root, "stat");
    if (text === undefined) throw new Error(`process ${root} has ended`);
    const tree = [parseStat(text)];
    const others = readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name) && Number(name) !== root)
        .flatMap((name) => read(name, "stat") ?? [])
        .map(parseStat);
    for (const member of tree) tree.push(...others.filter(({ parent }) => parent === member.pid));
    return {
        cpu: tree.reduce((sum, { cpu }) => sum + cpu, 0),
        peakMemory: tree.reduce((sum, { pid }) => sum + peakMemory(pid), 0),
    };
}
