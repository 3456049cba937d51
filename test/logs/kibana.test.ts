import assert from "node:assert/strict";
import { renderMappings } from "../../components/logs/document";
import { dashboards, dataset, packageFields, reads, type Use } from "../../logs/kibana/dashboards";
import { asFile, savedObjects, type SavedObject } from "../../logs/kibana/savedObjects";

interface Mapping {
    type?: string;
    path?: string;
    fields?: Record<string, Mapping>;
    properties?: Record<string, Mapping>;
}

/** The type of each field in the mapping. An alias has the type of its target. */
function mappedTypes(): Map<string, string> {
    const types = new Map<string, string>();
    const aliases: [string, string][] = [];
    const walk = (prefix: string, members: Record<string, Mapping>) => {
        for (const [name, { type, path, fields, properties }] of Object.entries(members)) {
            if (properties !== undefined) walk(`${prefix}${name}.`, properties);
            else if (type === "alias") aliases.push([`${prefix}${name}`, path!]);
            else types.set(`${prefix}${name}`, type!);
            if (fields !== undefined) walk(`${prefix}${name}.`, fields);
        }
    };
    walk("", renderMappings().properties);
    for (const [name, target] of aliases) types.set(name, types.get(target)!);
    return types;
}
const types = mappedTypes();

/** The types that a use needs; undefined: any. */
const needed: Record<Use, string[] | undefined> = {
    ...{ column: undefined, exists: undefined, above: ["long", "date"], terms: ["keyword"] },
    ...{ histogram: ["date"], sort: ["date"], sum: ["long"], term: ["keyword"], prefix: ["keyword"] },
};

describe("Elastic's dashboards for PostgreSQL's log", () => {
    for (const { field, use } of reads())
        it(`find ${field}, for use as ${use}`, () => {
            const type = types.get(field);
            assert.ok(type !== undefined, `${field} is not in the mapping`);
            assert.ok(needed[use]?.includes(type) ?? true, `${field} is ${type}`);
        });

    it("find the value of data_stream.dataset that they filter by", () => {
        const { properties } = renderMappings() as unknown as { properties: Record<string, Mapping> };
        assert.equal(properties.data_stream?.properties?.dataset?.path, "event.dataset");
        assert.ok(dataset.value.startsWith(dataset.prefix));
    });

    // Where a text of the line can be long, it is text here, and has a keyword beside it.
    it("have fields of the package that are here too, of the same type, but for those that no line has", () => {
        const missing = ["query_name", "sequence_number", "timestamp"].map((name) => `postgresql.log.${name}`);
        for (const [field, type] of Object.entries(packageFields)) {
            if (missing.includes(field)) assert.equal(types.get(field), undefined, field);
            else assert.ok([types.get(field), types.get(`${field}.keyword`)].includes(type), field);
        }
    });
});

describe("The saved objects for Kibana", () => {
    const text = asFile(savedObjects("dev", "postgresql-logs-dev-*"));
    const objects = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as SavedObject);

    it("are one JSON object per line: a data view of the stack's own lines, and two dashboards", () => {
        assert.ok(text.endsWith("}\n"));
        const [view] = objects;
        assert.deepEqual(view?.attributes, {
            title: "postgresql-logs-dev-*",
            name: "PostgreSQL dev",
            timeFieldName: "@timestamp",
        });
        const boards = objects.filter(({ type }) => type === "dashboard");
        assert.equal(boards.length, dashboards.length);
        const panels = objects.filter(({ type }) => type === "search" || type === "lens");
        assert.equal(panels.length, dashboards.flatMap((one) => one.panels).length);
    });

    it("refer only to objects before them in the file, by names that they use", () => {
        const before = new Set<string>();
        for (const { type, id, references, attributes } of objects) {
            for (const reference of references)
                assert.ok(before.has(`${reference.type} ${reference.id}`), `${id}: ${reference.id}`);
            assert.equal(before.has(`${type} ${id}`), false, `${id} twice`);
            before.add(`${type} ${id}`);
            if (type !== "dashboard") continue;
            const panels = JSON.parse(String(attributes.panelsJSON)) as { panelIndex: string; panelRefName: string }[];
            assert.deepEqual(
                panels.map(({ panelIndex, panelRefName }) => `${panelIndex}:${panelRefName}`),
                references.map(({ name }) => name),
            );
        }
    });

    it("name only fields of the mapping", () => {
        // A name of a field is a text without a blank in which a dot follows a letter, or @timestamp.
        const named = new Set<string>();
        const walk = (node: unknown): void => {
            if (typeof node === "string") {
                if (node.startsWith("{") || node.startsWith("[")) walk(JSON.parse(node));
                else
                    for (const [name] of node.matchAll(/@timestamp|\b(?:user|log|event|postgresql|message)\b[\w.]*/g))
                        named.add(name);
            } else if (typeof node === "object" && node !== null) Object.values(node).forEach(walk);
        };
        for (const { type, attributes } of objects) {
            if (type !== "index-pattern") walk({ ...attributes, title: "" });
        }
        const expected = reads().filter(({ field }) => field !== dataset.field);
        assert.deepEqual([...named].sort(), [...new Set(expected.map(({ field }) => field))].sort());
        for (const name of named) assert.ok(types.has(name), name);
    });

    it("place the panels without overlap in Kibana's 48 columns", () => {
        for (const { type, attributes } of objects) {
            if (type !== "dashboard") continue;
            const grid = (JSON.parse(String(attributes.panelsJSON)) as { gridData: Place }[]).map(
                (one) => one.gridData,
            );
            for (const [index, one] of grid.entries()) {
                assert.ok(one.x >= 0 && one.x + one.w <= 48);
                for (const other of grid.slice(index + 1))
                    assert.ok(one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y);
            }
        }
    });
});

interface Place {
    x: number;
    y: number;
    w: number;
    h: number;
}
