import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queryOf } from "../../logs/query";
import { newest } from "../../logs/search";
import { open } from "../../logs/source/stack";
import { FakeElasticsearch } from "../support/fakeElasticsearch";

describe("the Elasticsearch of a stack", () => {
    let fake: FakeElasticsearch;
    let directory = "";
    const outputs = (more: object = {}) => ({
        namespace: "pglog-test",
        connectionUri: "[secret]",
        logs: {
            ...{ elasticsearch: `http://es.example.test:${fake.url.port}`, search: "logs", inCluster: false },
            ...{ connectTo: "127.0.0.1", credentials: "creds", ca: null },
            ...more,
        },
    });
    /** A kubectl that has one Secret of one namespace, and forwards to the fake. */
    const env = (data: Record<string, string>) => {
        const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
        const secret = JSON.stringify({ data: Object.fromEntries(encoded) as object });
        const kubectl = join(directory, "kubectl");
        writeFileSync(
            kubectl,
            `#!/bin/sh
case "$*" in
"--namespace pglog-test get secret creds --output json") echo '${secret}' ;;
"--context there --namespace pglog-test port-forward service/elasticsearch :9200")
    echo "Forwarding from 127.0.0.1:${fake.url.port} -> 9200"
    exec sleep 600 ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`,
        );
        chmodSync(kubectl, 0o755);
        return { ...process.env, PATH: `${directory}:${process.env.PATH}` };
    };
    beforeEach(async () => {
        fake = new FakeElasticsearch();
        await fake.start();
        fake.add("a", "2026-01-31T12:00:00.000Z");
        directory = mkdtempSync(join(tmpdir(), "pglog-kubectl-"));
    });
    afterEach(() => {
        fake.stop();
        rmSync(directory, { recursive: true });
    });
    const ids = async (...args: Parameters<typeof open>) => {
        const elasticsearch = await open(...args);
        try {
            return (await newest(elasticsearch, queryOf({}), 5)).map(({ _id }) => _id);
        } finally {
            elasticsearch.close();
        }
    };

    it("outside the cluster is reached at its address, with the user of the stack's Secret", async () => {
        const cluster = { env: env({ username: "pglog", password: "s3cret" }) };
        assert.deepEqual(await ids("test", outputs(), cluster), ["a"]);
        assert.deepEqual(fake.authorizations, [`Basic ${Buffer.from("pglog:s3cret").toString("base64")}`]);
    });

    it("gets an API key if the Secret has one", async () => {
        await ids("test", outputs(), { env: env({ apiKey: "a2V5" }) });
        assert.deepEqual(fake.authorizations, ["ApiKey a2V5"]);
    });

    it("in the cluster is reached through a forwarded port, in the stack's context", async () => {
        const own = { inCluster: true, elasticsearch: "http://elasticsearch:9200", connectTo: null, credentials: null };
        assert.deepEqual(await ids("test", outputs(own), { context: "there", env: env({}) }), ["a"]);
        assert.deepEqual(fake.authorizations, [undefined]);
    });

    it("reports kubectl's message if forwarding fails", async () => {
        const own = { inCluster: true, elasticsearch: "http://elasticsearch:9200", credentials: null };
        await assert.rejects(
            ids("test", outputs(own), { env: env({}) }),
            /does not answer: kubectl port-forward: unexpected: /,
        );
    });

    it("is not guessed if the stack has no output for it", async () => {
        const message =
            "the outputs of stack test do not say how its Elasticsearch is reached: it is not deployed, or by an earlier version of this program. Run: pulumi up --stack test";
        for (const given of [{}, { namespace: "n", logs: { elasticsearch: "http://x:9200", search: "y" } }])
            await assert.rejects(open("test", given, { env: {} }), { message });
    });

    it("does not exist if the stack ships no lines", async () => {
        await assert.rejects(
            open("test", { namespace: "n", logs: null }, { env: {} }),
            /^Error: stack test ships no log lines/,
        );
    });
});
