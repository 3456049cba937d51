import assert from "node:assert/strict";
import { fieldChanges } from "../../../report/source/fieldChanges";

describe("the fields that differ", () => {
    const changes = (from: object, to: object) =>
        fieldChanges(from as Record<string, unknown>, to as Record<string, unknown>).map(({ path }) => path);

    it("are matched by the names of a list's elements, not by position", () => {
        const containers = [
            { name: "a", image: "1" },
            { name: "b", image: "1" },
        ];
        const moved = [
            { name: "b", image: "2" },
            { name: "a", image: "1" },
        ];
        assert.deepEqual(changes({ containers }, { containers: moved }), ["containers[b].image"]);
        assert.deepEqual(changes({ containers }, { containers: containers.slice(1) }), ["containers[a]"]);
    });

    it("compare the parsed content of a file, not its text", () => {
        const file = (text: string) => ({ kind: "ConfigMap", data: { "postgresql.conf": text } });
        assert.deepEqual(changes(file("a = 1\nb = 2\n"), file("# new\nb = 2\na = 3\n")), ["data[postgresql.conf].a"]);
        assert.deepEqual(changes(file("a = 1\n"), { kind: "ConfigMap", data: {} }), ["data[postgresql.conf]"]);
    });

    it("are one change where an object becomes a text, and one for each new member", () => {
        assert.deepEqual(changes({ a: { b: 1 } }, { a: "text" }), ["a"]);
        assert.deepEqual(changes({ a: {} }, { a: { b: { c: 1 } } }), ["a.b.c"]);
    });
});
