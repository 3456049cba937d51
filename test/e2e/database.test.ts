import assert from "node:assert/strict";
import { parameters, type Parameter } from "../../components/postgres/parameters/table";
import { Client } from "pg";
import { Namespace, exists, type Pod } from "./namespace";
import { noShipper } from "./environment";
import { Logs } from "./logs";
import { until } from "./run";
import { TestStack } from "./stack";
import { SteadyClient } from "./steadyClient";

/** A row of `pg_settings`. Its limits are text. */
type ServerParameter = Omit<Parameter, "min" | "max"> & Record<"min" | "max", string | null>;

/** One stack, from its creation to its removal. Each test continues from the previous one. */
describe("a stack on a real cluster", () => {
    const stack = new TestStack({
        protectData: false,
        postgresCpu: "100m",
        postgresMemory: "384Mi",
        storageSize: "1Gi",
        logMinDuration: 0,
        services: ["ClusterIP", "Headless", "NodePort", "LoadBalancer"],
        loadBalancerSourceRanges: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
        elasticsearchMode: "in-cluster",
        elasticsearchTarget: "index",
        ...(noShipper !== undefined && { shipper: "none" }),
    });
    const cluster = new Namespace(stack.namespace);
    const logs = new Logs(cluster, `postgresql-logs-${stack.name}-*`);
    /** Skips the shipping tests if the machine has no shipper. */
    const needsShipper = (test: Mocha.Context) => {
        if (noShipper === undefined) return;
        console.log(`      skipped: ${noShipper}`);
        test.skip();
    };
    /** Lines with consecutive numbers, so that a missing or repeated one shows. */
    const logLines = (label: string, count: number) =>
        cluster.sql(`DO $$ BEGIN FOR i IN 1..${count} LOOP RAISE LOG '${label} %', i; END LOOP; END $$`);

    after(() => stack.remove());

    describe("brought up", () => {
        it("comes up with one command", async () => {
            await stack.up();
            await cluster.postgresPod();
            await cluster.startClient();
        });

        it("proved that its marker arrived exactly once", async function () {
            needsShipper(this);
            const proof = ["--selector", "app.kubernetes.io/name=delivery-proof"];
            const said = await cluster.kubectl("logs", ...proof, "--container", "await-delivery");
            assert.match(said, /^delivered: .*"total":\{"value":1,/m);
        });

        it("changes nothing when it is brought up again", async () => {
            const preview = await stack.pulumi("preview", "--expect-no-changes");
            assert.equal(preview.status, 0, preview.text);
            const uid = (await cluster.postgresPod()).metadata.uid;
            assert.match(await stack.up(), /\d+ unchanged/);
            assert.equal((await cluster.postgresPod()).metadata.uid, uid);
        });
    });

    describe("its Services", () => {
        for (const [exposure, host] of [
            ["ClusterIP", "postgres"],
            ["Headless", "postgres-headless"],
            ["NodePort", "postgres-nodeport"],
            ["LoadBalancer", "postgres-loadbalancer"],
        ] as const)
            it(`answer a client in the cluster by the DNS name of the ${exposure}`, async () => {
                const name = `${host}.${stack.namespace}.svc`;
                const uri = new URL((await stack.outputs()).connectionUri);
                uri.hostname = name;
                const said = await cluster.exec("client", "psql", "psql", "-Atc", "SELECT current_user", uri.href);
                assert.equal(said.trim(), "app");
            });

        it("gives the Pod's own address for the headless name", async () => {
            const pod = await cluster.postgresPod();
            const { status } = await cluster.get<{ status: { podIP: string } }>("pod", pod.metadata.name);
            const said = await cluster.exec("client", "psql", "getent", "hosts", "postgres-headless");
            assert.equal(said.split(/\s+/)[0], status.podIP);
        });

        for (const exposure of ["NodePort", "LoadBalancer"] as const)
            it(`answer a client outside the cluster at the ${exposure}'s address`, async () => {
                const { connectionUri, services } = await stack.outputs();
                const nodes = await cluster.get<{
                    items: { status: { addresses: { type: string; address: string }[] } }[];
                }>("nodes");
                const node = nodes.items[0]!.status.addresses.find(({ type }) => type === "InternalIP")!.address;
                const { host, port } = services[exposure]!;
                const uri = new URL(connectionUri);
                uri.hostname = host ?? node;
                uri.port = String(port);
                const client = new Client({ connectionString: uri.href });
                await client.connect();
                const { rows } = await client.query("SELECT current_database() AS database");
                await client.end();
                assert.deepEqual(rows, [{ database: "app" }]);
            });

        it("refuse the administrator", async () => {
            const uri = new URL((await stack.outputs()).connectionUri);
            uri.username = "postgres";
            await assert.rejects(
                cluster.exec("client", "psql", "psql", "-Atc", "SELECT 1", uri.href),
                /pg_hba\.conf rejects/,
            );
        });
    });

    describe("its log lines", () => {
        it("become one structured document each, also if the statement has several lines", async function () {
            needsShipper(this);
            const statement = "SELECT 'one',\n  -- two\n  three FROM nowhere_at_all";
            await assert.rejects(cluster.sql(statement));
            const document = await logs.find("nowhere_at_all does not exist");
            const { event, postgresql, kubernetes, user, log, client } = document;
            assert.match(document["@timestamp"], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
            assert.deepEqual(
                { level: log.level, code: event.code, type: event.type, user, client, namespace: kubernetes.namespace },
                {
                    level: "ERROR",
                    code: "42P01",
                    type: "error",
                    user: { name: "postgres" },
                    client: { address: "[local]" },
                    namespace: stack.namespace,
                },
            );
            assert.equal(postgresql?.log.query, statement);
            assert.equal(postgresql.log.database, "app");
            assert.equal(event.id.split(":").length, 3);
            assert.equal(await logs.count("nowhere_at_all does not exist"), 1);
        });

        it("contain no password of a statement", async function () {
            needsShipper(this);
            const secret = "Zw9kLoud4Cloud";
            const psql = ["env", "PGOPTIONS=-c log_statement=ddl", "psql", "--username=postgres", "--dbname=app", "-c"];
            const create = `CREATE ROLE masked ENCRYPTED PASSWORD '${secret}'; DROP ROLE masked`;
            await cluster.exec("deployment/postgres", "postgres", ...psql, create);
            await assert.rejects(cluster.sql(`ALTER ROLE unmasked PASSWORD '${secret}'`));
            await assert.rejects(cluster.sql(`ALTER ROLE unmasked PASSWORD ${secret}`));
            await logs.find("syntax error at or near ***");
            const roles = { query: "masked unmasked", fields: ["message", "postgresql.log.query"] };
            const { documents } = await logs.search({ multi_match: roles });
            assert.ok(documents.some(({ message }) => message.includes("CREATE ROLE masked ENCRYPTED PASSWORD ***")));
            assert.equal(documents.filter(({ log }) => log.level === "ERROR").length, 2);
            assert.equal(JSON.stringify(documents).includes(secret), false);
        });

        it("contain a statement's duration as a number of nanoseconds", async function () {
            needsShipper(this);
            await cluster.sql("SELECT pg_sleep(0.3)");
            const found = await until(
                "the statement's line",
                () =>
                    logs.search({
                        bool: {
                            must: [
                                { match_phrase: { "postgresql.log.query": "pg_sleep(0.3)" } },
                                { exists: { field: "event.duration" } },
                            ],
                        },
                    }),
                ({ total }) => total === 1,
            );
            const duration = found.documents[0]!.event.duration!;
            assert.ok(duration > 300e6 && duration < 10e9, `${duration} ns`);
        });
    });

    describe("when its Pod is deleted", () => {
        it("comes back under the same names with its data, and no line is lost or duplicated", async function () {
            await cluster.sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
            const before = await cluster.postgresPod();
            const volume = await cluster.uid("pvc", "postgres-data");
            if (noShipper === undefined) await logLines("before deletion", 500);
            await cluster.kubectl("delete", "pod", before.metadata.name, "--wait");
            const after = await cluster.postgresPod();
            assert.notEqual(after.metadata.uid, before.metadata.uid);
            assert.equal(await cluster.sql("SELECT sum(n) FROM kept"), "500500");
            assert.equal(await cluster.uid("pvc", "postgres-data"), volume);
            const { connectionUri } = await stack.outputs();
            await until(
                "the Service finds the new Pod",
                () => cluster.exec("client", "psql", "psql", "-Atc", "SELECT 1", connectionUri),
                (said) => said.trim() === "1",
            );
            if (noShipper !== undefined) return;
            await logLines("after deletion", 500);
            await until(
                "all lines after it",
                () => logs.count("after deletion"),
                (count) => count >= 500,
            );
            assert.equal(await logs.count("after deletion"), 500);
            assert.equal(await logs.count("before deletion"), 500);
            const shutdown = await logs.search({
                bool: {
                    must: [
                        { match_phrase: { message: "database system is shut down" } },
                        { term: { "kubernetes.pod.name": before.metadata.name } },
                    ],
                },
            });
            assert.equal(shutdown.total, 1, "the old Pod's last line");
        });
    });

    describe("when the owner of its database has closed it", () => {
        /** Runs a statement as the application's role, or as the administrator. */
        const asOwner = async (database: string, statement: string) => {
            const uri = new URL((await stack.outputs()).connectionUri);
            uri.pathname = database;
            return cluster.exec("client", "psql", "psql", "-qAtc", statement, uri.href);
        };
        const asAdministrator = (database: string, ...statements: string[]) =>
            cluster.exec(
                "deployment/postgres",
                "postgres",
                ...[
                    "env",
                    "PGOPTIONS=-c default_transaction_read_only=off -c role=none",
                    "psql",
                    "--username=postgres",
                    "-qAt",
                ],
                ...[`--dbname=${database}`, ...statements.flatMap((statement) => ["-c", statement])],
            );
        const restart = async () => {
            await cluster.kubectl("delete", "pod", (await cluster.postgresPod()).metadata.name, "--wait");
            return cluster.postgresPod();
        };

        it("starts again, with everything as the owner left it, and proves delivery", async () => {
            await asOwner("app", "ALTER DATABASE app SET default_transaction_read_only = on");
            await asOwner("postgres", "ALTER DATABASE app SET local_preload_libraries = 'missing'");
            await asOwner("postgres", "GRANT CONNECT ON DATABASE app TO PUBLIC");
            await asOwner("postgres", "ALTER DATABASE app ALLOW_CONNECTIONS false");
            await asAdministrator(
                "postgres",
                "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
                "CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse()",
                "ALTER ROLE ALL SET default_transaction_read_only = on",
                "ALTER ROLE postgres SET role = app",
            );
            await restart();
            stack.set({ logMinDuration: 1 });
            await stack.up();
            await cluster.postgresPod();
            const seen = await asAdministrator(
                "template1",
                "SELECT datallowconn, has_database_privilege('public', 'app', 'CONNECT') FROM pg_database WHERE datname = 'app'",
            );
            assert.equal(seen.trim(), "f|t");
            await asAdministrator(
                "postgres",
                "DROP EVENT TRIGGER refuse",
                "DROP FUNCTION refuse",
                "ALTER ROLE ALL RESET ALL",
                "ALTER ROLE postgres RESET ALL",
                "ALTER DATABASE app RESET ALL",
                "ALTER DATABASE app ALLOW_CONNECTIONS true",
                "REVOKE CONNECT ON DATABASE app FROM PUBLIC",
            );
            assert.equal((await asOwner("app", "SELECT 1")).trim(), "1");
        });

        it("starts again without the administrator's database, and says in its log what is missing", async () => {
            await asAdministrator("template1", "ALTER DATABASE postgres ALLOW_CONNECTIONS false");
            const pod = await restart();
            const said = /pglog could not create the function of the delivery proof/;
            assert.match(await cluster.kubectl("logs", pod.metadata.name, "--container", "initialise"), said);
            if (noShipper === undefined) await logs.find("pglog could not create the function");
            await asAdministrator("template1", "ALTER DATABASE postgres ALLOW_CONNECTIONS true");
            await restart();
        });
    });

    describe("while Elasticsearch is away", () => {
        it("keeps answering, and later delivers every line once, even if its Pod was replaced", async function () {
            needsShipper(this);
            await cluster.kubectl("scale", "deployment/elasticsearch", "--replicas=0");
            await cluster.kubectl(
                "wait",
                "pod",
                "--for=delete",
                "--selector=app.kubernetes.io/name=elasticsearch",
                "--timeout=120s",
            );
            await logLines("in the outage", 2000);
            const { connectionUri } = await stack.outputs();
            const metrics = () =>
                cluster.exec("client", "curl", "curl", "-s", "http://fluent-bit:2020/api/v2/metrics/prometheus");
            await until("Fluent Bit has tried in vain", metrics, (text) =>
                /fluentbit_output_retries_total\{[^}]*"elasticsearch"[^}]*\} [1-9]/.test(text),
            );
            assert.equal((await cluster.exec("client", "psql", "psql", "-Atc", "SELECT 1", connectionUri)).trim(), "1");
            const pod = await cluster.postgresPod();
            await cluster.kubectl("delete", "pod", pod.metadata.name, "--wait");
            await cluster.postgresPod();
            await logLines("after the restart", 100);
            await cluster.kubectl("scale", "deployment/elasticsearch", "--replicas=1");
            await cluster.kubectl("rollout", "status", "deployment/elasticsearch", "--timeout=180s");
            await until(
                "the lines of the old Pod",
                () => logs.count("in the outage"),
                (count) => count >= 2000,
            );
            await until(
                "the lines of the new Pod",
                () => logs.count("after the restart"),
                (count) => count >= 100,
            );
            assert.equal(await logs.count("in the outage"), 2000);
            assert.equal(await logs.count("after the restart"), 100);
        });
    });

    describe("when its configuration changes", () => {
        it("applies it to the Pod, keeps the volume and its data, and proves delivery again", async () => {
            const volume = await cluster.uid("pvc", "postgres-data");
            const proof = noShipper === undefined && (await cluster.proof());
            stack.set({ postgresSettings: { max_wal_senders: 5, random_page_cost: 1.5 } });
            await stack.up();
            await cluster.postgresPod();
            assert.equal(await cluster.sql("SHOW max_wal_senders"), "5");
            assert.equal(await cluster.sql("SHOW random_page_cost"), "1.5");
            assert.equal(await cluster.sql("SELECT sum(n) FROM kept"), "500500");
            assert.equal(await cluster.uid("pvc", "postgres-data"), volume);
            if (proof) assert.notDeepEqual(await cluster.proof(), proof);
        });

        it("has PostgreSQL keep what it has where it refuses a setting, and reload what needs no restart", async () => {
            const { uid } = (await cluster.postgresPod()).metadata;
            const client = await SteadyClient.start(await SteadyClient.address(stack, cluster));
            try {
                stack.set({ postgresSettings: { max_wal_senders: 5, random_page_cost: 2, datestyle: "nonsense" } });
                const { status, text } = await stack.pulumi("up", "--yes", "--skip-preview");
                assert.notEqual(status, 0, text);
                const reason = /goes on with the one before it: invalid value for parameter "DateStyle": "nonsense"/;
                assert.match(text, reason);
                assert.equal(await client.shows("random_page_cost"), "1.5");
                stack.set({ logMinDuration: 0, postgresSettings: { max_wal_senders: 5, random_page_cost: 2 } });
                await stack.up();
                assert.equal(await client.shows("random_page_cost"), "2");
                assert.equal((await cluster.postgresPod()).metadata.uid, uid);
            } finally {
                await client.stop();
            }
            assert.ok(client.queries > 0);
            assert.deepEqual(client.errors, []);
        });

        it("replaces the password on request, in the database too", async () => {
            const old = new URL((await stack.outputs()).connectionUri);
            stack.set({ passwordVersion: 2 });
            await stack.up();
            const { connectionUri } = await stack.outputs();
            assert.notEqual(new URL(connectionUri).password, old.password);
            await cluster.postgresPod();
            assert.equal((await cluster.exec("client", "psql", "psql", "-Atc", "SELECT 1", connectionUri)).trim(), "1");
            await assert.rejects(
                cluster.exec("client", "psql", "psql", "-Atc", "SELECT 1", old.href),
                /password authentication failed/,
            );
        });

        it("refuses invalid settings before it touches anything, all at once", async () => {
            const good = { ...stack.config };
            stack.set({ postgresMemory: "lots", elasticsearchPot: 9200 });
            const { status, text } = await stack.pulumi("up", "--yes", "--skip-preview");
            assert.notEqual(status, 0);
            assert.match(text, /pglog:postgresMemory is "lots"; it must be a Kubernetes quantity of at least 256Mi/);
            assert.match(
                text,
                /pglog:elasticsearchPot is not a key of this program; the nearest key is elasticsearchPort/,
            );
            stack.config = good;
            stack.set({});
        });

        it("has checked its parameters against this server's own list", async () => {
            const rows = await cluster.sql(
                "SELECT json_agg(json_build_object('name', name, 'type', vartype, 'context', context, 'unit', unit, 'min', min_val, 'max', max_val)) FROM pg_settings WHERE context <> 'internal' AND name !~ '[.]' AND name NOT IN ('transaction_deferrable', 'transaction_isolation', 'transaction_read_only')",
            );
            const ofServer = (JSON.parse(rows) as ServerParameter[]).map(({ name, type, context, unit, min, max }) =>
                [
                    name,
                    type,
                    context,
                    unit ?? "",
                    min === null ? "" : Number(min),
                    max === null ? "" : Number(max),
                ].join(" "),
            );
            const ofTable = [...parameters(17).values()].map(({ name, type, context, unit = "", min = "", max = "" }) =>
                [name, type, context, unit, min, max].join(" "),
            );
            // The largest stack depends on the machine's limits for processes.
            const known = (list: string[]) => list.filter((line) => !line.startsWith("max_stack_depth ")).sort();
            assert.deepEqual(known(ofServer), known(ofTable));
        });

        it("keeps a protected volume in the preview: no replacement, no destroy", async () => {
            stack.set({ protectData: true });
            await stack.up();
            const volume = await cluster.uid("pvc", "postgres-data");
            stack.set({ storageAccessMode: "ReadWriteOncePod" });
            const replacement = await stack.pulumi("preview");
            assert.notEqual(replacement.status, 0);
            assert.match(
                replacement.text,
                /unable to replace resource "\S+::postgres-data"\s+as it is currently marked for protection/,
            );
            stack.set({ storageAccessMode: undefined });
            const destruction = await stack.pulumi("destroy", "--yes");
            assert.notEqual(destruction.status, 0);
            assert.equal(await cluster.uid("pvc", "postgres-data"), volume);
            assert.equal(await cluster.sql("SELECT sum(n) FROM kept"), "500500");
            stack.set({ protectData: false });
            await stack.up();
        });
    });

    describe("its volumes", () => {
        it("are refused to a second PostgreSQL", async () => {
            const deployment = await cluster.get<{ spec: { template: { spec: Record<string, never> } } }>(
                "deployment",
                "postgres",
            );
            const spec = deployment.spec.template.spec as unknown as {
                initContainers: { name: string }[];
                containers: object[];
                volumes: object[];
                securityContext: object;
            };
            const initialise = spec.initContainers.find(({ name }) => name === "initialise")!;
            const { phase, log } = await cluster.runPod("intruder", {
                restartPolicy: "Never",
                securityContext: spec.securityContext,
                containers: [initialise],
                volumes: spec.volumes,
            });
            assert.equal(phase, "Failed");
            assert.match(log, /another Pod still uses the volume/);
            assert.equal(await cluster.sql("SELECT sum(n) FROM kept"), "500500");
        });

        it("may be full of log files without stopping a query or a restart", async () => {
            // A volume in memory, since a claim has no size limit here.
            const logs = (source: object) => {
                const volumes = [{ name: "postgres-logs", ...source }];
                const patch = JSON.stringify({ spec: { template: { spec: { volumes } } } });
                return cluster.kubectl("patch", "deployment", "postgres", "--patch", patch);
            };
            await logs({ persistentVolumeClaim: null, emptyDir: { medium: "Memory", sizeLimit: "32Mi" } });
            await cluster.kubectl("rollout", "status", "deployment/postgres", "--timeout=180s");
            await cluster.postgresPod();
            const fill =
                "dd if=/dev/zero of=/var/log/postgresql/fill bs=1M count=64; df --output=pcent /var/log/postgresql";
            const said = await cluster.exec("deployment/postgres", "postgres", "bash", "-c", `${fill} 2>&1`);
            assert.match(said, /100%/);
            await cluster.sql("INSERT INTO kept SELECT generate_series(1001, 2000)");
            await assert.rejects(cluster.sql("SELECT 1/0"), /division by zero/);
            const pod = await cluster.postgresPod();
            await cluster.exec(
                pod.metadata.name,
                "postgres",
                "bash",
                "-c",
                "kill -QUIT $(head -n 1 $PGDATA/postmaster.pid)",
            );
            await until(
                "PostgreSQL is back after a crash on a full log volume",
                () => cluster.get<Pod>("pod", pod.metadata.name),
                ({ status }) =>
                    status.containerStatuses?.some(
                        ({ name, restartCount }) => name === "postgres" && restartCount > 0,
                    ) === true,
            );
            await cluster.postgresPod();
            assert.equal(await cluster.sql("SELECT count(*) FROM kept"), "2000");
            await logs({ emptyDir: null, persistentVolumeClaim: { claimName: "postgres-log-queue" } });
            await cluster.kubectl("rollout", "status", "deployment/postgres", "--timeout=180s");
        });
    });

    describe("its first boot", () => {
        it("recovers when it is killed at any moment", async () => {
            const kills = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.5, 2, 2.5, 3];
            const loop = `
                for after in ${kills.join(" ")}; do
                    rm -rf $DATA_VOLUME/* $DATA_VOLUME/.lock
                    setsid bash /scripts/initialise.sh >/tmp/first 2>&1 &
                    sleep $after
                    kill -KILL -- -$! 2>/dev/null
                    wait $! 2>/dev/null
                    while pgrep -u 999 postgres >/dev/null; do pkill -KILL -u 999 postgres; sleep 0.05; done
                    if ! bash /scripts/initialise.sh >/tmp/second 2>&1; then echo "killed after $after s: broken"; cat /tmp/second; exit 1; fi
                    pg_ctl start -s -w -o "-c config_file=$DATA_VOLUME/config/postgresql.conf -c listen_addresses= -c unix_socket_directories=/tmp -c logging_collector=off"  >/tmp/log 2>&1
                    seen=$(psql -h /tmp -U postgres -d app -Atc "SELECT count(*) FROM pg_roles WHERE rolname = 'app'")
                    pg_ctl stop -s -m fast
                    [ "$seen" = 1 ] || { echo "killed after $after s: no role"; cat /tmp/second; exit 1; }
                    echo healed
                done`;
            const deployment = await cluster.get<{
                spec: {
                    template: {
                        spec: {
                            initContainers: { name: string; volumeMounts: { name: string; mountPath: string }[] }[];
                            volumes: { name: string }[];
                            securityContext: object;
                        };
                    };
                };
            }>("deployment", "postgres");
            const { initContainers, volumes, securityContext } = deployment.spec.template.spec;
            const initialise = initContainers.find(({ name }) => name === "initialise")!;
            const { phase, log } = await cluster.runPod("first-boots", {
                restartPolicy: "Never",
                securityContext,
                containers: [{ ...initialise, command: ["bash", "-c", loop] }],
                volumes: volumes.map((volume) => (volume.name === "data" ? { name: "data", emptyDir: {} } : volume)),
            });
            assert.equal(phase, "Succeeded", log);
            assert.equal(log.match(/^healed$/gm)?.length, kills.length);
        });
    });

    describe("destroyed", () => {
        it("is removed without a trace", async () => {
            await cluster.kubectl("delete", "pod", "client", "--wait");
            await stack.remove();
            assert.equal(await exists("namespace", stack.namespace), false);
            await until(
                "no volume is left",
                async () =>
                    (await cluster.get<{ items: { spec: { claimRef?: { namespace: string } } }[] }>("pv")).items,
                (items) => !items.some(({ spec }) => spec.claimRef?.namespace === stack.namespace),
            );
        });
    });
});
