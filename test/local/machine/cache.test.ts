import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint, isMade, make } from "../../../local/machine/cache";

describe("a thing in the cache", () => {
    let directory = "";
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "pglog-cache-"))));
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });
    const write = (text: string) => (path: string) => {
        writeFileSync(path, text);
        return Promise.resolve();
    };

    it("is made once from the same inputs, and again from new ones", async () => {
        const path = join(directory, "thing");
        await make(path, "a", write("first"));
        await make(path, "a", write("second"));
        assert.equal(readFileSync(path, "utf8"), "first");
        await make(path, "b", write("third"));
        assert.equal(readFileSync(path, "utf8"), "third");
        assert.deepEqual([isMade(path, "a"), isMade(path, "b")], [false, true]);
    });

    it("is not there if it could not be completed, and its predecessor stays", async () => {
        const path = join(directory, "thing");
        const interrupted = async (partial: string) => {
            await write("half")(partial);
            throw new Error("no room");
        };
        await assert.rejects(make(path, "a", interrupted), { message: "no room" });
        assert.deepEqual([existsSync(path), readdirSync(directory)], [false, []]);
        await make(path, "a", write("whole"));
        await assert.rejects(make(path, "b", interrupted), { message: "no room" });
        assert.deepEqual([readFileSync(path, "utf8"), isMade(path, "a")], ["whole", true]);
    });

    it("has a fingerprint that depends on each input, and on where each input ends", () => {
        const all = [fingerprint("ab", "c"), fingerprint("a", "bc"), fingerprint("abc"), fingerprint("ab", "d")];
        assert.equal(new Set(all).size, all.length);
        assert.equal(fingerprint("ab", "c"), fingerprint("ab", Buffer.from("c")));
    });
});
