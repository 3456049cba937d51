import { Mi } from "../kubernetes/quantity";

/** PostgreSQL's memory settings, in bytes (but for the two numbers of processes), and the volumes in memory beside them. */
export interface MemoryBudget {
    maxConnections: number;
    /** Workers of parallel queries that may run at once, over all sessions. */
    parallelWorkers: number;
    sharedBuffers: number;
    /** What the planner may expect the page cache to hold: a hint, nothing is allocated. */
    effectiveCacheSize: number;
    workMem: number;
    /** Of each autovacuum worker, and of one manual VACUUM or CREATE INDEX beside them. */
    maintenanceWorkMem: number;
    /** Size of /dev/shm, where parallel queries share their tuples. */
    sharedMemoryVolume: number;
    /** What all of it may come to at the same moment; never more than the container's limit. */
    total: number;
}

/** Autovacuum workers that may run at once (PostgreSQL's default). */
export const autovacuumWorkers = 3;

/** The postmaster, its background processes and the sockets and lock files in memory volumes. */
const fixed = 48 * Mi;
/** What a backend holds beside `work_mem`: its caches, its stack. */
const backend = 8 * Mi;
/** The smallest limit for which the budget leaves a usable database. */
export const smallestMemory = 256 * Mi;

/**
 * Divides a container's memory limit so that no mix of sessions can exceed it.
 *
 * On cgroup v2 the kernel kills the whole container when one process goes over the limit
 * (https://github.com/kubernetes/kubernetes/issues/117793), so a budget that only holds on average is an outage.
 * The usual tuning formulas (a quarter for shared buffers, `work_mem` with a floor of 4 MB, 100 and more connections)
 * break it below a few GiB; here the number of connections gives way first.
 *
 * One `work_mem` a session is counted. A query with several sorts or hashes may use a multiple of it; what the page
 * cache holds is given back to them first.
 *
 * @param limit the container's memory limit, in bytes
 * @returns undefined where the limit is too small for 5 connections
 */
export function memoryBudget(limit: number): MemoryBudget | undefined {
    const sharedBuffers = floorMi(limit / 4);
    const sharedMemoryVolume = floorMi(limit / 16);
    const maintenanceWorkMem = Math.min(floorMi(limit / 32), 1024 * Mi);
    const maintenance = maintenanceWorkMem * (autovacuumWorkers + 1);
    const sessions = limit - fixed - sharedBuffers - sharedMemoryVolume - maintenance;
    // One parallel worker to eight connections, and never none: each sorts and hashes like a session.
    const processes = Math.floor(sessions / (backend + 8 * Mi));
    const parallelWorkers = Math.min(8, Math.max(1, Math.floor(processes / 9)));
    const maxConnections = Math.min(200, processes - parallelWorkers);
    if (limit < smallestMemory || maxConnections < 5) return undefined;
    const workMem = floorMi(sessions / (maxConnections + parallelWorkers) - backend);
    return {
        maxConnections,
        parallelWorkers,
        sharedBuffers,
        effectiveCacheSize: floorMi(limit * 0.75),
        workMem,
        maintenanceWorkMem,
        sharedMemoryVolume,
        total:
            fixed +
            sharedBuffers +
            sharedMemoryVolume +
            maintenance +
            (maxConnections + parallelWorkers) * (backend + workMem),
    };
}

const floorMi = (bytes: number) => Math.floor(bytes / Mi) * Mi;
