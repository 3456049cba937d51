import assert from "node:assert/strict";
import { labels, selectorLabels } from "../../../components/kubernetes/labels";

describe("labels", () => {
    it("selects by the two labels that may never change", () => {
        assert.deepEqual(selectorLabels("postgres"), {
            "app.kubernetes.io/name": "postgres",
            "app.kubernetes.io/instance": "postgres",
        });
    });

    it("puts those that select on every object, beside those that describe", () => {
        assert.deepEqual(labels("postgres"), {
            ...selectorLabels("postgres"),
            "app.kubernetes.io/part-of": "pglog",
            "app.kubernetes.io/managed-by": "pulumi",
        });
    });
});
