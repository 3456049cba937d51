import { bytesOf, Mi } from "../../components/kubernetes/quantity";
import { dataDirectory, hbaFile, postgresPort } from "../../components/postgres/config";
import { memoryBudget } from "../../components/postgres/memoryBudget";
import { excessiveParameters, isInBudget } from "../../components/postgres/memoryDemand";
import { numberOf } from "../../components/postgres/parameters/check";
import { parameters } from "../../components/postgres/parameters/table";
import type { Change } from "../change";
import { effect, type Effect, type Level } from "../effect";
import { settingsOf } from "../source/fieldChanges";
import { changeOf, claimSizeOf, fileOf, memoryLimitOf } from "./plan";

/** The values of a parameter before and after, without quotes; undefined for the default. */
interface Shift {
    name: string;
    from: string | undefined;
    to: string | undefined;
}
type Judge = (shift: Shift, plan: readonly Change[]) => Effect;

/** A value of a line of postgresql.conf without its quotes. */
export function unquoted(value: unknown): string | undefined {
    if (typeof value !== "string") return undefined;
    const [, text] = /^'(.*)'$/.exec(value) ?? [];
    return text === undefined ? value : text.replaceAll("''", "'").replaceAll("\\\\", "\\");
}

const isOff = (value: string) => ["off", "false", "no", "0"].some((word) => word.startsWith(value.toLowerCase()));

/** A switch that protects the data in one position; `safe` is also its default. */
function guard(safe: "on" | "off", level: Level, says: string): Judge {
    const isSafe = (value: string | undefined) => isOff(value ?? safe) === (safe === "off");
    return ({ from, to }) => {
        if (!isSafe(to)) return effect(isSafe(from) ? level : "none", isSafe(from) ? says : "It stays as it was.");
        return effect("none", isSafe(from) ? "It stays as it was." : "The protection is back.");
    };
}

/** A parameter with only one value that works here. */
function only(value: string, level: Level, says: string): Judge {
    return ({ to }) =>
        to === value ? effect("none", "The value that the Pod relies on is back.") : effect(level, says);
}

/** The number of a value in the parameter's own unit; `otherwise` without a value. */
function number({ name }: Shift, value: string | undefined, otherwise: number): number {
    const parameter = parameters(18).get(name) ?? parameters(17).get(name);
    if (value === undefined || parameter === undefined) return otherwise;
    return numberOf(parameter, value) ?? NaN;
}

/**
 * A limit that clients meet. A smaller value is tighter.
 *
 * @param otherwise PostgreSQL's default, in the parameter's own unit
 * @param unlimited the value that means no limit
 */
function limit(otherwise: number, unlimited: number | undefined, tighter: string, looser: Judge): Judge {
    return (shift, plan) => {
        const [from, to] = [shift.from, shift.to]
            .map((value) => number(shift, value, otherwise))
            .map((value) => (value === unlimited ? Infinity : value)) as [number, number];
        if (Number.isNaN(from) || Number.isNaN(to)) return noRule;
        if (from === to) return effect("none", "The limit stays as it was.");
        return to < from ? effect("limits", tighter) : looser(shift, plan);
    };
}

const noRule = effect("unknown", "There is no rule for this setting: look it up before you merge.");
const moreTime = () => effect("none", "Statements and sessions have more time.");
const timeout = (otherwise: number) =>
    limit(otherwise, 0, "Statements or sessions that take longer than that are ended.", moreTime);

/** What the files of PostgreSQL's configuration set, as a plan leaves it. */
function configurationOf(plan: readonly Change[]): Record<string, string> {
    const config = changeOf(plan, "postgres-config")?.after;
    const files = ["postgresql.conf", "reloadable.conf"].map((name) => fileOf(config, name) ?? "");
    const values = Object.entries(settingsOf(files.join("\n")));
    return Object.fromEntries(values.map(([name, value]) => [name, unquoted(value)!]));
}

/**
 * The memory limit in bytes. A plan that leaves the Deployment as it is also leaves `shared_buffers`, which are a quarter of
 * the limit, rounded down.
 */
function memoryOf(plan: readonly Change[]): number | undefined {
    const buffers = megabytes(configurationOf(plan).shared_buffers);
    return memoryLimitOf(plan) ?? (buffers === undefined ? undefined : 4 * buffers);
}

/** True if the memory budget counts the parameter, and all that the configuration sets fits the container's limit. */
function fitsTheBudget(name: string, plan: readonly Change[]): boolean {
    const bytes = memoryOf(plan);
    if (bytes === undefined || !isInBudget(name)) return false;
    return excessiveParameters(bytes, configurationOf(plan), 18).next().done === true;
}

/** More memory is the risk, unless the memory budget counts it. */
const moreMemory: Judge = ({ name }, plan) =>
    fitsTheBudget(name, plan)
        ? effect("none", "The memory budget counts it.")
        : effect("unknown", "It may exceed the memory limit, and the kernel may kill PostgreSQL: check it.");

/** Memory that each session may take. */
function memory(otherwise: number): Judge {
    return (shift, plan) => {
        const [from, to] = [number(shift, shift.from, otherwise), number(shift, shift.to, otherwise)];
        const [was, is] = [from, to].map((value) => (value === -1 ? 0 : value)) as [number, number];
        return is <= was ? effect("none", "Each session uses less memory.") : moreMemory(shift, plan);
    };
}

/** The megabytes that the program writes into postgresql.conf, in bytes. */
const megabytes = (value: string | undefined) =>
    /^\d+MB$/.test(value ?? "") ? bytesOf(value!.replace("MB", "Mi")) : undefined;

const follows = effect("none", "It follows the memory or the volume.");

/** A parameter that the memory limit gives a value. A larger value than that takes memory from others. */
function budgeted(
    value: (text: string | undefined) => number | undefined,
    share: (limit: number) => number | undefined,
): Judge {
    return ({ from, to }, plan) => {
        const [was, is] = [value(from), value(to)];
        const most = share(memoryOf(plan) ?? 0);
        const fits = is !== undefined && ((was !== undefined && is <= was) || (most !== undefined && is <= most));
        return fits ? follows : effect("unknown", "It did not change with the memory limit: check it.");
    };
}

const plain = (text: string | undefined) => (/^\d+(\.\d+)?$/.test(text ?? "") ? Number(text) : undefined);

/** WAL may take a quarter of the data volume. */
const wal: Judge = ({ from, to }, plan) => {
    const [was, is] = [megabytes(from), megabytes(to)];
    const most = Math.max(64 * Mi, (claimSizeOf(plan, "postgres-data") ?? 0) / 4);
    const fits = is !== undefined && ((was !== undefined && is <= was) || is <= most);
    return fits ? follows : effect("unknown", "WAL may fill the data volume: check it.");
};

const fewer = "More clients than that are turned away.";
const durable = "A crash of the node can destroy";

/** Parameters whose direction is known, by name. */
const judges: Record<string, Judge> = {
    synchronous_commit: guard("on", "data-loss", "With `off`, a crash loses the last acknowledged transactions."),
    fsync: guard("on", "data-loss", `${durable} the whole database.`),
    full_page_writes: guard("on", "data-loss", `${durable} pages of the database.`),
    data_sync_retry: guard("off", "data-loss", "PostgreSQL goes on after a write to the disk failed."),
    zero_damaged_pages: guard("off", "data-loss", "Damaged pages are emptied instead of reported."),
    ignore_checksum_failure: guard("off", "data-loss", "Damaged pages are read as if they were intact."),
    ignore_invalid_pages: guard("off", "data-loss", "Recovery goes on without pages that it cannot read."),
    data_directory: only(
        dataDirectory,
        "outage",
        "PostgreSQL starts with a different directory: an empty database, or none.",
    ),
    listen_addresses: only("*", "outage", "Clients and probes find no server."),
    port: only(String(postgresPort), "outage", "Clients and probes find no server."),
    password_encryption: only("scram-sha-256", "security", "New passwords are stored in a different form."),
    hba_file: only(hbaFile, "security", "A different file decides who may connect."),
    huge_pages: only("off", "unknown", "PostgreSQL may end with SIGBUS on a node that has huge pages: check it."),
    restart_after_crash: only(
        "off",
        "unknown",
        "The liveness probe may kill crash recovery again and again: check it.",
    ),
    max_connections: limit(100, undefined, fewer, () => effect("none", "More clients can connect.")),
    superuser_reserved_connections: reservedFor(3),
    reserved_connections: reservedFor(0),
    max_locks_per_transaction: limit(64, undefined, "A transaction that needs more locks fails.", moreMemory),
    temp_file_limit: limit(-1, -1, "A statement that needs more temporary space fails.", () =>
        effect("unknown", "Temporary files may fill the data volume: check it."),
    ),
    authentication_timeout: timeout(60),
    ...Object.fromEntries(
        ["statement", "lock", "idle_in_transaction_session", "idle_session", "transaction"].map((what) => [
            `${what}_timeout`,
            timeout(0),
        ]),
    ),
    temp_buffers: memory(1024),
    autovacuum_work_mem: memory(-1),
    logical_decoding_work_mem: memory(65536),
    shared_buffers: budgeted(megabytes, (bytes) => memoryBudget(bytes)?.sharedBuffers),
    work_mem: budgeted(megabytes, (bytes) => memoryBudget(bytes)?.workMem),
    maintenance_work_mem: budgeted(megabytes, (bytes) => memoryBudget(bytes)?.maintenanceWorkMem),
    max_parallel_workers: budgeted(plain, (bytes) => memoryBudget(bytes)?.parallelWorkers),
    hash_mem_multiplier: budgeted(plain, () => 1),
    autovacuum_max_workers: budgeted(plain, () => 3),
    max_wal_size: wal,
    min_wal_size: wal,
    track_counts: () => effect("unknown", "Autovacuum needs it: check it."),
    jit_provider: () => noRule,
};

/** Connections that the application cannot use. A larger value is tighter. */
function reservedFor(otherwise: number): Judge {
    return (shift) => {
        const [from, to] = [number(shift, shift.from, otherwise), number(shift, shift.to, otherwise)];
        return to > from ? effect("limits", fewer) : effect("none", "More clients can connect.");
    };
}

/** Parameters that change only plans and speed. */
const onlySpeed =
    /^(enable_\w+|\w+_cost|\w*cost_limit|\w*cost_delay|jit\w*|geqo\w*|effective_\w+|default_statistics_target|from_collapse_limit|join_collapse_limit|autovacuum_\w+|vacuum_\w+|bgwriter_\w+|checkpoint_\w+|wal_compression|parallel_\w+|max_parallel_\w+|track_\w+|deadlock_timeout)$/;

/** The effect of a changed parameter. */
export function parameterEffect(name: string, from: unknown, to: unknown, plan: readonly Change[]): Effect {
    const known = Object.hasOwn(judges, name) ? judges[name] : undefined;
    if (known !== undefined) return known({ name, from: unquoted(from), to: unquoted(to) }, plan);
    if (name.startsWith("log_") || name === "compute_query_id")
        return effect("logging", "PostgreSQL logs different events.");
    return onlySpeed.test(name) ? effect("none", "Only plans and speed change.") : noRule;
}
