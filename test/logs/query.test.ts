import assert from "node:assert/strict";
import { atLeast, queryOf, type Filters } from "../../logs/query";
import { durationOf, timeOf } from "../../logs/time";

describe("the filters of npm run logs", () => {
    const cases: [Filters, object[]][] = [
        [{}, []],
        [{ level: "FATAL" }, [{ terms: { "log.level": ["FATAL", "PANIC"] } }]],
        [
            { user: ["app", "postgres"], database: ["app"], client: ["[local]"], sqlstate: ["42P01"] },
            [
                { terms: { "user.name": ["app", "postgres"] } },
                { terms: { "postgresql.log.database": ["app"] } },
                { terms: { "client.address": ["[local]"] } },
                { terms: { "event.code": ["42P01"] } },
            ],
        ],
        [{ session: ["697df2a5.47"] }, [{ terms: { "postgresql.log.session_id": ["697df2a5.47"] } }]],
        [{ slowerThan: 100_000_000 }, [{ range: { "event.duration": { gte: 100_000_000 } } }]],
        [
            { since: new Date(0), until: new Date(60_000) },
            [{ range: { "@timestamp": { gte: "1970-01-01T00:00:00.000Z", lt: "1970-01-01T00:01:00.000Z" } } }],
        ],
    ];
    for (const [filters, expected] of cases)
        it(`are a query: ${JSON.stringify(filters)}`, () => {
            assert.deepEqual(queryOf(filters), { bool: { filter: expected } });
        });

    it("search for words in each text of a line", () => {
        assert.deepEqual(queryOf({ grep: "no such" }), {
            bool: {
                filter: [
                    {
                        multi_match: {
                            query: "no such",
                            type: "phrase_prefix",
                            max_expansions: 1000,
                            fields: [
                                "message",
                                "postgresql.log.query",
                                "postgresql.log.internal_query",
                                "postgresql.log.detail",
                                "postgresql.log.hint",
                                "postgresql.log.context",
                            ],
                        },
                    },
                ],
            },
        });
    });

    it("match a level and the worse ones; LOG counts like INFO", () => {
        assert.deepEqual(atLeast("ERROR"), ["ERROR", "FATAL", "PANIC"]);
        assert.deepEqual(atLeast("LOG"), ["LOG", "INFO", "NOTICE", "WARNING", "ERROR", "FATAL", "PANIC"]);
        assert.equal(atLeast("DEBUG").length, 12);
    });

    const now = new Date("2026-01-31T12:30:00.000Z");
    const times: [string, string | undefined][] = [
        ["15m", "2026-01-31T12:15:00.000Z"],
        ["1.5h", "2026-01-31T11:00:00.000Z"],
        ["2w", "2026-01-17T12:30:00.000Z"],
        ["today", "2026-01-31T00:00:00.000Z"],
        ["yesterday", "2026-01-30T00:00:00.000Z"],
        ["2026-01-30", "2026-01-30T00:00:00.000Z"],
        ["2026-01-30 08:05", "2026-01-30T08:05:00.000Z"],
        ["2026-01-30T08:05:06.789+02:00", "2026-01-30T06:05:06.789Z"],
        ["2026-02-30", undefined],
        ["2026-01-30T25:00", undefined],
        ["soon", undefined],
        ["", undefined],
        ["-5m", undefined],
    ];
    for (const [text, expected] of times)
        it(`know ${text === "" ? "no empty time" : `${text} as ${expected ?? "no time"}`}`, () => {
            assert.equal(timeOf(text, now)?.toISOString(), expected);
        });

    it("accept durations in milliseconds", () => {
        assert.deepEqual(["100ms", "1.5s", "2min", "2m", "1h", "1", "h", "1 y"].map(durationOf), [
            100,
            1500,
            120_000,
            120_000,
            3_600_000,
            undefined,
            undefined,
            undefined,
        ]);
    });
});
