import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Change, Plan } from "../../../report/change";
import { renderMarkdown } from "../../../report/print/markdown";
import { renderTerminal } from "../../../report/print/terminal";
import { reportOf } from "../../../report/report";
import { planFromPreview } from "../../../report/source/preview";

describe("the printed report", () => {
    const hostile = "`|<img src=x>\n# @everyone";
    const plan: Plan = {
        stack: "dev",
        errors: [],
        changes: [
            {
                urn: "urn:pulumi:dev::pglog::kubernetes:core/v1:ConfigMap::postgres-config",
                type: "kubernetes:core/v1:ConfigMap",
                name: "postgres-config",
                objectName: hostile,
                operation: "update",
                protected: false,
                retained: false,
                unprotects: false,
                before: { data: { a: "```" } },
                after: { data: { a: hostile } },
                fields: [{ path: "data[a]", from: "```", to: hostile }],
            } satisfies Change,
        ],
    };

    it("is Markdown in which no value can become markup", () => {
        const text = renderMarkdown(reportOf(plan));
        const row = text.split("\n").filter((line) => line.startsWith("| 🟡"));
        assert.equal(row.length, 1);
        assert.equal(row[0]!.replaceAll("\\|", "").split("|").length, 6, "four cells");
        assert.doesNotMatch(row[0]!.replace(/`[^`]*`/g, ""), /<img|@everyone/, "only inside code");
        assert.match(text, /\n````diff\n/, "a fence longer than any in the values");
    });

    it("fits a terminal, without Markdown's marks", () => {
        const several = readFileSync("test/report/previews/several.json", "utf8");
        const text = renderTerminal(reportOf(planFromPreview("dev", several)), 100);
        assert.doesNotMatch(text, /\*\*|`/);
        // Escape sequences for colours have no width.
        for (const line of text
            .replace(/\u001b\[\d+m/g, "")
            .split("\n")
            .filter((one) => /^[┌│├└]/.test(one)))
            assert.ok(line.length <= 100, line);
    });
});
