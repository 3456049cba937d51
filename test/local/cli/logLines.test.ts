import assert from "node:assert/strict";
import { renderLines } from "../../../local/cli/logLines";

describe("the last lines of the log that npm start shows", () => {
    it("are one row each", () => {
        const line = { time: "2026-01-31T12:15:33.250Z", level: "ERROR", user: "app" };
        const rows = renderLines([
            { ...line, message: 'relation "missing"\n   does not exist' },
            { ...line, message: "x".repeat(500) },
        ]).split("\n");
        assert.equal(rows.length, 5, "a head, two lines and the frame");
        assert.match(rows[2]!, /12:15:33\.250 *│ *ERROR *│ *app *│ *relation "missing" does not exist /);
        assert.match(rows[3]!, /x…/);
    });
});
