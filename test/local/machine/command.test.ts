import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, CommandFailed, succeeds, until } from "../../../local/machine/command";

const failure = async (...args: Parameters<typeof command>) => {
    const error = await command(...args).then(
        () => undefined,
        (reason: unknown) => reason,
    );
    assert.ok(error instanceof CommandFailed, String(error));
    return error;
};

describe("a command", () => {
    it("returns its standard output, and passes on each line of both outputs", async () => {
        const seen: string[] = [];
        const said = await command("sh", ["-c", "echo one; echo two >&2; cat"], {
            input: "three\n",
            onLine: (line) => seen.push(line),
        });
        assert.equal(said, "one\nthree");
        assert.deepEqual(seen.sort(), ["one", "three", "two"]);
    });

    it("reports its name, status and last lines if it fails, and keeps all lines in its log", async () => {
        const directory = mkdtempSync(join(tmpdir(), "pglog-command-"));
        try {
            const log = join(directory, "a", "log");
            const error = await failure("sh", ["-c", "seq 20; exit 3"], { log });
            assert.equal(error.message, "`sh -c seq 20; exit 3` ended with status 3");
            assert.deepEqual(
                error.lines,
                [...Array(12).keys()].map((index) => String(index + 9)),
            );
            assert.equal(error.log, log);
            assert.equal(readFileSync(log, "utf8").split("\n").length, 22);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("reports if it does not exist, is killed or takes too long", async () => {
        assert.match((await failure("pglog-no-such-program", [])).message, /could not be started: .*ENOENT/);
        assert.match((await failure("sh", ["-c", "kill -9 $$"])).message, /was ended by SIGKILL$/);
        assert.match(
            (await failure("sleep", ["60"], { timeout: 0.1 })).message,
            /was ended by SIGTERM, or took longer than 0.1 s$/,
        );
    });

    it("can be asked only for its success", async () => {
        assert.deepEqual([await succeeds("true", []), await succeeds("false", [])], [true, false]);
    });
});

describe("waiting", () => {
    it("ends at the first yes", async () => {
        let asked = 0;
        await until("the third time", 60, () => Promise.resolve(++asked === 3));
        assert.equal(asked, 3);
    });

    it("names the condition that did not come true", async () => {
        await assert.rejects(
            until("the sun", 0, () => Promise.resolve(false)),
            { message: "the sun did not come true in 0 s" },
        );
    });
});
