import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connection } from "../../../local/environment/connection";

describe("the way to connect from this machine", () => {
    const secret = "postgresql://app:pa%3Ass%5Cword@postgres.pglog-dev.svc:5432/app";
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "a $place "));
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });
    const file = () => join(directory, "pgpass");

    it("is a URI without the password, which names the file that contains it", () => {
        assert.deepEqual(connection(directory, secret, { host: "10.1.2.3", port: 5432 }), {
            inCluster: "postgresql://app@postgres.pglog-dev.svc:5432/app",
            fromHere: `postgresql://app@10.1.2.3/app?passfile=${file().replaceAll(" ", "%20").replace("$", "%24")}`,
        });
        // In libpq's format, a backslash precedes each colon or backslash of a field.
        assert.equal(readFileSync(file(), "utf8"), "10.1.2.3:5432:app:app:pa\\:ss\\\\word\n");
    });

    it("names the port unless it is libpq's default", () => {
        const { fromHere } = connection(directory, secret, { host: "10.1.2.3", port: 5433 });
        assert.match(fromHere!, /^postgresql:\/\/app@10\.1\.2\.3:5433\/app\?/);
    });

    it("uses a private file, even if there was a public one before", () => {
        writeFileSync(file(), "old", { mode: 0o644 });
        connection(directory, secret, { host: "10.1.2.3", port: 5432 });
        assert.equal(statSync(file()).mode & 0o777, 0o600);
    });

    it("does not exist without an address, and then no file is written", () => {
        assert.equal(connection(directory, secret, undefined).fromHere, undefined);
        assert.throws(() => statSync(file()), /ENOENT/);
    });
});
