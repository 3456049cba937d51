import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A folder's parts, lowest first. A part is a folder or a file in it, and it imports only from lower parts. */
const orders: Record<string, string[]> = {
    components: [
        "errors",
        "kubernetes",
        "logs",
        "elasticsearch",
        "shipper",
        "postgres",
        "deliveryProof",
        "monitoring",
        "index",
    ],
    local: ["machine", "build", "cluster", "environment", "cli"],
    stacks: ["versions", "keys", "conflict", "parameterConflicts", "conflicts", "config", "logDatabase"],
};
/** Parts that import nothing from their folder and that nothing in it imports. */
const apart: Record<string, string[]> = { local: ["standin"] };

const partOf = (folder: string, path: string) => relative(folder, path).split("/")[0]!.replace(/\.ts$/, "");

/** Every import from one part of a folder to a different one. */
function imports(folder: string) {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    return files.flatMap((name) => {
        const file = join(folder, name);
        return [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]*)"/g)]
            .map(([, path]) => join(file, "..", path!))
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => ({ file, from: partOf(folder, file), to: partOf(folder, path) }))
            .filter(({ from, to }) => from !== to);
    });
}

describe("Imports", () => {
    for (const [folder, order] of Object.entries(orders))
        it(`in ${folder}/ go only from ${order.toReversed().join(" to ")}`, () => {
            const all = imports(folder);
            assert.ok(all.length > 0);
            for (const { file, from, to } of all) {
                assert.ok(order.includes(from) || apart[folder]?.includes(from), `${file} has no place in the order`);
                assert.ok(
                    order.indexOf(to) < order.indexOf(from),
                    `${file} imports from ${to}, which is above ${from}`,
                );
            }
        });

    it("never link the folders that must stay apart", () => {
        for (const [folder, parts] of Object.entries(apart))
            assert.deepEqual(
                imports(folder).filter(({ from, to }) => parts.includes(from) || parts.includes(to)),
                [],
            );
    });
});
