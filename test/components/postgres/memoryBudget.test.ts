import assert from "node:assert/strict";
import { memoryBudget, smallestMemory, type MemoryDemand } from "../../../components/postgres/memoryBudget";
import { Mi } from "../../../components/kubernetes/quantity";

const Gi = 1024 * Mi;

describe("memoryBudget", () => {
    it("divides 1 GiB as documented", () => {
        assert.deepEqual(memoryBudget(Gi), {
            maxConnections: 30,
            parallelWorkers: 3,
            sharedBuffers: 256 * Mi,
            effectiveCacheSize: 768 * Mi,
            workMem: 6 * Mi,
            tempBuffers: 2 * Mi,
            maintenanceWorkMem: 32 * Mi,
            sharedMemoryVolume: 64 * Mi,
            total: (48 + 256 + 64 + 4 * 32 + (30 + 3) * 16) * Mi,
        });
    });

    it("keeps any mix of sessions within the limit, and the database usable, at any limit", () => {
        let budgets = 0;
        // 1.013 gives odd sizes, about 430 of them up to 64 GiB
        for (let size = smallestMemory; size <= 64 * Gi; size *= 1.013) {
            const limit = Math.floor(size);
            const budget = memoryBudget(limit);
            assert.ok(budget !== undefined, `limit ${limit}: no budget`);
            budgets += 1;
            const label = `limit ${limit}: ${JSON.stringify(budget)}`;
            const { workMem, tempBuffers, maintenanceWorkMem, sharedBuffers, sharedMemoryVolume } = budget;
            const { maxConnections, parallelWorkers } = budget;
            const processes = maxConnections + parallelWorkers;
            assert.ok(budget.total <= limit, label);
            assert.ok(budget.total >= sharedBuffers + sharedMemoryVolume + processes * (workMem + tempBuffers), label);
            assert.ok(maxConnections >= 5 && maxConnections <= 200, label);
            assert.ok(parallelWorkers >= 1 && parallelWorkers <= 8, label);
            assert.ok(workMem >= 6 * Mi, label);
            assert.ok(tempBuffers >= 2 * Mi && tempBuffers <= 8 * Mi, label);
            assert.ok(maintenanceWorkMem >= 8 * Mi && maintenanceWorkMem <= Gi, label);
            assert.ok(budget.effectiveCacheSize <= limit, label);
            for (const size of [workMem, tempBuffers, maintenanceWorkMem, sharedBuffers, sharedMemoryVolume])
                assert.equal(size % Mi, 0, label);
        }
        assert.ok(budgets > 400, `${budgets} budgets`);
    });

    it("reserves more memory for more connections, up to 200", () => {
        let before = 0;
        // With 64 MiB, rounding to whole mebibytes matters; this test is not about rounding.
        for (let limit = smallestMemory; limit <= 8 * Gi; limit += 64 * Mi) {
            const { maxConnections } = memoryBudget(limit)!;
            assert.ok(maxConnections >= before, `${limit} bytes: ${maxConnections} after ${before}`);
            before = maxConnections;
        }
        assert.equal(before, 200);
    });

    const tooSmall: [string, number][] = [
        ["nothing", 0],
        ["less than the smallest memory", smallestMemory - 1],
    ];
    for (const [what, limit] of tooSmall)
        it(`has no budget for ${what}`, () => {
            assert.equal(memoryBudget(limit), undefined);
        });

    it("takes what parameters demand from work_mem, and leaves the connections", () => {
        const plain = memoryBudget(16 * Gi)!;
        const demand = { tempBuffers: 16 * Mi, autovacuumWorkMem: 600 * Mi, session: 1 * Mi, shared: 100 * Mi };
        const budget = memoryBudget(16 * Gi, demand)!;
        assert.equal(budget.maxConnections, plain.maxConnections);
        assert.equal(budget.tempBuffers, 16 * Mi);
        assert.equal(plain.workMem - budget.workMem, (16 - 5 + 1 + 2) * Mi);
        assert.ok(budget.total <= 16 * Gi);
    });

    for (const demand of [
        { tempBuffers: 5 * Mi },
        { autovacuumWorkMem: Gi },
        { session: 4 * Mi },
        { shared: 100 * Mi },
    ] satisfies MemoryDemand[])
        it(`has no budget for ${JSON.stringify(demand)} in 1 GiB`, () => {
            assert.equal(memoryBudget(Gi, demand), undefined);
        });

    it("has a budget for exactly the smallest memory", () => {
        assert.equal(memoryBudget(smallestMemory)?.maxConnections, 5);
    });
});
