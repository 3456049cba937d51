import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, reachable } from "../../../local/build/download";
import { broken, checksum, file, hangs, redirectTo, refuses, ReleaseServer, wholeFile } from "./releaseServer";

/** Sets variables of this process; undefined removes a variable. */
function setVariables(variables: Record<string, string | undefined>) {
    for (const [name, value] of Object.entries(variables))
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
}

describe("the download of a release", () => {
    const content = randomBytes(3_000_000);
    let server = new ReleaseServer();
    let directory = "";
    beforeEach(async () => {
        server = new ReleaseServer();
        await server.open();
        directory = mkdtempSync(join(tmpdir(), "pglog-download-"));
    });
    afterEach(async () => {
        await server.close();
        rmSync(directory, { recursive: true });
    });
    const target = () => join(directory, "release.tgz");
    /** Sends a third of the file at a time. */
    const breaks = (times: number) =>
        broken({ times, bytes: 1_000_000, content, partial: `${target()}.partial`, then: file(content) });
    const lines: string[] = [];
    const get = (of = checksum(content)) =>
        download(server.url("/release.tgz"), of, target(), (line) => lines.push(line));

    it("reports its progress, and leaves only the file", async () => {
        server.answers["/release.tgz"] = file(content);
        lines.length = 0;
        await get();
        assert.deepEqual(lines.at(-1), "release.tgz: 3 of 3 MB");
        assert.ok(readFileSync(target()).equals(content));
        assert.deepEqual(readdirSync(directory), ["release.tgz"]);
    });

    it("is checked by either kind of checksum", async () => {
        server.answers["/release.tgz"] = file(content);
        await get(checksum(content, "sha512"));
        assert.ok(existsSync(target()));
    });

    it("continues after a broken connection, however often it breaks", async () => {
        server.answers["/release.tgz"] = breaks(2);
        await get();
        assert.ok(readFileSync(target()).equals(content));
        assert.deepEqual(server.seen, ["/release.tgz", "/release.tgz bytes=1000000-", "/release.tgz bytes=2000000-"]);
    });

    it("continues after an interrupted start", async () => {
        server.answers["/release.tgz"] = file(content);
        writeFileSync(`${target()}.partial`, content.subarray(0, 2_000_000));
        await get();
        assert.ok(readFileSync(target()).equals(content));
        assert.deepEqual(server.seen, ["/release.tgz bytes=2000000-"]);
    });

    it("requests nothing more if the partial file is complete", async () => {
        server.answers["/release.tgz"] = file(content);
        writeFileSync(`${target()}.partial`, content);
        await get();
        assert.ok(readFileSync(target()).equals(content));
    });

    it("starts again if the server supports no ranges", async () => {
        server.answers["/release.tgz"] = wholeFile(content);
        writeFileSync(`${target()}.partial`, content.subarray(0, 2_000_000));
        await get();
        assert.ok(readFileSync(target()).equals(content));
    });

    it("fails if a connection brings no bytes, and keeps the partial file for the next start", async () => {
        server.answers["/release.tgz"] = refuses;
        writeFileSync(`${target()}.partial`, content.subarray(0, 1000));
        await assert.rejects(get(), (error: Error) => error.message.startsWith(`${server.url("/release.tgz")}: `));
        assert.deepEqual(readdirSync(directory), ["release.tgz.partial"]);
    });

    it("fails if the server does not have the file", async () => {
        await assert.rejects(get(), { message: `${server.url("/release.tgz")}: the answer is 404 Not Found` });
    });

    it("is refused if its checksum is wrong, and is not reused as a part of the right file", async () => {
        const other = randomBytes(1000);
        server.answers["/release.tgz"] = file(other);
        await assert.rejects(get(), {
            message: `${server.url("/release.tgz")}: its sha256 is ${checksum(other).hex}, and ${checksum(content).hex} was expected`,
        });
        assert.deepEqual(readdirSync(directory), []);
    });

    it("follows redirects, also when it continues", async () => {
        server.answers["/release.tgz"] = redirectTo("/elsewhere");
        server.answers["/elsewhere"] = breaks(1);
        await get();
        assert.ok(readFileSync(target()).equals(content));
    });

    it("uses the proxy of the environment variables", async () => {
        server.answers["/release.tgz"] = file(content);
        const asked: string[] = [];
        const proxy = createServer();
        proxy.on("connect", ({ url }, socket) => {
            asked.push(url!);
            const to = connect(server.port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
            socket.pipe(to).pipe(socket);
        });
        await once(proxy.listen(0, "127.0.0.1"), "listening");
        const { http_proxy, no_proxy } = process.env;
        setVariables({ http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, no_proxy: "" });
        try {
            await download("http://releases.example/release.tgz", checksum(content), target(), () => undefined);
        } finally {
            setVariables({ http_proxy, no_proxy });
            proxy.close();
        }
        assert.deepEqual(asked, ["releases.example:80"]);
    });
});

describe("the choice of official releases", () => {
    let server = new ReleaseServer();
    beforeEach(async () => {
        server = new ReleaseServer();
        await server.open();
    });
    afterEach(() => server.close());
    const content = Buffer.from("a release");

    it("takes those that answer, after redirects, and asks them for one byte", async () => {
        server.answers["/there"] = file(content);
        server.answers["/moved"] = redirectTo("/there");
        const urls = ["/there", "/moved"].map((path) => server.url(path));
        assert.deepEqual(await reachable(urls), new Set(urls));
        assert.ok(server.seen.every((request) => request.endsWith(" bytes=0-0")));
    });

    it("leaves out those that a host does not have, and hosts that do not exist", async () => {
        const closed = new ReleaseServer();
        await closed.open();
        const refused = closed.url("/there");
        await closed.close();
        assert.deepEqual(
            await reachable([server.url("/none"), refused, "http://no-such-host.invalid/there"]),
            new Set(),
        );
    });

    it("is made in time if a host hangs, and takes the others", async () => {
        server.answers["/there"] = file(content);
        server.answers["/hangs"] = hangs;
        assert.deepEqual(
            await reachable([server.url("/hangs"), server.url("/there")], 3),
            new Set([server.url("/there")]),
        );
    });
});
