import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Change, Plan } from "../../../report/change";
import type { Row } from "../../../report/classify";
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
        const row = text.split("\n").filter((line) => line.startsWith("- 🟡"));
        assert.equal(row.length, 1);
        assert.doesNotMatch(row[0]!.replace(/`[^`]*`/g, ""), /<img|@everyone/, "only inside code");
        const cells = renderMarkdown({ ...reportOf(plan), rows: Array(6).fill(reportOf(plan).rows[0]!) as Row[] });
        for (const line of cells.split("\n").filter((one) => one.startsWith("| 🟡")))
            assert.equal(line.replaceAll("\\|", "").split("|").length, 6, "four cells");
        assert.match(text, /\n````diff\n/, "a fence longer than any in the values");
    });

    it("fits a telephone: the verdict alone in its line, at most five rows, the rest folded", () => {
        const several = readFileSync("test/report/previews/several.json", "utf8");
        const report = reportOf(planFromPreview("dev", several));
        assert.ok(report.rows.length > 5);
        const [shown, folded] = renderMarkdown(report).split("<details>");
        const [verdict, , also, , ...items] = shown!.trimEnd().split("\n");
        assert.equal(verdict, "### 🔴 `dev`: **would lose data**");
        assert.match(also!, /^Also: \*\*would lose log lines\*\* · .* · restarts PostgreSQL, about \d+ s down · /);
        assert.equal(items.length, 5);
        for (const item of items) assert.ok(item.startsWith("- ") && item.length < 260, item);
        assert.equal(folded!.split("\n").filter((line) => /^\| (🔴|🟠|🟡|🟢)/u.test(line)).length, report.rows.length);
        assert.ok(renderTerminal(report, 80).split("\n").slice(0, 20).join("\n").includes("passwordVersion 1 → 2"));
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
