import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { renderMarkdown } from "../../report/print/markdown";
import { reportOfEdit } from "../support/snapshots";
import { updateGolden } from "../support/updateGolden";
import { edits } from "./edits";

/** Edits with a golden report, by file name. */
const golden: Record<string, string> = {
    memory: "more memory",
    "load-balancer": "everyone, in two halves",
    "storage-class": "the default class of volumes by its name",
    protected: "a different class of volume, protected",
    retention: "lines kept for a week",
    refactor: "a renamed component without an alias",
};

describe("the report of an edit, from two renders", () => {
    for (const edit of edits)
        it(`${edit.name} (${edit.base}): ${edit.levels.join(", ") || "safe"}`, async () => {
            const report = await reportOfEdit(edit);
            const found = report.levels.filter((level) => level !== "none");
            assert.deepEqual(found, edit.levels, JSON.stringify(report.rows, null, 2));
        });

    for (const [name, edit] of Object.entries(golden))
        it(`equals test/golden/reports/${name}.md`, async () => {
            const report = renderMarkdown(await reportOfEdit(edits.find((one) => one.name === edit)!));
            const file = `test/golden/reports/${name}.md`;
            if (updateGolden()) writeFileSync(file, report);
            assert.equal(report, readFileSync(file, "utf8"), "if this change is meant: UPDATE_GOLDEN=1 npm run unit");
        });

    it("covers at least forty edits that a cluster can show", () => {
        assert.ok(edits.length >= 40);
        assert.equal(new Set(edits.map(({ name }) => name)).size, edits.length);
        assert.ok(edits.filter(({ notShown }) => notShown === undefined).length >= 40);
    });
});
