import assert from "node:assert/strict";
import { snapshotOf } from "../../support/snapshots";
import type { Change } from "../../../report/change";
import { classify } from "../../../report/classify";
import { kinds } from "../../../report/rules/kinds";
import { fieldChanges } from "../../../report/source/fieldChanges";

const anyField = "What this field does is not known here: look.";

/** Paths of every value in the inputs, with another value at one of them. */
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

    it("know every kind that the program makes, and no other", () => {
        const made = new Set(resources.map(({ type }) => type));
        const rare = ["kubernetes:discovery.k8s.io/v1:EndpointSlice"]; // of an Elasticsearch with an address
        assert.deepEqual([...made, ...rare].sort(), Object.keys(kinds).sort());
    });

    it("have a word on every field of every object", () => {
        const unforeseen = new Set<string>();
        for (const one of resources)
            for (const after of mutations(one.before)) {
                const change = changed(one, after as Record<string, unknown>);
                const { rows } = classify({ stack: "test", changes: [change], errors: [] });
                for (const { subject, effects } of rows)
                    if (effects.some(({ says }) => says === anyField)) unforeseen.add(subject);
            }
        // Another version or kind of an object is for a person to look at.
        assert.deepEqual(
            [...unforeseen].filter((subject) => !/: (apiVersion|kind)$/.test(subject)),
            [],
        );
    });

    it("never call a field that changed by itself safe without having said why", () => {
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
        it(`call a kind that they do not know unknown: ${operation}`, () => {
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

    it("call a field that they do not know unknown", () => {
        const claim = resources.find(({ name }) => name === "postgres-data")!;
        const change = changed(claim, { ...claim.before, spec: { ...(claim.before!.spec as object), newField: 1 } });
        assert.deepEqual(classify({ stack: "test", changes: [change], errors: [] }).levels, ["unknown"]);
    });
});
