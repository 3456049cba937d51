import assert from "node:assert/strict";
import { labels, selectorLabels } from "../../../components/kubernetes/labels";

describe("labels", () => {
    it("selects by the two labels that must never change", () => {
        assert.deepEqual(selectorLabels("postgres"), {
            "app.kubernetes.io/name": "postgres",
            "app.kubernetes.io/instance": "postgres",
        });
    });

    it("puts the selecting labels on every object, together with the descriptive ones", () => {
        assert.deepEqual(labels("postgres"), {
            ...selectorLabels("postgres"),
            "app.kubernetes.io/part-of": "pglog",
            "app.kubernetes.io/managed-by": "pulumi",
        });
    });
});
