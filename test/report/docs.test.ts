import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { restartSeconds } from "../../report/effect";
import { keyNames } from "../../stacks/keys";
import { defaultFailOn } from "../../report/verdict";
import { renderMarkdown } from "../../report/print/markdown";
import { changesSection, keysWithoutChange, withChangesTable } from "../support/changesTable";
import { editsSection, observations, withEditsTable } from "../support/editsTable";
import { reportOfEdit } from "../support/snapshots";
import { updateGolden } from "../support/updateGolden";
import { edits } from "./edits";

const file = "docs/report.md";
const markdown = { parser: "markdown", printWidth: 120, tabWidth: 4 } as const;
/** The part of a report that README.md quotes: everything but the objects. */
const shownReport = /(?<=<!-- report -->\n\n)[^]*?(?=\n<!-- \/report -->)/;

describe("docs/operating.md", () => {
    it("says what a change of each key does, in the report's words", async () => {
        const asIs = readFileSync("docs/operating.md", "utf8");
        const asMeant = await format(await withChangesTable(asIs), markdown);
        if (updateGolden()) writeFileSync("docs/operating.md", asMeant);
        assert.deepEqual(keysWithoutChange(keyNames), []);
        assert.ok(changesSection(asIs));
        assert.equal(
            readFileSync("docs/operating.md", "utf8"),
            asMeant,
            "if this change is meant: UPDATE_GOLDEN=1 npm run unit",
        );
    });
});

describe("docs/report.md", () => {
    it("lists every edit with its expected and observed effects", async () => {
        const asIs = readFileSync(file, "utf8");
        const asMeant = await format(withEditsTable(asIs), markdown);
        if (updateGolden()) writeFileSync(file, asMeant);
        assert.ok(editsSection(asIs));
        assert.equal(readFileSync(file, "utf8"), asMeant, "if this change is meant: UPDATE_GOLDEN=1 npm run unit");
    });

    it("has an observation of every edit that a cluster can show", () => {
        const seen = observations();
        const missing = edits.filter(({ name, notShown }) => notShown === undefined && !(name in seen));
        assert.deepEqual(
            missing.map(({ name }) => name),
            [],
        );
    });

    it("quotes a real report in README.md", async () => {
        const edit = edits.find(({ name }) => name === "several settings at once")!;
        const report = renderMarkdown(await reportOfEdit(edit)).split("\n\n<details>")[0]!;
        const quoted = `${report.replaceAll("`edits`", "`prod`")}\n`;
        const asIs = readFileSync("README.md", "utf8");
        const asMeant = await format(
            asIs.replace(shownReport, () => quoted),
            markdown,
        );
        if (updateGolden()) writeFileSync("README.md", asMeant);
        assert.ok(shownReport.test(asIs));
        assert.equal(
            readFileSync("README.md", "utf8"),
            asMeant,
            "if this change is meant: UPDATE_GOLDEN=1 npm run unit",
        );
    });

    it("and docs/local.md name the levels that stop a change", () => {
        const named = new RegExp(defaultFailOn.map((level) => `\`${level}\``).join("(?:,| and| or)\\s+"));
        for (const one of [file, "docs/local.md"]) assert.match(readFileSync(one, "utf8"), named);
    });

    it("names the same restart time as the report", () => {
        assert.match(readFileSync(file, "utf8"), new RegExp(`about ${restartSeconds} s`));
    });
});
