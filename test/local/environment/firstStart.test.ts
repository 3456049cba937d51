import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { firstStartMinutes, renderFirstStart } from "../../../local/environment/firstStart";

describe("the first lines of a first start", () => {
    it("say how long it takes, and why", () => {
        assert.equal(
            renderFirstStart(["Kubernetes v1.34.4, from its Go module"], "/cache"),
            [
                `A first start takes about ${firstStartMinutes} minutes on two cores, and later starts take seconds.`,
                "These are missing in /cache, and are built or downloaded now:",
                "  Kubernetes v1.34.4, from its Go module",
            ].join("\n"),
        );
    });

    it("say the same whole minutes as the measurement in docs/local.md, and as README.md", () => {
        assert.ok(readFileSync("README.md", "utf8").includes(`about ${firstStartMinutes} minutes the first time`));
        const [, minutes, seconds] = /(\d+) min (\d+) s by the clock/.exec(readFileSync("docs/local.md", "utf8"))!;
        assert.equal(firstStartMinutes, Math.round(Number(minutes) + Number(seconds) / 60));
    });
});
