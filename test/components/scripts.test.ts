import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { renderSetup } from "../../components/elasticsearchSetup";
import { programPath, Sandbox, serve, syntax, type Answer, type Request } from "../support/sandbox";

type Server = Awaited<ReturnType<typeof serve>>;

/** An address at which nobody answers: the port is one that was free a moment ago. */
async function nobody(): Promise<string> {
    const server = await serve(() => [200, ""]);
    await server.close();
    return server.url;
}

describe("scripts", () => {
    const names = readdirSync("components/scripts");
    const undo: (() => unknown)[] = [];
    const sandbox = (files: Record<string, string> = {}) => {
        const made = new Sandbox(files);
        undo.push(() => {
            made.remove();
        });
        return made;
    };
    const answering = async (answer: (request: Request, count: number) => Answer): Promise<Server> => {
        const server = await serve(answer);
        undo.push(server.close);
        return server;
    };
    afterEach(async () => {
        for (const one of undo.splice(0)) await one();
    });

    for (const name of names.filter((one) => one.endsWith(".sh"))) {
        const shell = /^#!\/bin\/(\w+)/.exec(readFileSync(`components/scripts/${name}`, "utf8"))?.[1] ?? "sh";
        it(`${name} is one that ${shell} and bash can read`, () => {
            assert.equal(syntax("bash", name), "");
            assert.equal(syntax(shell, name), "");
        });
    }

    describe("that speak to Elasticsearch", () => {
        before(function () {
            if (programPath("curl") === undefined) {
                console.log("      (left out: there is no curl on this machine)");
                this.skip();
            }
        });

        /** Files of a set-up for daily indices that are deleted after 7 days: two requests. */
        const daily = Object.fromEntries(
            Object.entries(renderSetup({ target: "index", index: "logs", retentionDays: 7 })).map(([name, content]) => [
                `scripts/${name}`,
                content,
            ]),
        );
        const stream = Object.fromEntries(
            Object.entries(renderSetup({ target: "data-stream", index: "logs", retentionDays: 7 })).map(
                ([name, content]) => [`scripts/${name}`, content],
            ),
        );
        const setUp = (where: Sandbox, url: string, environment: Record<string, string> = {}) =>
            where.run("sh", "setup.sh", { ELASTICSEARCH_URL: url, TIMEOUT: "3", ...environment });

        it("setup.sh sends each request with its body, in order", async () => {
            const server = await answering(() => [200, { acknowledged: true }]);
            const outcome = await setUp(sandbox(daily), server.url);
            assert.deepEqual(outcome, {
                status: 0,
                stdout: "PUT /_ilm/policy/logs: 200\nPUT /_index_template/logs: 200\n",
                stderr: "",
                terminationLog: "",
            });
            const open = { authorization: undefined };
            assert.deepEqual(server.requests, [
                { ...open, method: "GET", path: "/", body: "" },
                { ...open, method: "PUT", path: "/_ilm/policy/logs", body: daily["scripts/policy.json"] },
                { ...open, method: "PUT", path: "/_index_template/logs", body: daily["scripts/template.json"] },
            ]);
        });

        it("setup.sh waits for an Elasticsearch that is not ready yet", async () => {
            const server = await answering((_, count) => (count === 1 ? [503, "starting"] : [200, "{}"]));
            const { status, stdout } = await setUp(sandbox(daily), server.url, { TIMEOUT: "20" });
            assert.equal(status, 0);
            assert.equal(stdout.split("\n")[0], `waiting for ${server.url}: starting`);
        });

        for (const [what, body] of [
            ["and says what it answers", "<html>unauthorized \\n</html>"],
            ["also without an answer", ""],
        ])
            it(`setup.sh ends at once over credentials that are not accepted, ${what}`, async () => {
                const server = await answering(() => [401, body!]);
                const outcome = await setUp(sandbox(daily), server.url, { TIMEOUT: "600" });
                const message = `Elasticsearch at ${server.url} does not accept the credentials (HTTP 401): ${body}\n`;
                assert.deepEqual(outcome, { status: 1, stdout: "", stderr: message, terminationLog: message });
            });

        it("setup.sh gives up on an Elasticsearch that does not answer, and says why", async () => {
            const url = await nobody();
            const { status, terminationLog } = await setUp(sandbox(daily), url);
            assert.equal(status, 1);
            assert.match(
                terminationLog,
                new RegExp(`^Elasticsearch at ${url} did not answer in 3s \\(status 000\\): curl: \\(7\\) .+\n$`),
            );
        });

        it("setup.sh makes another connection in place of one that leads nowhere, while there is time", async () => {
            const server = await answering(() => [200, "{}"]);
            const where = sandbox(daily);
            // The first connection gets no answer, for as long as it may wait for one; seconds pass with lines of clock.
            where.program(
                "curl",
                `[ ! -e $ROOT/tried ] || exec ${programPath("curl")!} "$@"
touch $ROOT/tried
timeout=$(sed -n 's/.* --connect-timeout \\([0-9]*\\) .*/\\1/p' <<<" $* ")
[ -n "$timeout" ] || timeout=$(sed -n 's/.* --max-time \\([0-9]*\\) .*/\\1/p' <<<" $* ")
yes | head -n "$timeout" >>$ROOT/clock
echo 'Connection timed out' >&2
exit 28`,
            );
            const { status, stdout } = await setUp(where, server.url, { TIMEOUT: "20" });
            assert.equal(status, 0);
            assert.equal(stdout.split("\n")[0], `waiting for ${server.url}: Connection timed out`);
        });

        it("setup.sh gives up on an Elasticsearch that stays busy", async () => {
            const server = await answering(() => [503, "no master"]);
            const { status, terminationLog } = await setUp(sandbox(daily), server.url);
            assert.equal(status, 1);
            assert.equal(
                terminationLog,
                `Elasticsearch at ${server.url} did not answer in 3s (status 503): no master\n`,
            );
            assert.equal(server.requests.length, 3);
        });

        it("setup.sh says what to do where there is no lifecycle management", async () => {
            const refusal = '{"error":"no handler found for uri [/_ilm/policy/logs] and method [PUT]"}';
            const server = await answering(({ path }) => (path === "/" ? [200, "{}"] : [400, refusal]));
            const { status, terminationLog } = await setUp(sandbox(daily), server.url);
            assert.equal(status, 1);
            assert.equal(
                terminationLog,
                `this Elasticsearch does not know PUT /_ilm/policy/logs, which sets for how long lines are kept. Run: pulumi config set elasticsearchRetentionDays 0. It says: ${refusal}\n`,
            );
        });

        it("setup.sh goes on over a refusal that means there is nothing to do", async () => {
            const server = await answering(({ path }) =>
                path.startsWith("/_data_stream/") ? [404, '{"type":"index_not_found_exception"}'] : [200, "{}"],
            );
            assert.deepEqual(await setUp(sandbox(stream), server.url), {
                status: 0,
                stdout: "PUT /_index_template/logs: 200\nPUT /_data_stream/logs/_lifecycle: nothing to do (404)\n",
                stderr: "",
                terminationLog: "",
            });
        });

        for (const [what, body] of [
            ["any other refusal", '{"type":"security_exception","reason":"action is \\"unauthorized\\" \\\\ here"}'],
            ["a refusal without a word", ""],
            ["a page with an empty line", "<html>\n\nForbidden</html>"],
        ])
            it(`setup.sh ends over ${what}, and sends nothing more`, async () => {
                const server = await answering(({ path }) => (path === "/" ? [200, "{}"] : [403, body!]));
                const { status, terminationLog } = await setUp(sandbox(daily), server.url);
                assert.equal(status, 1);
                assert.equal(terminationLog, `Elasticsearch refused PUT /_ilm/policy/logs (HTTP 403): ${body}\n`);
                assert.equal(server.requests.length, 2);
            });

        for (const password of ["pencil", `a"b`, "a\\b", "a\\\\nb", "a:b", "a b", "$HOME `id` 'x' %41 #", "{[]}?&"])
            it(`user and password ${JSON.stringify(password)} arrive as they are, and stand in no process list`, async () => {
                const server = await answering(() => [200, "{}"]);
                const where = sandbox({
                    ...daily,
                    "credentials/username": "log writer",
                    "credentials/password": password,
                });
                where.watch("curl");
                const { status, stderr } = await setUp(where, server.url);
                assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
                for (const { authorization } of server.requests) {
                    assert.match(authorization ?? "", /^Basic /);
                    assert.equal(
                        Buffer.from(authorization!.slice("Basic ".length), "base64").toString(),
                        `log writer:${password}`,
                    );
                }
                const seen = where.read("arguments").split("\n");
                assert.ok(seen.includes(`${server.url}/`), "the arguments were noted");
                assert.deepEqual(
                    seen.filter((argument) => argument.includes(password)),
                    [],
                );
            });

        it("an API key arrives as it is, and stands in no process list", async () => {
            const server = await answering(() => [200, "{}"]);
            const apiKey = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==";
            const where = sandbox({ ...daily, "credentials/apiKey": apiKey });
            where.watch("curl");
            const { status } = await setUp(where, server.url);
            assert.equal(status, 0);
            assert.deepEqual(
                server.requests.map(({ authorization }) => authorization),
                Array(3).fill(`ApiKey ${apiKey}`),
            );
            assert.equal(where.read("arguments").includes(apiKey), false);
        });

        it("a request goes to the Service, under the name that the certificate is for", async () => {
            const server = await answering(() => [200, "{}"]);
            const { status } = await setUp(sandbox(daily), `http://es.invalid:${server.port}`, {
                ELASTICSEARCH_CONNECT_TO: `es.invalid:${server.port}:127.0.0.1:${server.port}`,
            });
            assert.equal(status, 0);
            assert.equal(server.requests.length, 3);
        });

        describe("await-delivery.sh", () => {
            const marker = "0123456789abcdef-0b4d7c1e";
            const hits = (value: number, ...documents: object[]) => ({
                hits: { total: { value, relation: "eq" }, max_score: null, hits: documents },
            });
            const isSearch = ({ path }: Request) => path.startsWith("/logs/_search");
            const metrics = (read: string, sent = "0", retries = "0") => `# HELP fluentbit_uptime Number of seconds.
# TYPE fluentbit_input_records_total counter
fluentbit_input_records_total{name="postgresql_plain"} 7
fluentbit_input_records_total{name="postgresql_jsonlog"} ${read}
fluentbit_output_proc_records_total{name="elasticsearch"} ${sent}
fluentbit_output_retries_total{name="elasticsearch"} ${retries}
`;
            const fluentBit = (read: string, sent?: string, retries?: string) =>
                answering(() => [200, metrics(read, sent, retries)]);
            const awaitDelivery = (url: string, more: Record<string, string> = {}, proof = "logged\n") =>
                sandbox({ "proof/postgres": proof }).run("sh", "await-delivery.sh", {
                    ELASTICSEARCH_URL: url,
                    TARGET: "data-stream",
                    INDEX: "logs",
                    SEARCH: "logs",
                    MARKER: marker,
                    TIMEOUT: "3",
                    FLUENT_BIT_URL: "http://127.0.0.1:9",
                    ...more,
                });
            /** The reason that a proof which has to fail gives. */
            const reason = async (...args: Parameters<typeof awaitDelivery>) => {
                const { status, stdout, stderr, terminationLog } = await awaitDelivery(...args);
                assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: terminationLog });
                return terminationLog;
            };

            it("asks for the marker until a search returns it, once", async () => {
                const server = await answering((_, count) => [200, count < 3 ? hits(0) : hits(1, { _id: "a" })]);
                const outcome = await awaitDelivery(server.url, { TIMEOUT: "30" });
                assert.deepEqual(outcome, {
                    status: 0,
                    stdout: `delivered: ${JSON.stringify(hits(1, { _id: "a" }))}\n`,
                    stderr: "",
                    terminationLog: "",
                });
                const query = { size: 1, query: { match_phrase: { message: `pglog delivery marker ${marker}` } } };
                assert.deepEqual(
                    server.requests.map(({ body, ...request }) => ({ ...request, body: JSON.parse(body) as object })),
                    Array(3).fill({
                        method: "POST",
                        path: "/logs/_search?ignore_unavailable=true&filter_path=hits",
                        authorization: undefined,
                        body: query,
                    }),
                );
            });

            it("keeps asking while Elasticsearch does not answer, or refuses", async () => {
                const server = await answering((_, count) => (count === 1 ? [503, ""] : [200, hits(1)]));
                const { status } = await awaitDelivery(server.url, { TIMEOUT: "30" });
                assert.equal(status, 0);
            });

            it("fails over a marker that arrived twice", async () => {
                const server = await answering(() => [200, hits(2)]);
                assert.equal(
                    await reason(server.url, { TIMEOUT: "600" }),
                    "the marker arrived 2 times in logs: lines are delivered more than once\n",
                );
            });

            it("names hop 1 where PostgreSQL did not log the marker, and asks nobody", async () => {
                const server = await answering(() => [200, hits(0)]);
                const said = `postgres:5432 did not run the statement that logs it: "FATAL" \\x`;
                assert.equal(
                    await reason(server.url, {}, `${said}\n`),
                    `hop 1, PostgreSQL did not log the marker: ${said}\n`,
                );
                assert.deepEqual(server.requests, []);
            });

            it("names hop 2 where Fluent Bit does not answer", async () => {
                const server = await answering(() => [200, hits(0)]);
                const url = await nobody();
                assert.match(
                    await reason(server.url, { FLUENT_BIT_URL: url }),
                    new RegExp(
                        `^hop 2, Fluent Bit does not answer at ${url}, so it reads nothing: curl: .+\\. See: kubectl logs deployment/postgres -c fluent-bit\n$`,
                    ),
                );
            });

            for (const [what, answer] of [
                ["has read no line", metrics("0")],
                ["counts no lines", ""],
            ])
                it(`names hop 2 where Fluent Bit ${what}`, async () => {
                    const server = await answering(() => [200, hits(0)]);
                    const shipper = await answering(() => [200, answer!]);
                    assert.equal(
                        await reason(server.url, { FLUENT_BIT_URL: shipper.url }),
                        "hop 2, Fluent Bit has not read a line of PostgreSQL's log. See: kubectl logs deployment/postgres -c fluent-bit\n",
                    );
                    assert.deepEqual(
                        shipper.requests.map(({ path }) => path),
                        ["/api/v2/metrics/prometheus"],
                    );
                });

            const seen = "Fluent Bit has read 12 lines, delivered 3 and retried 4 times";

            it("names hop 3 where Elasticsearch refuses the documents, with its reason", async () => {
                const refusal = {
                    errors: true,
                    items: [
                        {
                            create: {
                                status: 403,
                                error: { reason: 'action [indices:data/write/bulk] is "unauthorized"' },
                            },
                        },
                    ],
                };
                const server = await answering((request) => [200, isSearch(request) ? hits(0) : refusal]);
                const { url } = await fluentBit("12", "3", "4");
                assert.equal(
                    await reason(server.url, { FLUENT_BIT_URL: url }),
                    `hop 3, Elasticsearch refuses documents for logs (HTTP 200): ${JSON.stringify(refusal)}. ${seen}.\n`,
                );
                const probe = server.requests.at(-1)!;
                assert.equal(`${probe.method} ${probe.path}`, "POST /_bulk");
                const [action, document] = probe.body.trimEnd().split("\n") as [string, string];
                assert.deepEqual(JSON.parse(action), { create: { _index: "logs", _id: `probe:${marker}` } });
                const { "@timestamp": time, ...rest } = JSON.parse(document) as Record<string, unknown>;
                assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
                assert.deepEqual(rest, { message: "pglog delivery probe", event: { dataset: "pglog.probe" } });
            });

            it("names hop 3 where Elasticsearch refuses the request, and asks for the index of the day", async () => {
                const server = await answering((request) => (isSearch(request) ? [200, hits(0)] : [401, "go away"]));
                const { url } = await fluentBit("12", "3", "4");
                const before = new Date().toISOString().slice(0, 10).replaceAll("-", ".");
                const said = await reason(server.url, { FLUENT_BIT_URL: url, TARGET: "index" });
                const after = new Date().toISOString().slice(0, 10).replaceAll("-", ".");
                assert.ok(
                    [before, after]
                        .map(
                            (day) =>
                                `hop 3, Elasticsearch refuses documents for logs-${day} (HTTP 401): go away. ${seen}.\n`,
                        )
                        .includes(said),
                    said,
                );
            });

            it("names hop 3 where Elasticsearch cannot be reached", async () => {
                const url = await nobody();
                const shipper = await fluentBit("12", "3", "4");
                assert.match(
                    await reason(url, { FLUENT_BIT_URL: shipper.url }),
                    new RegExp(`^hop 3, Elasticsearch at ${url} cannot be reached: curl: [^]+\\. ${seen}\\.\n$`),
                );
            });

            it("says so where Elasticsearch takes documents, but the marker is not among them", async () => {
                const server = await answering((request) => [
                    200,
                    isSearch(request) ? hits(0) : '{"took":3,"errors":false,"items":[]}',
                ]);
                const { url } = await fluentBit("1.2e+06", "3", "4");
                assert.equal(
                    await reason(server.url, { FLUENT_BIT_URL: url }),
                    `hop 3, Elasticsearch accepts documents for logs from here, but a search in logs did not return the marker in 3s. Fluent Bit has read 1.2e+06 lines, delivered 3 and retried 4 times. See: kubectl logs deployment/postgres -c fluent-bit\n`,
                );
                assert.deepEqual(
                    server.requests.map(({ path }) => path.split("?")[0]),
                    ["/logs/_search", "/logs/_search", "/_bulk"],
                );
            });
        });
    });

    describe("that run in PostgreSQL's image", () => {
        before(function () {
            if (process.platform !== "linux") {
                console.log("      (left out: they use GNU tools)");
                this.skip();
            }
        });

        /** Stands for a program of the image: notes its call, then does what the test says. */
        const stub = (where: Sandbox, name: string, body = "") => {
            where.program(name, `echo "${name} $*" >>$ROOT/calls\n${body}`);
        };
        const calls = (where: Sandbox) => where.read("calls").replaceAll(where.root, "").split("\n").slice(0, -1);

        describe("initialise.sh", () => {
            const pod = (files: Record<string, string> = {}, version = "17") => {
                const where = sandbox({ "volume/lost+found": "", "credentials/verifier": "SCRAM-SHA-256$x", ...files });
                where.program("postgres", `echo "postgres (PostgreSQL) ${version}.4 (Debian ${version}.4-1.pgdg12+1)"`);
                stub(
                    where,
                    "initdb",
                    `[[ $1 == --pgdata=* ]] && mkdir "\${1#*=}" && echo ${version} >"\${1#*=}/PG_VERSION"`,
                );
                stub(where, "pg_ctl");
                stub(where, "psql");
                return where;
            };
            const initialise = async (where: Sandbox) => {
                const { status, terminationLog } = await where.run("bash", "initialise.sh", {
                    PGDATA: `${where.root}/volume/pgdata`,
                    DATA_VOLUME: `${where.root}/volume`,
                    APP: "orders",
                });
                return { status, said: terminationLog.replaceAll(where.root, "") };
            };
            const fine = { status: 0, said: "" };
            const served = [
                "pg_ctl start --silent --wait --timeout=3600 --options=-c config_file=/etc/postgresql/postgresql.conf         -c listen_addresses='' -c unix_socket_directories=/tmp -c logging_collector=off -c log_destination=stderr",
                "psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host=/tmp --username=postgres --dbname=postgres --set app=orders --set verifier=SCRAM-SHA-256$x --file=/scripts/reconcile.sql",
                "pg_ctl stop --silent --wait --mode=fast",
            ];

            for (const [version, provider] of [
                ["15", ""],
                ["16", ""],
                ["17", " --locale-provider=builtin --builtin-locale=C.UTF-8"],
                ["18", " --locale-provider=builtin --builtin-locale=C.UTF-8"],
            ])
                it(`makes the data directory of PostgreSQL ${version} on an empty volume, then role and database`, async () => {
                    const where = pod({}, version);
                    assert.deepEqual(await initialise(where), fine);
                    assert.deepEqual(calls(where), [
                        `initdb --pgdata=/volume/pgdata.new --username=postgres --encoding=UTF8 --locale=C.UTF-8${provider} --data-checksums --auth-local=peer --auth-host=scram-sha-256`,
                        ...served,
                    ]);
                    assert.equal(where.read("volume/pgdata/PG_VERSION"), `${version}\n`);
                });

            it("leaves a directory that is there as it is, and brings role and database up to date", async () => {
                const where = pod({ "volume/pgdata/PG_VERSION": "17\n", "volume/pgdata/base": "data" });
                assert.deepEqual(await initialise(where), fine);
                assert.deepEqual(calls(where), served);
                assert.equal(where.read("volume/pgdata/base"), "data");
            });

            it("begins anew where it was killed before the directory was complete", async () => {
                const where = pod({ "volume/pgdata.new/PG_VERSION": "17\n", "volume/pgdata.new/half": "done" });
                assert.deepEqual(await initialise(where), fine);
                assert.equal(where.read("volume/pgdata/PG_VERSION"), "17\n");
                assert.equal(where.read("volume/pgdata/half"), "");
            });

            it("makes no database beside another one that it finds on the volume", async () => {
                const where = pod({ "volume/17/docker/PG_VERSION": "17\n" });
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "the volume holds another database, /volume/17/docker; it is left as it is, and no new one is made beside it\n",
                });
                assert.deepEqual(calls(where), []);
            });

            it("does not start on the data of another version, and says how to go back", async () => {
                const where = pod({ "volume/pgdata/PG_VERSION": "16\n" });
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "the data is of PostgreSQL 16 and the image of PostgreSQL 17. The data is left as it is. Go back with: pulumi config set postgresVersion 16\n",
                });
                assert.deepEqual(calls(where), []);
            });

            it("does nothing while another Pod uses the volume", async () => {
                const where = pod();
                where.program("flock", "exit 1");
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "another Pod still uses the volume at /volume\n",
                });
                assert.deepEqual(calls(where), []);
            });

            it("says where to look when PostgreSQL does not start", async () => {
                const where = pod();
                stub(where, "pg_ctl", "exit 1");
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "PostgreSQL does not start with this configuration. See: kubectl logs deployment/postgres -c initialise\n",
                });
            });

            it("fails when role and database cannot be brought up to date", async () => {
                const where = pod();
                stub(where, "psql", "exit 3");
                assert.equal((await initialise(where)).status, 3);
            });
        });

        describe("start.sh", () => {
            const start = async (where: Sandbox) => {
                where.write("volume/pgdata/PG_VERSION", "17\n");
                stub(where, "postgres");
                const outcome = await where.run("bash", "start.sh", {
                    PGDATA: `${where.root}/volume/pgdata`,
                    DATA_VOLUME: `${where.root}/volume`,
                });
                return { ...outcome, calls: calls(where) };
            };
            const config = "postgres -c config_file=/etc/postgresql/postgresql.conf";

            it("runs PostgreSQL and ends with its status", async () => {
                const { status, calls } = await start(sandbox());
                assert.deepEqual({ status, calls }, { status: 0, calls: [config] });
            });

            it("starts PostgreSQL also where it cannot write its log, and says so", async () => {
                const where = sandbox();
                where.program("touch", "exit 1"); // a full volume
                const { status, stderr, calls } = await start(where);
                assert.deepEqual(
                    { status, stderr: stderr.replaceAll(where.root, ""), calls },
                    {
                        status: 0,
                        stderr: "cannot create a file in /var/log/postgresql: logging to this container's output instead\n",
                        calls: [`${config} -c logging_collector=off -c log_destination=stderr`],
                    },
                );
            });

            it("does not start while another Pod uses the volume", async () => {
                const where = sandbox();
                where.program("flock", "exit 1");
                const { status, terminationLog, calls } = await start(where);
                assert.deepEqual(
                    { status, terminationLog, calls },
                    {
                        status: 1,
                        terminationLog: `another Pod still uses the volume at ${where.root}/volume\n`,
                        calls: [],
                    },
                );
            });

            it("holds the volume as long as PostgreSQL runs", async () => {
                const where = sandbox();
                where.write("volume/pgdata/PG_VERSION", "17\n");
                where.program("postgres", `flock --nonblock $ROOT/volume/.lock true || echo held`);
                const { stdout } = await where.run("bash", "start.sh", {
                    PGDATA: `${where.root}/volume/pgdata`,
                    DATA_VOLUME: `${where.root}/volume`,
                });
                assert.equal(stdout, "held\n");
            });
        });

        describe("hold-queue.sh", () => {
            const held = "fluent-bit/offsets/queue-held";

            it("says that it holds the queue, and gives it back when it is told to end", async () => {
                const where = sandbox();
                where.program("sleep", `ls $ROOT/${held} >$ROOT/seen; kill -TERM $PPID`);
                const { status } = await where.run("bash", "hold-queue.sh");
                assert.deepEqual([status, where.read("seen")], [0, `${where.root}/${held}\n`]);
            });

            it("says nothing while another Pod has it, also where it once had it itself", async () => {
                const where = sandbox({ [held]: "from before" });
                where.program("flock", "exit 1");
                where.program("sleep", "kill -TERM $PPID");
                const { stdout } = await where.run("bash", "hold-queue.sh");
                assert.match(stdout, /^waiting for the shipper of another Pod to end\n/);
                assert.equal(where.read(held), "");
            });
        });

        describe("log-marker.sh", () => {
            /** `psql`, with what it does for each of the statements. */
            const pod = (select: string, log: string, logged: string) => {
                const where = sandbox({ "credentials/password": `p"a\\ss` });
                where.program(
                    "psql",
                    `echo "$PGAPPNAME $PGPASSWORD" >>$ROOT/sessions
case \${!#} in
SELECT) ${select} ;;
DO*) echo "\${!#}" >$ROOT/statement; ${log} ;;
"SELECT pglog.marker_was_logged()") ${logged} ;;
*) exit 9 ;;
esac`,
                );
                return where;
            };
            const logMarker = async (where: Sandbox) => {
                const { status } = await where.run("bash", "log-marker.sh", {
                    MARKER: "the-marker",
                    PGHOST: "postgres",
                    PGPORT: "5432",
                });
                return { status, proof: where.read("proof/postgres") };
            };

            it("has PostgreSQL log the marker, and asks it until it is in the log", async () => {
                const where = pod(":", ":", "echo x >>$ROOT/tries; [ $(wc -l <$ROOT/tries) -lt 3 ] || echo t");
                assert.deepEqual(await logMarker(where), { status: 0, proof: "logged\n" });
                assert.equal(
                    where.read("statement"),
                    "DO $$ BEGIN RAISE LOG 'pglog delivery marker %', current_setting('application_name'); END $$\n",
                );
                assert.deepEqual([...new Set(where.read("sessions").split("\n").slice(0, -1))], [`the-marker p"a\\ss`]);
                assert.equal(where.read("tries").split("\n").length - 1, 3);
            });

            it("reports why PostgreSQL did not run the statement", async () => {
                assert.deepEqual(await logMarker(pod(":", `echo "FATAL: no" >&2; exit 1`, ":")), {
                    status: 0,
                    proof: "postgres:5432 did not run the statement that logs it: FATAL: no\n",
                });
            });

            it("reports why it cannot connect", async () => {
                const refused = `echo "connection refused" >&2; exit 2`;
                assert.deepEqual(await logMarker(pod(refused, refused, refused)), {
                    status: 0,
                    proof: "postgres:5432 did not run the statement that logs it: connection refused\n",
                });
            });

            it("reports a line that is in no log file", async () => {
                assert.deepEqual(await logMarker(pod(":", ":", "echo f")), {
                    status: 0,
                    proof: "postgres:5432 ran the statement, but the line is in none of its log files. \n",
                });
            });
        });
    });
});
