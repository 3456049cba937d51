import assert from "node:assert/strict";
import { noShipper } from "../e2e/environment";
import { runLedger } from "./run";

/** The short form of `npm run test:lines`, for the end-to-end tests. */
describe("the log lines of acknowledged statements", () => {
    it("are in Elasticsearch once each, through one fault of each kind of the short form", async function () {
        if (noShipper !== undefined) {
            console.log(`      skipped: ${noShipper}`);
            this.skip();
        }
        const seed = Math.ceil(Math.random() * 999_999_999);
        const { failed, passed, problems } = await runLedger({ seed, short: true, rounds: 1, stacks: 2 });
        assert.deepEqual({ failed, problems }, { failed: 0, problems: [] }, `seed ${seed}`);
        assert.ok(passed > 0, "no round ran");
    });
});
