import assert from "node:assert/strict";
import { reportOf } from "../../../report/report";
import { planBetween } from "../../../report/source/snapshots";
import { snapshotOf } from "../../support/snapshots";

describe("a plan between two renders", () => {
    it("is empty for the same program, and has every resource of a stack that comes or goes", async () => {
        const dev = await snapshotOf("dev");
        assert.deepEqual(planBetween(dev, await snapshotOf("dev")).changes, []);
        const none = { stack: "dev", resources: [] };
        assert.equal(reportOf(planBetween(dev, none)).levels[0], "data-loss");
        const created = reportOf(planBetween(none, dev));
        assert.deepEqual(created.levels, ["exposure", "none"]);
    });
});
