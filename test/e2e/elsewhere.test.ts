import assert from "node:assert/strict";
import { Namespace, exists, type Pod } from "./namespace";
import { noShipper } from "./environment";
import { Logs } from "./logs";
import { output, run } from "./run";
import { TestStack } from "./stack";
import { ownAddressTowards, TlsProxy } from "./tlsProxy";

/** A stack that ships to a second stack's Elasticsearch: first by name, then through TLS by address. */
describe("a stack with an Elasticsearch elsewhere", () => {
    const small = { protectData: false, postgresCpu: "50m", postgresMemory: "256Mi", storageSize: "1Gi" };
    const host = new TestStack({ ...small, elasticsearchMode: "in-cluster", elasticsearchTarget: "index" });
    const stack = new TestStack({ ...small, deliveryTimeout: 20 });
    const cluster = new Namespace(stack.namespace);
    const hostCluster = new Namespace(host.namespace);
    const proxy = new TlsProxy();
    let password = "";

    /** The reason why an `up` failed: Pulumi's output, and the last output of the stack's Jobs. */
    const failure = async () => {
        const { status, text } = await stack.pulumi("up", "--yes", "--skip-preview");
        assert.notEqual(status, 0, text);
        const pods = (await exists("namespace", stack.namespace))
            ? await cluster.get<{ items: Pod[] }>("pods", "--selector", "job-name")
            : { items: [] };
        const last = pods.items.flatMap(({ status }) => status.containerStatuses ?? []);
        return [text, ...last.map(({ state }) => state.terminated?.message ?? "")].join("\n");
    };

    before(async function () {
        if (noShipper !== undefined) {
            console.log(`    skipped: ${noShipper}`);
            this.skip();
        }
        await host.up();
        await hostCluster.startClient();
        const secrets = await hostCluster.get<{
            items: { metadata: { name: string }; data: Record<string, string> }[];
        }>("secrets");
        const secret = secrets.items.find(({ metadata }) => metadata.name.startsWith("elasticsearch-credentials"))!;
        password = Buffer.from(secret.data.password!, "base64").toString();
        await proxy.start(host.namespace, `pglog:${password}`);
    });

    after(async () => {
        await proxy.stop();
        await stack.remove();
        await host.remove();
    });

    it("does not come up with a host that does not exist, and says so", async () => {
        stack.set({
            elasticsearchHost: "no-such-host.invalid",
            elasticsearchScheme: "http",
            elasticsearchUser: "pglog",
            elasticsearchPassword: await stack.encrypted("wrong"),
        });
        const said = await failure();
        assert.match(said, /http:\/\/no-such-host\.invalid:9200 did not answer in 20s/);
        assert.match(said, /Could not resolve host/);
    });

    it("does not come up with a wrong password, and says so", async () => {
        stack.set({ elasticsearchHost: `elasticsearch.${host.namespace}.svc.cluster.local` });
        assert.match(await failure(), /does not accept the credentials \(HTTP 401\)/);
    });

    it("ships to a data stream of an Elasticsearch that it knows by name", async () => {
        stack.set({ elasticsearchPassword: await stack.encrypted(password), elasticsearchRetentionDays: 0 });
        await stack.up();
        const { spec } = await cluster.get<{ spec: { type: string; externalName: string } }>(
            "service",
            "elasticsearch",
        );
        assert.deepEqual(
            [spec.type, spec.externalName],
            ["ExternalName", `elasticsearch.${host.namespace}.svc.cluster.local`],
        );
        const logs = new Logs(hostCluster, `logs-postgresql.log-${stack.name.replace("-", "_")}`);
        await cluster.postgresPod();
        await cluster.sql("DO $$ BEGIN RAISE LOG 'to the data stream'; END $$");
        const document = await logs.find("to the data stream");
        assert.equal(document.kubernetes.namespace, stack.namespace);
    });

    it("fails at the hop where Elasticsearch refuses the lines, with its reason", async () => {
        const logs = new Logs(hostCluster, "unused");
        await logs.request("PUT", "/logs-postgresql.log-*/_settings", { "index.blocks.write": true });
        stack.set({ logMinDuration: 1000 });
        const said = await failure();
        assert.match(
            said,
            /hop 3, Elasticsearch refuses documents for logs-postgresql\.log-\S+ \(HTTP 200\): .*blocked by: \[FORBIDDEN\/8\/index write/,
        );
        await logs.request("PUT", "/logs-postgresql.log-*/_settings", { "index.blocks.write": false });
        await stack.up();
    });

    it("switches to an Elasticsearch behind TLS, by address and with an API key", async function () {
        if ((await run("openssl", ["version"])).status !== 0) {
            console.log("      skipped: no openssl on this machine");
            this.skip();
        }
        const nodes = await cluster.get<{ items: { status: { addresses: { type: string; address: string }[] } }[] }>(
            "nodes",
        );
        const node = nodes.items[0]!.status.addresses.find(({ type }) => type === "InternalIP")!.address;
        stack.set({
            elasticsearchHost: await ownAddressTowards(node),
            elasticsearchPort: proxy.port,
            elasticsearchScheme: "https",
            elasticsearchServerName: "another.example.test",
            elasticsearchCa: proxy.ca,
            elasticsearchAuth: "apiKey",
            elasticsearchUser: undefined,
            elasticsearchPassword: undefined,
            elasticsearchApiKey: await stack.encrypted(proxy.apiKey),
            elasticsearchTarget: "index",
        });
        assert.match(await failure(), /no alternative certificate subject name matches target host name/);
        stack.set({ elasticsearchServerName: proxy.serverName });
        await stack.up();
        await cluster.postgresPod();
        await cluster.sql("DO $$ BEGIN RAISE LOG 'through TLS'; END $$");
        await new Logs(hostCluster, `postgresql-logs-${stack.name}-*`).find("through TLS");
        // From this machine: to the address, with the certificate's name and the API key of the stack's Secret.
        const shown = await output("tsx", ["logs/main.ts", "--stack", stack.name, "--grep", "through TLS"], {
            env: stack.env,
        });
        assert.match(shown, /LOG +postgres@app +through TLS\n/);
        assert.deepEqual(proxy.refused, []);
    });

    it("has only the address of its Elasticsearch behind the Service, after each move", async () => {
        const addresses = async () => {
            const slices = await cluster.get<{ items: { endpoints?: { addresses: string[] }[] }[] }>(
                "endpointslices",
                "--selector",
                "kubernetes.io/service-name=elasticsearch",
            );
            return slices.items.flatMap(({ endpoints }) => endpoints ?? []).flatMap(({ addresses }) => addresses);
        };
        /** Addresses of the Pods of a stack's own Elasticsearch. */
        const nodes = async (namespace: Namespace) => {
            const selector = "app.kubernetes.io/name=elasticsearch";
            const { items } = await namespace.get<{ items: { status: { podIP: string } }[] }>(
                "pods",
                "--selector",
                selector,
            );
            return items.map(({ status }) => status.podIP);
        };
        const { config } = stack;
        const onlyExternal = Object.keys(config).filter((key) => /^elasticsearch(?!Target|Retention)/.test(key));
        stack.set({
            ...Object.fromEntries(onlyExternal.map((key) => [key, undefined])),
            elasticsearchMode: "in-cluster",
            elasticsearchTarget: "index",
        });
        await stack.up();
        const [own] = await nodes(cluster);
        assert.deepEqual(await addresses(), [own]);
        const [other] = await nodes(hostCluster); // a Service's address cannot be behind a second Service
        stack.set({
            elasticsearchMode: undefined,
            elasticsearchHost: other!,
            elasticsearchScheme: "http",
            elasticsearchUser: "pglog",
            elasticsearchPassword: await stack.encrypted(password),
        });
        await stack.up();
        assert.deepEqual(await addresses(), [other]);
    });
});

describe("a stack that ships no logs", () => {
    const stack = new TestStack({
        protectData: false,
        postgresCpu: "50m",
        postgresMemory: "256Mi",
        storageSize: "1Gi",
        shipper: "none",
    });
    const cluster = new Namespace(stack.namespace);
    after(() => stack.remove());

    it("is only a database whose log stays within its volume: no shipper, no proof, no Elasticsearch", async () => {
        await stack.up();
        const pod = await cluster.postgresPod();
        const { spec } = pod;
        assert.deepEqual(
            [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name),
            ["log-keeper", "initialise", "postgres"],
        );
        const config = await cluster.get<{ data: Record<string, string> }>("configmap", "postgresql-log-config");
        assert.deepEqual(Object.keys(config.data), ["logging.conf"]);
        const jobs = await cluster.get<{ items: { metadata: { labels: Record<string, string> } }[] }>("jobs");
        assert.deepEqual(
            jobs.items.map(({ metadata }) => metadata.labels["app.kubernetes.io/name"]),
            ["settings-check"],
        );
        assert.equal(await cluster.sql("SELECT 1"), "1");
    });
});
