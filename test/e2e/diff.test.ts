import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { previewDiffs, previewsSection, withPreviews } from "../support/previewDiffs";
import { updateGolden } from "../support/updateGolden";

describe("pulumi preview --diff of one setting", () => {
    it("shows what docs/report.md shows: the change, and nothing else", async () => {
        const file = "docs/report.md";
        const previews = await previewDiffs();
        if (updateGolden()) writeFileSync(file, withPreviews(readFileSync(file, "utf8"), previews));
        assert.equal(previewsSection(readFileSync(file, "utf8")), previews, "UPDATE_GOLDEN=1 writes it");
    });
});
