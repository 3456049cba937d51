import assert from "node:assert/strict";
import { reportOf } from "../../../report/report";
import { planBetween } from "../../../report/source/snapshots";
import { snapshotOf, snapshotWith } from "../../support/snapshots";
import { bases, type Values } from "../edits";

describe("a plan between two renders", () => {
    it("is empty for the same program, and has every resource of a stack that comes or goes", async () => {
        const dev = await snapshotOf("dev");
        assert.deepEqual(planBetween(dev, await snapshotOf("dev")).changes, []);
        const none = { stack: "dev", resources: [] };
        assert.equal(reportOf(planBetween(dev, none)).levels[0], "data-loss");
        const created = reportOf(planBetween(none, dev));
        assert.deepEqual(created.levels, ["exposure", "none"]);
    });

    /** The operations that change settings of a stack with its own Elasticsearch, by resource. */
    const operations = async (settings: Values) => {
        const plan = planBetween(
            await snapshotWith(bases.shipping),
            await snapshotWith({ ...bases.shipping, ...settings }),
        );
        return Object.fromEntries(plan.changes.map(({ name, operation }) => [name, operation]));
    };

    it("leaves out a field that the program leaves as it is", async () => {
        const { "postgres-data": data, "elasticsearch-data": lines } = await operations({ storageClass: "fast-ssd" });
        assert.deepEqual({ data, lines }, { data: "replace", lines: undefined });
    });

    it("replaces a resource where the program says so", async () => {
        const changes = await operations({
            elasticsearchMode: "external",
            elasticsearchHost: "192.0.2.7",
            elasticsearchAuth: "none",
        });
        assert.equal(changes["elasticsearch-service"], "replace");
    });
});
