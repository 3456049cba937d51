import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { elasticsearchNode, realmFiles } from "../../../components/elasticsearch/node";

/** The first block of PBKDF2 with HMAC-SHA-512, written out: https://www.rfc-editor.org/rfc/rfc8018#section-5.2 */
function pbkdf2(password: string, salt: Buffer, rounds: number, length: number): Buffer {
    const hmac = (text: Buffer) => createHmac("sha512", password).update(text).digest();
    let u = hmac(Buffer.concat([salt, Buffer.from([0, 0, 0, 1])]));
    const result = Buffer.from(u);
    for (let round = 1; round < rounds; round += 1) {
        u = hmac(u);
        u.forEach((byte, i) => (result[i]! ^= byte));
    }
    return result.subarray(0, length);
}

describe("elasticsearchNode", () => {
    it("writes a realm in which one user can log in with the password", () => {
        const { users, ...others } = realmFiles("pencil");
        const [, rounds, salt, hash] = /^pglog:\{PBKDF2\}(\d+)\$([^$]+)\$([^$]+)\n$/.exec(users!)!;
        assert.equal(Buffer.from(salt!, "base64").length, 32);
        assert.equal(
            pbkdf2("pencil", Buffer.from(salt!, "base64"), Number(rounds), 32).toString("base64"),
            hash,
            "the hash is of the password",
        );
        assert.equal(rounds, "10000", "what Elasticsearch's PBKDF2 means");
        assert.deepEqual(others, { users_roles: "superuser:pglog\n" });
    });

    it("writes the same realm for the same password, with its own salt", () => {
        const saltOf = (password: string) => realmFiles(password).users!.split("$")[1];
        assert.deepEqual(realmFiles("pencil"), realmFiles("pencil"));
        assert.notEqual(saltOf("pencil"), saltOf("pencils"));
    });

    it("starts Elasticsearch with security on, and without TLS inside the namespace", () => {
        const { template } = elasticsearchNode("elasticsearch:8.19.21", "claim", "realm", {
            scheduling: {},
            imagePullSecrets: [],
        });
        const [container] = (template as { spec: { containers: { command: string[] }[] } }).spec.containers;
        const settings = /<<SETTINGS\n([\s\S]*?)SETTINGS\n/.exec(container!.command[2]!)![1]!;
        const home = "/usr/share/elasticsearch";
        assert.deepEqual(settings.trimEnd().split("\n"), [
            "cluster.name: pglog",
            "discovery.type: single-node",
            "cluster.routing.allocation.disk.watermark.low: 600mb",
            "cluster.routing.allocation.disk.watermark.high: 400mb",
            "cluster.routing.allocation.disk.watermark.flood_stage: 200mb",
            "network.host: 0.0.0.0",
            `path.data: ${home}/data`,
            `path.logs: ${home}/logs`,
            "node.store.allow_mmap: false",
            "xpack.ml.enabled: false",
            "xpack.security.enabled: true",
            "xpack.security.autoconfiguration.enabled: false",
            "xpack.security.http.ssl.enabled: false",
            "xpack.security.transport.ssl.enabled: false",
        ]);
    });
});
