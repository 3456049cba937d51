import assert from "node:assert/strict";
import { run } from "../report/source/run";

/** Runs a script in a process of its own, and returns what it prints as JSON. */
async function printedBy(script: string): Promise<unknown> {
    const { status, stdout, stderr } = await run(process.execPath, ["-e", script]);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
}

const counted = `
const loaded = () => ["typescript/lib/typescript.js", "ts-node/dist", "@npmcli/arborist/lib/arborist"].map(
    (part) => Object.values(require.cache).filter(({ id, children }) => id.includes(part) && children.length > 0).length);`;

describe("The start of the program", () => {
    it("loads no compiler and none of the large libraries that the SDK rarely needs", async () => {
        const found = await printedBy(`${counted}
            let said = "";
            try { require("./start/program.cjs"); } catch (error) { said = error.message; }
            console.log(JSON.stringify({ said: said.split("\\n")[0], loaded: loaded() }));`);
        // Without an engine there is no configuration, so the program's own check ends it.
        assert.match((found as { said: string }).said, /^the configuration of stack .* nothing was changed$/);
        assert.deepEqual((found as { loaded: number[] }).loaded, [0, 0, 0]);
    });

    it("leaves the SDK whole: what it loads late works", async () => {
        const found = await printedBy(`
            require("./start/lazy.cjs");
            const { runtime } = require("@pulumi/pulumi");
            Promise.all([runtime.serializeFunction(() => 1), runtime.computeCodePaths({})]).then(([{ text }, paths]) => {
                console.log(JSON.stringify([text.includes("return 1") || text.includes("=> 1"), paths.size > 0]));
            });`);
        assert.deepEqual(found, [true, true]);
    });

    it("names the line of a TypeScript file in an error", async () => {
        const stack = await printedBy(`
            require("./start/compile.cjs").compile("components/**/*.ts");
            try { require("./components/kubernetes/script.ts").script("none.sh"); }
            catch (error) { console.log(JSON.stringify(error.stack)); }`);
        assert.match(stack as string, /script \(.*components\/kubernetes\/script\.ts:7:12\)/);
    });

    it("refuses a file that it has not compiled", async () => {
        const message = await printedBy(`
            require("./start/compile.cjs").compile("render/**/*.ts");
            try { require("./stacks/config.ts"); } catch (error) { console.log(JSON.stringify(error.message)); }`);
        assert.match(message as string, /^start\/ does not compile .*stacks\/config\.ts/);
    });
});
