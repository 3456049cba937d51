import assert from "node:assert/strict";
import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { ProjectCopy } from "../support/projectCopy";
import { TestStack } from "./stack";

/** The policy pack in the engine, on a copy of the program that a test can break. */
describe("the policy pack in a preview", () => {
    const stack = new TestStack({ protectData: true, elasticsearchMode: "in-cluster" });
    const copy = new ProjectCopy();
    const preview = () => stack.pulumi("preview", "--cwd", copy.directory, "--policy-pack", "policy");

    before(() => {
        const pack = join(copy.directory, "policy");
        cpSync("policy", pack, { recursive: true });
        // The language host may look for packages only in the pack's directory, so they are linked there.
        symlinkSync(resolve("node_modules"), join(pack, "node_modules"));
    });
    after(async () => {
        await stack.remove();
        copy.remove();
    });

    it("finds nothing in the program, and can judge all of it before anything is created", async () => {
        const { status, text } = await preview();
        assert.equal(status, 0, text);
        assert.match(text, /pglog@v\d/);
        assert.doesNotMatch(text, /\[(mandatory|advisory)\]|can't run policy/);
    });

    it("stops a program that would destroy data, and says where", async () => {
        copy.edit("components/postgres/postgres.ts", "protect, retainOnDelete: protect };", "};");
        copy.edit(
            "components/postgres/postgres.ts",
            `strategy: { type: "Recreate" }`,
            `strategy: { type: "RollingUpdate" }`,
        );
        const { status, text } = await preview();
        assert.notEqual(status, 0, text);
        for (const violation of [
            `PersistentVolumeClaim "postgres-data": the option protect is false; it must be true in a stack with protectData.`,
            `Deployment "postgres-deployment": spec.strategy.type is "RollingUpdate"; it must be "Recreate".`,
        ])
            assert.ok(text.includes(violation), text);
    });
});
