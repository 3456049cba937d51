import { Mi } from "../kubernetes/quantity";

/** PostgreSQL's memory parameters and memory-backed volumes, in bytes, and its numbers of processes. */
export interface MemoryBudget {
    maxConnections: number;
    /** Parallel workers of all sessions together. */
    parallelWorkers: number;
    sharedBuffers: number;
    /** The planner's estimate of the page cache. PostgreSQL allocates nothing for it. */
    effectiveCacheSize: number;
    workMem: number;
    /** For the temporary tables of each session. */
    tempBuffers: number;
    /** For each autovacuum worker, and for one manual VACUUM or CREATE INDEX. */
    maintenanceWorkMem: number;
    /** Size of /dev/shm, which parallel workers exchange rows through. */
    sharedMemoryVolume: number;
    /** Most memory that all of it can use at once; at most the container's limit. */
    total: number;
}

/** Memory that further parameters take, in bytes. They reduce `work_mem`. */
export interface MemoryDemand {
    /** @default an eighth of a session's share, at most 8 MiB, which is PostgreSQL's default */
    tempBuffers?: number;
    /** For each autovacuum worker. @default `maintenanceWorkMem` */
    autovacuumWorkMem?: number;
    /** For each session and each parallel worker, beside its own memory. @default 0 */
    session?: number;
    /** Shared, beside `sharedBuffers`. @default 0 */
    shared?: number;
}

/** Autovacuum workers that run at once: PostgreSQL's default. */
export const autovacuumWorkers = 3;

/** For the postmaster, its background processes, and the sockets and lock files in memory-backed volumes. */
const fixed = 48 * Mi;
/** A backend's caches and stack, without `work_mem` and `temp_buffers`. */
const backend = 8 * Mi;
/** The smallest `work_mem`: PostgreSQL's default. */
const smallestWorkMem = 4 * Mi;
/** The smallest memory limit, in bytes, that leaves a usable database. */
export const smallestMemory = 256 * Mi;

/**
 * Divides a container's memory limit so that no mix of sessions can exceed it.
 *
 * On cgroup v2 the kernel kills the whole container when one process exceeds the limit
 * (https://github.com/kubernetes/kubernetes/issues/117793). So the budget must hold in the worst case. The usual formulas
 * (a quarter for shared buffers, at least 4 MB of `work_mem`, at least 100 connections) exceed a limit below a few GiB.
 * This one reduces the number of connections instead.
 *
 * It counts one `work_mem` and all of `temp_buffers` per session. A query with several sorts or hashes may use several;
 * the kernel then takes memory from the page cache first.
 *
 * @param limit the container's memory limit, in bytes
 * @returns undefined if the limit is too small for 5 connections, or for what the parameters demand
 */
export function memoryBudget(limit: number, demand: MemoryDemand = {}): MemoryBudget | undefined {
    const sharedBuffers = floorMi(limit / 4);
    const sharedMemoryVolume = floorMi(limit / 16);
    const maintenanceWorkMem = Math.min(floorMi(limit / 32), 1024 * Mi);
    const maintenance = maintenanceWorkMem * (autovacuumWorkers + 1);
    const sessions = limit - fixed - sharedBuffers - sharedMemoryVolume - maintenance;
    // One parallel worker for eight connections, at least one. A worker sorts and hashes like a session.
    const mostProcesses = Math.floor(sessions / (backend + 8 * Mi));
    const parallelWorkers = Math.min(8, Math.max(1, Math.floor(mostProcesses / 9)));
    const maxConnections = Math.min(200, mostProcesses - parallelWorkers);
    if (limit < smallestMemory || maxConnections < 5) return undefined;

    const { autovacuumWorkMem = maintenanceWorkMem, session = 0, shared = 0 } = demand;
    const further = shared + (autovacuumWorkMem - maintenanceWorkMem) * autovacuumWorkers;
    const processes = maxConnections + parallelWorkers;
    const share = (sessions - further) / processes - session;
    const tempBuffers = demand.tempBuffers ?? Math.min(8 * Mi, floorMi(share / 8));
    const workMem = floorMi(share - backend - tempBuffers);
    if (workMem < smallestWorkMem) return undefined;
    return {
        maxConnections,
        parallelWorkers,
        sharedBuffers,
        effectiveCacheSize: floorMi(limit * 0.75),
        workMem,
        tempBuffers,
        maintenanceWorkMem,
        sharedMemoryVolume,
        total:
            fixed +
            sharedBuffers +
            sharedMemoryVolume +
            maintenance +
            further +
            processes * (backend + session + tempBuffers + workMem),
    };
}

const floorMi = (bytes: number) => Math.floor(bytes / Mi) * Mi;
