import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
    checkMachine,
    installPackages,
    spaceWhenCold,
    spaceWhenWarm,
    Unsuitable,
    type Machine,
} from "../../../local/machine/requirements";
import { isAtLeast } from "../../../local/build/pulumi";

describe("this machine", () => {
    const good: Machine = {
        platform: "linux",
        arch: "x64",
        user: 0,
        has: () => true,
        goVersion: () => Promise.resolve("go1.24.1\n"),
        freeSpace: () => 20 * 2 ** 30,
    };

    it("can run the environment if it has all that is needed", async () => {
        await checkMachine(true, good);
        await checkMachine(false, { ...good, has: (program) => program !== "go", freeSpace: () => spaceWhenWarm });
    });

    const cases: [string, Partial<Machine>, RegExp][] = [
        [
            "no Linux",
            { platform: "darwin", arch: "arm64" },
            /needs Linux on x86-64, and this is darwin on arm64: use such a machine, or name a cluster: npm start -- --context <name>$/,
        ],
        [
            "not root",
            { user: 1000 },
            /only root may do, and this is user 1000: run `sudo -E npm start`, or name a cluster/,
        ],
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
            /needs 9\.0 GiB at .*, where 8\.0 GiB are free: make room, or choose a different place: PGLOG_CACHE=<directory> npm start$/,
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

describe("the installation of Debian packages", () => {
    let directory = "";
    const { PATH } = process.env;
    const policy = () => join(directory, "policy-rc.d");
    const seen = () => readFileSync(join(directory, "seen"), "utf8");

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pglog-apt-"));
        // Records whether a package that asks may start its service.
        writeFileSync(
            join(directory, "apt-get"),
            `#!/bin/sh\n${policy()} containerd start; echo "$1 $?" >>${join(directory, "seen")}\n[ ! -e ${directory}/fails ]\n`,
        );
        chmodSync(join(directory, "apt-get"), 0o755);
        process.env.PATH = `${directory}${delimiter}${PATH}`;
    });
    afterEach(() => {
        process.env.PATH = PATH;
        rmSync(directory, { recursive: true });
    });
    const install = () => installPackages(["containerd"], join(directory, "log"), () => undefined, policy());

    it("starts no service, and forbids nothing afterwards", async () => {
        await install();
        assert.equal(seen(), "update 101\ninstall 101\n");
        assert.equal(existsSync(policy()), false);
    });

    it("forbids nothing afterwards if it failed either", async () => {
        writeFileSync(join(directory, "fails"), "");
        await assert.rejects(install());
        assert.equal(existsSync(policy()), false);
    });

    it("keeps the machine's own policy", async () => {
        writeFileSync(policy(), "#!/bin/sh\nexit 104\n", { mode: 0o755 });
        await install();
        assert.equal(seen(), "update 104\ninstall 104\n");
        assert.equal(readFileSync(policy(), "utf8"), "#!/bin/sh\nexit 104\n");
    });
});
