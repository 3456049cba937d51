import assert from "node:assert/strict";
import {
    postgresFiles,
    postgresVersions,
    type ParameterValue,
    renderLoggingConf,
} from "../../../../components/postgres/config";
import { Gi, Mi } from "../../../../components/kubernetes/quantity";
import { memoryBudget } from "../../../../components/postgres/memoryBudget";
import { refusedParameter } from "../../../../components/postgres/parameters/check";
import { parameters } from "../../../../components/postgres/parameters/table";

describe("PostgreSQL's parameters", () => {
    const accepted: [string, ParameterValue][] = [
        ["checkpoint_timeout", "5min"],
        ["checkpoint_timeout", 300],
        ["checkpoint_timeout", "300000 ms"],
        ["random_page_cost", 1.1],
        ["random_page_cost", "1e0"],
        ["jit", false],
        ["jit", "OF"],
        ["wal_compression", "zstd"],
        ["wal_compression", "true"],
        ["Synchronous_Commit", "REMOTE_APPLY"],
        ["vacuum_cost_limit", "0x10"],
        ["old.parameter", "of an extension"],
        ["DateStyle", "iso, dmy"],
    ];
    for (const [name, value] of accepted)
        it(`accepts ${name} = ${JSON.stringify(value)}`, () => {
            assert.equal(refusedParameter(name, value, 17), undefined);
        });

    const refused: [string, ParameterValue, string][] = [
        ["checkpoint_timeout", 5, "a whole number from 30 to 86400 in units of s, or with one of us, ms, s, min, h, d"],
        [
            "checkpoint_timeout",
            "5MB",
            "a whole number from 30 to 86400 in units of s, or with one of us, ms, s, min, h, d",
        ],
        [
            "temp_buffers",
            "2gb",
            "a whole number from 100 to 1073741823 in units of 8kB, or with one of B, kB, MB, GB, TB",
        ],
        ["random_page_cost", "abc", "a number from 0 to 1.79769e+308"],
        ["vacuum_cost_limit", "08", "a whole number from 1 to 10000"],
        ["jit", "o", "on or off"],
        ["jit", 2, "on or off"],
        ["synchronous_commit", "sometimes", "one of local, remote_write, remote_apply, on, off"],
        [
            "autovacuum_max_worker",
            5,
            "unset: PostgreSQL 17 has no such parameter; the nearest is autovacuum_max_workers",
        ],
        ["checkpoint_segments", 3, "unset: PostgreSQL 17 has no such parameter; the nearest is checkpoint_timeout"],
        [
            "transaction_isolation",
            "serializable",
            "unset: PostgreSQL 17 has no such parameter; the nearest is default_transaction_isolation",
        ],
    ];
    for (const [name, value, why] of refused)
        it(`refuses ${name} = ${JSON.stringify(value)}`, () => {
            assert.equal(refusedParameter(name, value, 17), why);
        });

    it("knows which versions have a parameter", () => {
        assert.equal(refusedParameter("io_workers", 3, 18), undefined);
        assert.match(refusedParameter("io_workers", 3, 17)!, /^unset: PostgreSQL 17 has no such parameter/);
    });

    it("accepts every parameter that the program sets itself", () => {
        const logging = { statement: "ddl", minDuration: 250, fileSize: 32 * Mi } as const;
        for (const version of postgresVersions) {
            const files = postgresFiles(memoryBudget(Gi)!, 10 * Gi, {}, version);
            const own = files["postgresql.conf"] + files["reloadable.conf"];
            const conf = own + renderLoggingConf(logging, version);
            const lines = [...conf.matchAll(/^(?!include)(\w+) = (?:'(.*)'|(.*))$/gm)];
            assert.ok(lines.length > 30);
            for (const [line, name, quoted, plain] of lines)
                assert.equal(refusedParameter(name!, quoted ?? plain!, version), undefined, line);
        }
    });

    it("has a table for each supported version, sorted by name", () => {
        for (const version of postgresVersions) {
            const names = [...parameters(version).values()].map(({ name }) => name);
            assert.ok(names.length > 300, String(version));
            assert.deepEqual(names, [...names].sort());
        }
    });
});
