import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findFluentBit, installedFluentBit } from "../../../local/build/fluentBit";
import { fluentBitVersion } from "../../../stacks/versions";

describe("the Fluent Bit of this machine", () => {
    let directory = "";
    const path = process.env.PATH;
    /** Puts a program first on PATH that reports a version. */
    const installed = (version: string) => {
        const program = join(directory, "fluent-bit");
        writeFileSync(program, `#!/bin/sh\necho "Fluent Bit v${version}"\n`);
        chmodSync(program, 0o755);
        return program;
    };
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pglog-fluent-bit-"));
        process.env.PATH = [directory, path].join(delimiter);
    });
    afterEach(() => {
        process.env.PATH = path;
        rmSync(directory, { recursive: true });
    });

    it("is the one on PATH, if it has the version that the pipeline needs", async () => {
        const program = installed(fluentBitVersion);
        assert.deepEqual(await findFluentBit(), { program, version: fluentBitVersion });
    });

    it("is not a program that does not start, and its own output says why", async () => {
        const program = installed(fluentBitVersion);
        writeFileSync(program, "#!/bin/sh\necho libyaml-0.so.2 is missing >&2\nexit 127\n");
        assert.equal(
            await findFluentBit(),
            `\`${program} --version\` ended with status 127: libyaml-0.so.2 is missing`,
        );
    });

    it("may have a different version for the benchmark only", async () => {
        const program = installed("4.0.0");
        assert.deepEqual(await installedFluentBit(), { program, version: "4.0.0" });
        assert.equal(await findFluentBit(), `${program} has version 4.0.0, but ${fluentBitVersion} is needed`);
    });
});
