import assert from "node:assert/strict";
import { snapshotOf } from "../../support/snapshots";
import type { Change } from "../../../report/change";
import { classify } from "../../../report/classify";
import { kinds } from "../../../report/rules/kinds";
import { fieldChanges } from "../../../report/source/fieldChanges";

const anyField = "There is no rule for this field: check what it does.";

/** Copies of the inputs, each with one value changed. */
function* mutations(value: unknown): Generator {
    if (Array.isArray(value)) {
        for (const [i, element] of value.entries()) for (const other of mutations(element)) yield value.with(i, other);
    } else if (typeof value === "object" && value !== null) {
        for (const [name, member] of Object.entries(value))
            for (const other of mutations(member)) yield { ...value, [name]: other };
    } else if (typeof value === "string" && value.includes(" = ")) {
        const lines = value.split("\n");
        for (const [i, line] of lines.entries())
            if (line.includes(" = ")) yield lines.with(i, `${line.split(" = ")[0]!} = 'another'`).join("\n");
    } else yield typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : "another";
}

function changed(one: Change, after: Record<string, unknown>): Change {
    const fields = fieldChanges(one.before!, after);
    return { ...one, after, fields };
}

describe("the rules of the report", () => {
    let resources: Change[];
    before(async () => {
        const snapshots = [await snapshotOf("dev"), await snapshotOf("staging"), await snapshotOf("prod")];
        resources = snapshots.flatMap((snapshot) =>
            snapshot.resources.map((one) => ({
                ...one,
                operation: "update" as const,
                protected: false,
                retained: false,
                unprotects: false,
                before: one.inputs,
                fields: [],
            })),
        );
    });

    it("cover exactly the kinds that the program creates", () => {
        const made = new Set(resources.map(({ type }) => type));
        const rare = [
            "kubernetes:discovery.k8s.io/v1:EndpointSlice", // only with an Elasticsearch at an IP address
            "kubernetes:monitoring.coreos.com/v1:PodMonitor", // only with monitoring: operator
            "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
        ];
        assert.deepEqual([...made, ...rare].sort(), Object.keys(kinds).sort());
    });

    it("have a rule for every field of every object", () => {
        const unforeseen = new Set<string>();
        for (const one of resources)
            for (const after of mutations(one.before)) {
                const change = changed(one, after as Record<string, unknown>);
                const { rows } = classify({ stack: "test", changes: [change], errors: [] });
                for (const { subject, effects } of rows)
                    if (effects.some(({ says }) => says === anyField)) unforeseen.add(subject);
            }
        // A changed version or kind of an object has no rule on purpose.
        assert.deepEqual(
            [...unforeseen].filter((subject) => !/: (apiVersion|kind)$/.test(subject)),
            [],
        );
    });

    it("report every single changed field", () => {
        for (const one of resources)
            for (const after of mutations(one.before)) {
                const change = changed(one, after as Record<string, unknown>);
                const { rows } = classify({ stack: "test", changes: [change], errors: [] });
                assert.ok(
                    change.fields.length === 0 || rows.length > 0,
                    `${one.name}: ${change.fields[0]?.path ?? ""}`,
                );
            }
    });

    for (const operation of ["create", "delete", "replace"] as const)
        it(`report a kind without rules as unknown: ${operation}`, () => {
            const change: Change = {
                urn: "urn:pulumi:test::pglog::kubernetes:apps/v1:StatefulSet::other",
                type: "kubernetes:apps/v1:StatefulSet",
                name: "other",
                operation,
                protected: false,
                retained: false,
                unprotects: false,
                fields: [],
            };
            assert.deepEqual(classify({ stack: "test", changes: [change], errors: [] }).levels, ["unknown"]);
        });

    it("report a field without a rule as unknown", () => {
        const claim = resources.find(({ name }) => name === "postgres-data")!;
        const change = changed(claim, { ...claim.before, spec: { ...(claim.before!.spec as object), newField: 1 } });
        assert.deepEqual(classify({ stack: "test", changes: [change], errors: [] }).levels, ["unknown"]);
    });
});
