import assert from "node:assert/strict";
import { planBetween } from "../../report/source/snapshots";
import { failing, reportOf } from "../../report/report";
import { defaultFailOn } from "../../report/verdict";
import type { Level } from "../../report/effect";
import { snapshotWith } from "../support/snapshots";
import { bases, edits, type Edit, type Values } from "./edits";

/** A certificate authority; only its text matters. */
const authority = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;

interface Pair {
    name: string;
    base: keyof typeof bases;
    before?: Values;
    after?: Values;
    program?: Edit["program"];
    /** Levels of the edit, without "none". */
    there: Level[];
    /** Levels of the way back. */
    back: Level[];
}

const conf = "components/postgres/config.ts";
const signedIn: Values = { elasticsearchAuth: "basic", elasticsearchUser: "pglog" };
const image = (postgres: string) => ({ images: { postgres } });
const elasticsearch = (version: string) => ({ images: { elasticsearch: `elasticsearch:${version}` } });

/** The edit of the program that the catalogue has under this name. */
function programOf(name: string): Edit["program"] {
    const known = edits.find((one) => one.name === name);
    assert.ok(known?.program, `the catalogue has no edit of the program named "${name}"`);
    return known.program;
}

const pairs: Pair[] = [
    {
        name: "a parameter that the server does not know",
        base: "database",
        program: [[conf, "    full_page_writes: true,", "    full_page_writes: true,\n    full_page_reads: true,"]],
        there: ["refused", "unknown", "restart"],
        back: ["unknown", "restart"],
    },
    {
        name: "a value that the server refuses, of a parameter that only changes speed",
        base: "database",
        program: [[conf, '    huge_pages: "off"', '    enable_sort: "quickly", huge_pages: "off"']],
        there: ["refused", "reload"],
        back: ["reload"],
    },
    {
        name: "a value of version 18, with the image of 17",
        base: "database",
        program: [[conf, "version >= 18 ?", "version >= 17 ?"]],
        there: ["refused", "logging", "reload"],
        back: ["logging", "reload"],
    },
    {
        name: "reserved connections that leave none",
        base: "database",
        program: [[conf, '    huge_pages: "off"', '    reserved_connections: 4, huge_pages: "off"']],
        there: ["refused", "limits", "restart"],
        back: ["restart"],
    },
    {
        name: "a different file that decides who may connect",
        base: "database",
        program: [[conf, "hba_file: hbaFile", "hba_file: `${configDirectory}/pg_hba.conf`"]],
        there: ["security", "restart"],
        back: ["restart"],
    },
    {
        name: "a WAL level that has too little for the WAL senders",
        base: "database",
        program: [[conf, '    huge_pages: "off"', '    wal_level: "minimal", huge_pages: "off"']],
        there: ["refused", "unknown", "restart"],
        back: ["unknown", "restart"],
    },
    {
        name: "less memory",
        base: "database",
        before: { postgresMemory: "8Gi" },
        after: { postgresMemory: "512Mi" },
        there: ["limits", "restart"],
        back: ["restart"],
    },
    {
        name: "more memory for each session",
        base: "database",
        before: { postgresMemory: "1Gi" },
        after: { postgresMemory: "16Gi" },
        there: ["restart"],
        back: ["limits", "restart"],
    },
    {
        name: "memory that the budget counts",
        base: "database",
        before: { postgresMemory: "1Gi" },
        after: { postgresSettings: { temp_buffers: "3MB", autovacuum_work_mem: "40MB" } },
        there: ["reload"],
        back: ["reload"],
    },
    {
        name: "memory that the budget does not count",
        base: "database",
        after: { postgresSettings: { logical_decoding_work_mem: "128MB" } },
        there: ["unknown", "reload"],
        back: ["reload"],
    },
    {
        name: "a limit for statements",
        base: "database",
        before: { postgresSettings: { statement_timeout: "2min" } },
        after: { postgresSettings: { statement_timeout: "90s" } },
        there: ["limits", "reload"],
        back: ["reload"],
    },
    {
        name: "no authentication",
        base: "external",
        before: signedIn,
        after: { elasticsearchAuth: "none", elasticsearchUser: undefined },
        there: ["security", "restart"],
        back: ["restart", "logging"],
    },
    {
        name: "an authority of one's own given up",
        base: "external",
        before: { elasticsearchCa: authority("own") },
        after: { elasticsearchCa: undefined },
        there: ["security", "restart"],
        back: ["restart", "logging"],
    },
    {
        name: "one more authority",
        base: "external",
        before: { elasticsearchCa: authority("own") },
        after: { elasticsearchCa: authority("own") + authority("other") },
        there: ["security"],
        back: ["logging"],
    },
    {
        name: "daily indices kept for ever",
        base: "external",
        after: { elasticsearchRetentionDays: 0 },
        there: [],
        back: ["log-loss"],
    },
    {
        name: "lines of a data stream kept for ever",
        base: "external",
        before: { elasticsearchTarget: "data-stream" },
        after: { elasticsearchRetentionDays: 0 },
        there: [],
        back: ["log-loss"],
    },
    {
        name: "a different first Service",
        base: "shipping",
        after: { services: ["NodePort", "ClusterIP"] },
        there: [],
        back: [],
    },
    {
        name: "an older major version of Elasticsearch",
        base: "shipping",
        before: elasticsearch("8.19.21"),
        after: elasticsearch("7.17.29"),
        there: ["log-loss"],
        back: ["delivery"],
    },
    {
        name: "an older patch release of Elasticsearch",
        base: "shipping",
        before: elasticsearch("8.19.21"),
        after: elasticsearch("8.19.20"),
        there: ["log-loss"],
        back: ["delivery"],
    },
    {
        name: "commits that wait for the disk",
        base: "database",
        before: { postgresSettings: { synchronous_commit: "off" } },
        after: { postgresSettings: { synchronous_commit: "on" } },
        there: ["reload"],
        back: ["data-loss", "reload"],
    },
    {
        name: "an older minor release of PostgreSQL",
        base: "database",
        before: image("postgres:17.11-bookworm"),
        after: image("postgres:17.10-bookworm"),
        there: ["security", "restart"],
        back: ["restart"],
    },
    {
        name: "a shipper given up",
        base: "external",
        after: { shipper: "none" },
        there: ["log-loss", "restart", "logging"],
        back: ["restart", "logging"],
    },
    {
        name: "a container that may gain rights",
        base: "database",
        program: programOf("a container that may gain rights"),
        there: ["security", "restart"],
        back: ["restart"],
    },
    {
        name: "clients without a password",
        base: "database",
        program: programOf("connections without a password"),
        there: ["security", "reload"],
        back: ["limits", "reload"],
    },
    {
        name: "no Pod",
        base: "database",
        program: programOf("no Pod"),
        there: ["outage"],
        back: [],
    },
    {
        name: "a new major version",
        base: "database",
        after: { postgresVersion: 18 },
        there: ["outage", "restart", "logging"],
        back: ["outage", "restart", "logging"],
    },
];

/** What an edit does and what taking it back does are two different things, and each is said. */
describe("the report of an edit and of its way back", () => {
    for (const { name, base, before = {}, after = {}, program, there, back } of pairs)
        it(`${name}: ${there.join(", ") || "safe"}; back: ${back.join(", ") || "safe"}`, async () => {
            const old = await snapshotWith({ ...bases[base], ...before });
            const now = await snapshotWith({ ...bases[base], ...before, ...after }, program);
            for (const [from, to, levels] of [
                [old, now, there],
                [now, old, back],
            ] as const) {
                const report = reportOf(planBetween(from, to));
                const found = report.levels.filter((level) => level !== "none");
                assert.deepEqual(found, levels, JSON.stringify(report.rows, null, 2));
                assert.equal(
                    failing(report, defaultFailOn),
                    levels.some((level) => ["data-loss", "log-loss", "open", "outage"].includes(level)),
                );
            }
        });
});
