import assert from "node:assert/strict";
import { checkMachine, spaceWhenCold, spaceWhenWarm, Unsuitable, type Machine } from "../../local/machine";
import { isAtLeast } from "../../local/pulumi";

describe("this machine", () => {
    const good: Machine = {
        platform: "linux",
        arch: "x64",
        user: 0,
        has: () => true,
        goVersion: () => Promise.resolve("go1.24.1\n"),
        freeSpace: () => 20 * 2 ** 30,
    };

    it("is one that the environment runs on, with what it needs", async () => {
        await checkMachine(true, good);
        await checkMachine(false, { ...good, has: (program) => program !== "go", freeSpace: () => spaceWhenWarm });
    });

    const cases: [string, Partial<Machine>, RegExp][] = [
        [
            "no Linux",
            { platform: "darwin", arch: "arm64" },
            /runs on Linux on x86-64, and this is darwin on arm64: use such a machine, or name a cluster: npm start -- --context <name>$/,
        ],
        ["not root", { user: 1000 }, /takes root, and this is user 1000: run `sudo -E npm start`, or name a cluster/],
        [
            "no apt-get",
            { has: (program) => program !== "apt-get" },
            /there is no apt-get here: use Debian or a derivative, or name/,
        ],
        [
            "no Go",
            { has: (program) => program !== "go" },
            /there is no `go` on PATH: install Go 1\.21 or newer \(https:\/\/go\.dev\/doc\/install\), or name/,
        ],
        [
            "an old Go",
            { goVersion: () => Promise.resolve("go1.19.8") },
            /and go1\.19\.8 cannot: install Go 1\.21 or newer/,
        ],
        [
            "a full disk",
            { freeSpace: () => spaceWhenCold - 2 ** 30 },
            /needs 9\.0 GiB at .*, where 8\.0 GiB are free: make room, or name another place: PGLOG_CACHE=<directory> npm start$/,
        ],
    ];
    for (const [what, difference, message] of cases)
        it(`is refused in one sentence: ${what}`, async () => {
            await assert.rejects(checkMachine(true, { ...good, ...difference }), (error: Error) => {
                assert.ok(error instanceof Unsuitable);
                assert.match(error.message, message);
                assert.doesNotMatch(error.message, /\n/);
                return true;
            });
        });
});

describe("versions", () => {
    for (const [version, other, expected] of [
        ["v3.259.0", "v3.259.0", true],
        ["v3.260.1", "v3.259.0", true],
        ["v4.0.0", "v3.259.0", true],
        ["v3.99.0", "v3.259.0", false],
        ["v3.259.0-alpha.1", "v3.259.0", true],
        ["unknown", "v3.259.0", false],
    ] as const)
        it(`${version} is ${expected ? "" : "not "}at least ${other}`, () => {
            assert.equal(isAtLeast(version, other), expected);
        });
});
