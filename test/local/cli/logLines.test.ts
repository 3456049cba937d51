import assert from "node:assert/strict";
import { lineOf, renderLines, type Hit } from "../../../local/cli/logLines";

describe("the last lines of the log that npm start shows", () => {
    // What Elasticsearch answers for `fields`, which is the same for {"log": {"level"}} and for {"log.level"}.
    const hit: Hit = {
        fields: { "@timestamp": ["2026-01-31T12:15:33.250Z"], "log.level": ["ERROR"], "user.name": ["app"] },
        _source: { message: 'relation "missing"\n   does not exist' },
    };
    const line = { time: "2026-01-31T12:15:33.250Z", level: "ERROR", user: "app" };

    it("have time, level, user and message", () => {
        assert.deepEqual(lineOf(hit), { ...line, message: 'relation "missing"\n   does not exist' });
    });

    const less: [string, Hit, object][] = [
        [
            "a line of the server, which has no user",
            { ...hit, fields: { ...hit.fields, "user.name": [] } },
            { ...line, user: "" },
        ],
        ["a document without one of the fields", { _source: hit._source }, { time: "", level: "", user: "" }],
    ];
    for (const [what, given, expected] of less)
        it(`leave empty what is not there: ${what}`, () => {
            const { message, ...rest } = lineOf(given);
            assert.deepEqual(rest, expected);
            assert.equal(message, hit._source!.message);
        });

    it("are one row each", () => {
        const rows = renderLines([lineOf(hit), lineOf({ ...hit, _source: { message: "x".repeat(500) } })]).split("\n");
        assert.equal(rows.length, 5, "a head, two lines and the frame");
        assert.match(rows[2]!, /12:15:33\.250 *│ *ERROR *│ *app *│ *relation "missing" does not exist /);
        assert.match(rows[3]!, /x…/);
    });
});
