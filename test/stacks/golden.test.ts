import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadConfig } from "../../stacks/config";
import { logDatabase } from "../../stacks/logDatabase";
import { deploy } from "../support/deploy";
import { changes, stable } from "../support/stable";
import { dummySecrets, stackFile, stacks } from "../support/stackFile";
import { updateGolden } from "../support/updateGolden";

describe("golden", () => {
    for (const stack of stacks)
        it(`stack ${stack} registers what test/golden/${stack}.json says`, async () => {
            const deployment = await deploy(() => logDatabase(loadConfig()), { config: stackFile(stack), stack });
            const golden = `test/golden/${stack}.json`;
            const actual = await stable(deployment);
            for (const secret of Object.values(dummySecrets[stack]))
                assert.equal(actual.includes(secret), false, "a secret would be written to the file");
            if (updateGolden()) writeFileSync(golden, actual);
            const expected = existsSync(golden) ? readFileSync(golden, "utf8") : "";
            const hint = "if this is meant: UPDATE_GOLDEN=1 npx mocha";
            if (actual !== expected) assert.fail([golden, ...changes(expected, actual), hint].join("\n  "));
        });

    it("reports only what has changed", () => {
        const text = (...resources: object[]) => JSON.stringify({ resources, outputs: { a: 1 } });
        const kept = { resource: "kept", inputs: { a: 1, b: [1, 2] } };
        const changed = (b: number[]) => ({ resource: "changed", inputs: { a: 1, b, c: 2 } });
        assert.deepEqual(changes(text(kept, changed([1, 2])), text(kept, changed([1, 3]))), [
            "changed\n    - 2\n    + 3",
        ]);
        assert.deepEqual(changes(text(kept), text(kept)), []);
        assert.deepEqual(changes(text(kept), text(kept, { resource: "new" })), [
            'new\n    + {\n    + "resource": "new"\n    + }',
        ]);
        assert.deepEqual(
            changes(text(kept), text(kept, changed(Array<number>(20).fill(0))))[0]!
                .split("\n")
                .at(-1),
            "    + and 17 lines more",
        );
    });
});
