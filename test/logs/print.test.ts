import assert from "node:assert/strict";
import { lineOf } from "../../logs/line";
import { Printer, type Paint } from "../../logs/print";

const bare: Paint = (_, text) => text;
const marked: Paint = (style, text) => `<${[style].flat().join("+")}>${text}</>`;
const line = (fields: Record<string, unknown>) => lineOf({ _source: fields });

const failed = line({
    "@timestamp": "2026-01-31T12:15:33.250Z",
    message: 'relation "missing" does not exist',
    "log.level": "ERROR",
    event: { id: "x", code: "42P01" },
    "user.name": "app",
    "client.address": "10.244.0.9",
    "postgresql.log.database": "orders",
    "postgresql.log.application_name": "psql",
    "postgresql.log.session_id": "697df2a5.47",
    "postgresql.log.hint": "Perhaps a different one.",
    "postgresql.log.query": "SELECT *\n\tFROM missing;",
});

describe("a printed log line", () => {
    it("is in columns, with its details below it", () => {
        assert.equal(
            new Printer(bare).print(failed),
            [
                "── 2026-01-31 UTC ──",
                '12:15:33.250 ERROR   app@orders           42P01 relation "missing" does not exist',
                "                                          hint: Perhaps a different one.",
                "                                          statement: SELECT *",
                "                                                         FROM missing;",
                "                                          session: 697df2a5.47, 10.244.0.9, psql",
            ].join("\n"),
        );
    });

    it("shows the day once, and the process if there is no user", () => {
        const of = (time: string) =>
            line({
                "@timestamp": time,
                message: "m",
                log: { level: "LOG" },
                "postgresql.log.backend_type": "checkpointer",
            });
        const printer = new Printer(bare);
        assert.deepEqual(
            ["2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00.001Z"].flatMap((time) =>
                printer.print(of(time)).split("\n"),
            ),
            [
                "── 2026-01-31 UTC ──",
                "23:59:59.999 LOG     checkpointer         m",
                "── 2026-02-01 UTC ──",
                "00:00:00.000 LOG     checkpointer         m",
                "00:00:00.001 LOG     checkpointer         m",
            ],
        );
    });

    it("shows the lines of a statement below each other, once", () => {
        const query = "SELECT a\n  FROM t";
        const timed = line({
            "@timestamp": "2026-01-31T12:15:33.250Z",
            message: `duration: 0.512 ms  statement: ${query}`,
            "log.level": "LOG",
            "user.name": "app",
            "postgresql.log.query": query,
        });
        assert.deepEqual(new Printer(bare).print(timed).split("\n").slice(1), [
            "12:15:33.250 LOG     app                  duration: 0.512 ms  statement: SELECT a",
            "                                            FROM t",
        ]);
    });

    it("has colours if they are wanted", () => {
        const [, first] = new Printer(marked).print(failed).split("\n");
        assert.ok(first!.includes("<red>ERROR  </>"), first);
        assert.ok(first!.includes('<red>relation "missing" does not exist</>'), first);
    });

    it("cannot move the terminal's cursor", () => {
        const shown = new Printer(bare).print(
            line({
                "@timestamp": "2026-01-31T12:15:33.250Z",
                message: "a\u001b[2Jb\rc\u009bd\u202ee\u0007",
                "log.level": "LOG",
            }),
        );
        assert.ok(shown.endsWith("a␛[2Jb␍c\\u009bd\\u202ee␇"), JSON.stringify(shown));
    });
});
