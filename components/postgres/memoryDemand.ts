import { Mi } from "../kubernetes/quantity";
import type { ParameterValue, PostgresVersion } from "./config";
import { memoryBudget, type MemoryDemand } from "./memoryBudget";
import { amountOf, isMemory } from "./parameters/check";

type Settings = Record<string, ParameterValue>;

/**
 * Parameters that take shared memory for each connection, with PostgreSQL's default and the bytes of each unit.
 * Source: https://www.postgresql.org/docs/9.2/kernel-resources.html#SHARED-MEMORY-PARAMETERS (270 bytes a lock, and 770
 * for a prepared transaction), https://www.postgresql.org/docs/18/runtime-config-locks.html for the defaults.
 */
const perConnection: Record<string, { usual: number; bytes: number }> = {
    max_locks_per_transaction: { usual: 64, bytes: 270 },
    max_pred_locks_per_transaction: { usual: 64, bytes: 270 },
    track_activity_query_size: { usual: 1024, bytes: 1 },
};
/** Processes beside sessions and parallel workers that also have such a part: the defaults of PostgreSQL 18, rounded up. */
const otherProcesses = 64;

/** Parameters that take shared memory once, with the bytes that the budget counts for them anyway. */
const once: Record<string, number> = {
    wal_buffers: 16 * Mi,
    min_dynamic_shared_memory: 0,
    commit_timestamp_buffers: 0,
    multixact_member_buffers: 0,
    multixact_offset_buffers: 0,
    notify_buffers: 0,
    serializable_buffers: 0,
    subtransaction_buffers: 0,
    transaction_buffers: 0,
};

/**
 * Parameters whose memory counts in the budget. Others take little, or none. The first is the only one with a default
 * that is counted and can be lowered, which leaves more for the others.
 */
const memoryParameters = [
    "autovacuum_work_mem",
    "temp_buffers",
    "max_prepared_transactions",
    ...Object.keys(perConnection),
    ...Object.keys(once),
];

/** True if the budget counts the parameter's memory. */
export const isInBudget = (name: string) => memoryParameters.includes(name);

/** The memory that these parameters take, beside what the budget counts for their defaults. */
export function memoryDemand(settings: Settings, version: PostgresVersion): MemoryDemand {
    const amount = (name: string) =>
        Object.hasOwn(settings, name) ? amountOf(name, settings[name]!, version) : undefined;
    const beyond = (name: string, usual: number) => Math.max(0, (amount(name) ?? usual) - usual);
    const connection = sum(
        Object.entries(perConnection).map(([name, { usual, bytes }]) => beyond(name, usual) * bytes),
    );
    const prepared = (amount("max_prepared_transactions") ?? 0) * (770 + 270 * 64 + connection);
    return {
        tempBuffers: amount("temp_buffers"),
        autovacuumWorkMem: amount("autovacuum_work_mem"),
        session: connection,
        shared:
            prepared +
            connection * otherProcesses +
            sum(Object.entries(once).map(([name, usual]) => beyond(name, usual))),
    };
}

/** A parameter that takes more memory than is left. */
export interface ExcessiveParameter {
    name: string;
    value: ParameterValue;
    /** The largest value that fits beside the parameters before it. */
    most: string;
}

/**
 * The parameters that do not fit into a memory limit. Each is judged beside those before it that fit.
 *
 * @param limit in bytes
 */
export function* excessiveParameters(limit: number, settings: Settings, version: PostgresVersion) {
    const accepted: Settings = {};
    const fits = (name: string, value: ParameterValue) =>
        memoryBudget(limit, memoryDemand({ ...accepted, [name]: value }, version)) !== undefined;
    for (const name of memoryParameters.filter((one) => Object.hasOwn(settings, one))) {
        const value = settings[name]!;
        const amount = amountOf(name, value, version);
        if (amount === undefined) continue;
        if (fits(name, value)) accepted[name] = value;
        else {
            const unit = isMemory(name, version) ? "MB" : "";
            const highest = unit === "" ? amount : Math.floor(amount / Mi);
            const most = largest(highest, (count) => fits(name, `${count}${unit}`));
            yield { name, value, most: `${most}${unit}` } satisfies ExcessiveParameter;
        }
    }
}

/** The largest whole number below one that does not fit. */
function largest(highest: number, fits: (count: number) => boolean): number {
    let [low, high] = [0, highest];
    while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle)) low = middle;
        else high = middle;
    }
    return low;
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
