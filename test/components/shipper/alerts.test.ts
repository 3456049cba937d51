import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parse, parseAllDocuments, stringify } from "yaml";
import { Gi } from "../../../components/kubernetes/quantity";
import { alertGroups, alertRules } from "../../../components/shipper/alerts";
import { program } from "../../pipeline/program";
import { selectorsOf } from "../../support/promql";
import { updateGolden } from "../../support/updateGolden";

const file = "docs/alerts.yaml";
const general = () => alertGroups({ outage: 3600 });

describe("the alerts", () => {
    it("are in a file for a Prometheus without the operator", () => {
        const text = `# For a Prometheus without the operator; made from components/shipper/alerts.ts, for logOutage: 1h.\n${stringify(general(), { lineWidth: 0 })}`;
        if (updateGolden()) writeFileSync(file, text);
        assert.equal(readFileSync(file, "utf8"), text, "if this is meant: UPDATE_GOLDEN=1 npx mocha");
        assert.deepEqual(parse(text), general());
    });

    for (const { alert, expr } of alertRules({ outage: 3600 }))
        it(`${alert} is an expression about this program's own inputs, output or volume`, () => {
            const selectors = selectorsOf(expr);
            assert.ok(selectors.length > 0);
            for (const { metric, labels } of selectors)
                // The age of the process goes with the instance of the other metric.
                assert.ok(labels.length > 0 || (metric === "fluentbit_uptime" && selectors.length > 1), metric);
        });

    it("are about one namespace if it is given", () => {
        for (const { expr } of alertRules({ namespace: "pglog-dev", outage: 3600 }))
            for (const { metric, labels } of selectorsOf(expr).filter((one) => one.metric !== "fluentbit_uptime"))
                assert.ok(
                    labels.some(([name, operator, value]) => `${name}${operator}${value}` === "namespace=pglog-dev"),
                    metric,
                );
    });

    it("see a chunk that is always refused, at the longest time between two attempts", () => {
        const sections = parseAllDocuments(program.files(9200, 4 * Gi)["fluent-bit.yaml"]!);
        const longest = sections.map((one) => one.getIn(["service", "scheduler.cap"])).find((one) => one !== undefined);
        const least = (30 * 60) / (Number(longest) + 1);
        const refused = alertRules({ outage: 3600 }).find(({ alert }) => alert === "PglogLinesRefused");
        const [, minutes, attempts] = /\[(\d+)m\]\) > (\d+)$/.exec(refused!.expr)!;
        assert.equal(minutes, "30");
        assert.ok(least > Number(attempts), `${least} attempts`);
    });

    it("become critical when half of the longest outage has passed", () => {
        const fills = (outage: number) => alertRules({ outage }).find(({ alert }) => alert === "PglogVolumeFills");
        assert.equal(fills(3600)?.for, "30m");
        assert.equal(fills(600)?.for, "5m");
    });
});
