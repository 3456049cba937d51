import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { alone } from "../../../local/environment/lock";

describe("the lock of an environment", () => {
    const name = `lock-test-${process.pid}`;
    const nothing = () => Promise.resolve("done");

    it("lets one process in at a time, and names it to the next", async () => {
        await alone(name, async () => {
            await assert.rejects(
                alone(name, nothing),
                new RegExp(`environment ${name} is being started or stopped by process ${process.pid}, `),
            );
            assert.equal(await alone(`${name}-two`, nothing), "done");
        });
        assert.equal(await alone(name, nothing), "done");
    });

    it("is free again after a failure, and is given to one of two that ask at the same time", async () => {
        await assert.rejects(
            alone(name, () => Promise.reject(new Error("oh"))),
            /^Error: oh$/,
        );
        const both = await Promise.allSettled([alone(name, nothing), alone(name, nothing)]);
        assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("is free again after its process was killed", async () => {
        const program = `require("./local/environment/lock").alone("${name}", () => {
            console.log("in");
            return new Promise((resolve) => setTimeout(resolve, 600_000));
        });`;
        const child = spawn(process.execPath, ["--import", "tsx", "--eval", program], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        await once(child.stdout, "data");
        await assert.rejects(alone(name, nothing), new RegExp(`by process ${child.pid}, `));
        child.kill("SIGKILL");
        await once(child, "exit");
        assert.equal(await alone(name, nothing), "done");
    });
});
