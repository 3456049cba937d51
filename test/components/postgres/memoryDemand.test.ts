import assert from "node:assert/strict";
import { random } from "../../../bench/pipeline/random";
import { Mi } from "../../../components/kubernetes/quantity";
import { postgresFiles, type ParameterValue } from "../../../components/postgres/config";
import { memoryBudget, smallestMemory } from "../../../components/postgres/memoryBudget";
import { excessiveParameters, memoryDemand } from "../../../components/postgres/memoryDemand";

const Gi = 1024 * Mi;
type Settings = Record<string, ParameterValue>;
const tooMuch = (limit: number, settings: Settings) =>
    [...excessiveParameters(limit, settings, 17)].map(({ name, most }) => `${name} ${most}`);

describe("the memory of parameters", () => {
    const cases: [Settings, string[]][] = [
        [{ temp_buffers: "4MB" }, []],
        [{ temp_buffers: 512 }, []], // 8 kB each
        [{ temp_buffers: "5MB" }, ["temp_buffers 4MB"]],
        [{ temp_buffers: "2GB" }, ["temp_buffers 4MB"]],
        [{ temp_buffers: 1024 }, ["temp_buffers 4MB"]],
        [{ autovacuum_work_mem: "2GB" }, ["autovacuum_work_mem 65MB"]],
        [{ autovacuum_work_mem: -1 }, []],
        [{ wal_buffers: "16MB", max_locks_per_transaction: 64 }, []],
        [{ wal_buffers: "1GB" }, ["wal_buffers 115MB"]],
        [{ transaction_buffers: "1GB" }, ["transaction_buffers 99MB"]],
        [{ min_dynamic_shared_memory: "512MB" }, ["min_dynamic_shared_memory 99MB"]],
        [{ max_prepared_transactions: 262143 }, ["max_prepared_transactions 5751"]],
        [{ random_page_cost: 1.1, shared_buffers: "8GB" }, []], // has no part in it, or is refused for itself
        [{ temp_buffers: "much" }, []],
    ];
    for (const [settings, expected] of cases)
        it(`is judged in 1 GiB: ${JSON.stringify(settings)}`, () => {
            assert.deepEqual(tooMuch(Gi, settings), expected);
        });

    it("is judged together", () => {
        assert.deepEqual(tooMuch(Gi, { temp_buffers: "4MB", wal_buffers: "64MB" }), ["wal_buffers 16MB"]);
        assert.deepEqual(tooMuch(Gi, { temp_buffers: "1MB", wal_buffers: "64MB" }), []);
        assert.deepEqual(
            tooMuch(Gi, { temp_buffers: "6MB", autovacuum_work_mem: "8MB" }),
            [],
            "one leaves more to the other",
        );
    });

    /** Amounts of memory by which parameters may try to break the limit, as likely small as large. */
    const tried = (next: () => number): Settings => ({
        ...(next() < 0.5 && { temp_buffers: `${Math.floor(2 ** (next() * 11))}MB` }),
        ...(next() < 0.5 && { autovacuum_work_mem: `${Math.floor(2 ** (next() * 11))}MB` }),
        ...(next() < 0.3 && { wal_buffers: `${Math.floor(2 ** (next() * 10))}MB` }),
        ...(next() < 0.3 && { max_locks_per_transaction: Math.floor(64 * 2 ** (next() * 10)) }),
    });
    /** A line of postgresql.conf as a number, megabytes as bytes; the last line counts. */
    const lineOf = (conf: string, name: string, otherwise: number) => {
        const [, number, unit] = [...conf.matchAll(new RegExp(`^${name} = '?(\\d+)(MB)?'?$`, "gm"))].at(-1) ?? [];
        return number === undefined ? otherwise : Number(number) * (unit === undefined ? 1 : Mi);
    };
    /** Most memory that a server with this configuration can use, by its lines. */
    const usedBy = (conf: string, sharedMemoryVolume: number) => {
        const line = (name: string, otherwise = NaN) => lineOf(conf, name, otherwise);
        const processes = line("max_connections") + line("max_parallel_workers");
        const ofProcess = 8 * Mi + line("work_mem") * line("hash_mem_multiplier") + line("temp_buffers");
        const autovacuum = line("autovacuum_work_mem", line("maintenance_work_mem")) * line("autovacuum_max_workers");
        const locks = (line("max_locks_per_transaction", 64) - 64) * 270 * processes;
        const wal = Math.max(0, line("wal_buffers", 0) - 16 * Mi);
        const shared = line("shared_buffers") + sharedMemoryVolume + locks + wal;
        return shared + processes * ofProcess + autovacuum + line("maintenance_work_mem") + 48 * Mi;
    };

    const seed = Number(process.env.PGLOG_TEST_SEED ?? Date.now() % 1e9);
    it(`stays below each of 1,000 limits, whatever a stack may set (PGLOG_TEST_SEED=${seed})`, () => {
        const numbers = random(seed);
        const next = () => numbers.next();
        let accepted = 0;
        for (let i = 0; i < 1000; i++) {
            const limit = Math.floor(smallestMemory * 2 ** (next() * 10)); // to 256 GiB
            const settings = tried(next);
            const refused = [...excessiveParameters(limit, settings, 17)].map(({ name }) => name);
            const allowed = Object.fromEntries(Object.entries(settings).filter(([name]) => !refused.includes(name)));
            accepted += Object.keys(allowed).length;
            const budget = memoryBudget(limit, memoryDemand(allowed, 17));
            const label = `${limit} bytes, ${JSON.stringify(allowed)}`;
            assert.ok(budget !== undefined, label);
            const conf = Object.values(postgresFiles(budget, 10 * Gi, allowed, 17)).join("");
            const used = usedBy(conf, budget.sharedMemoryVolume);
            assert.ok(used <= limit, `${label}: ${used} bytes`);
            for (const name of refused)
                assert.equal(
                    memoryBudget(limit, memoryDemand({ ...allowed, [name]: settings[name]! }, 17)),
                    undefined,
                    `${label} without ${name}`,
                );
        }
        assert.ok(accepted > 300, `${accepted} parameters were accepted`);
    });
});
