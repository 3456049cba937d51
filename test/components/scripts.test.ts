import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { configurationRevision } from "../../components/postgres/config";
import { renderSetup } from "../../components/elasticsearch/setup";
import { LuaFilter } from "../support/lua";
import { programPath, Sandbox, serve, syntax, type Answer, type Request } from "../support/sandbox";

type Server = Awaited<ReturnType<typeof serve>>;

/** An address at which nothing listens: a moment ago its port was free. */
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
        /** The same for daily indices that stay. */
        const kept = Object.fromEntries(
            Object.entries(renderSetup({ target: "index", index: "logs", retentionDays: 0 })).map(([name, content]) => [
                `scripts/${name}`,
                content,
            ]),
        );
        const setUp = (where: Sandbox, url: string, environment: Record<string, string> = {}) =>
            where.run("sh", "setup.sh", { ELASTICSEARCH_URL: url, TIMEOUT: "3", ...environment });

        it("setup.sh sends each request with its body, in the order of the files", async () => {
            const server = await answering(() => [200, { acknowledged: true }]);
            const outcome = await setUp(sandbox(daily), server.url);
            assert.deepEqual(outcome, {
                status: 0,
                stdout: "PUT /_ilm/policy/logs: 200\nPUT /_index_template/logs: 200\n",
                stderr: "",
                terminationLog: "",
            });
            const open = { authorization: undefined };
            const bodyOf = (file: string) => daily[`scripts/${file}`]!.replace(/^.*\n/, "");
            assert.deepEqual(server.requests, [
                { ...open, method: "GET", path: "/", body: "" },
                { ...open, method: "PUT", path: "/_ilm/policy/logs", body: bodyOf("policy.http") },
                { ...open, method: "PUT", path: "/_index_template/logs", body: bodyOf("template.http") },
            ]);
        });

        it("setup.sh waits for an Elasticsearch that is not ready yet", async () => {
            const server = await answering((_, count) => (count === 1 ? [503, "starting"] : [200, "{}"]));
            const { status, stdout } = await setUp(sandbox(daily), server.url, { TIMEOUT: "20" });
            assert.equal(status, 0);
            assert.equal(stdout.split("\n")[0], `waiting for ${server.url}: starting`);
        });

        for (const [what, body] of [
            ["and prints the answer", "<html>unauthorized \\n</html>"],
            ["also if the answer is empty", ""],
        ])
            it(`setup.sh fails at once if the credentials are refused, ${what}`, async () => {
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

        it("setup.sh opens a new connection if the first one hangs, while there is time", async () => {
            const server = await answering(() => [200, "{}"]);
            const where = sandbox(daily);
            // The first connection never gets an answer. Each line of clock is a second that passes.
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

        it("setup.sh says what to do on an Elasticsearch without lifecycle management", async () => {
            const refusal = '{"error":"no handler found for uri [/_ilm/policy/logs] and method [PUT]"}';
            const server = await answering(({ path }) => (path === "/" ? [200, "{}"] : [400, refusal]));
            const { status, terminationLog } = await setUp(sandbox(daily), server.url);
            assert.equal(status, 1);
            assert.equal(
                terminationLog,
                `this Elasticsearch does not support PUT /_ilm/policy/logs, which sets how long it keeps lines. Run: pulumi config set elasticsearchRetentionDays 0. Its answer: ${refusal}\n`,
            );
        });

        it("setup.sh continues after a refusal that means that nothing has to be done", async () => {
            const server = await answering(({ path }) =>
                path.startsWith("/_data_stream/") ? [404, '{"type":"index_not_found_exception"}'] : [200, "{}"],
            );
            assert.deepEqual(await setUp(sandbox(stream), server.url), {
                status: 0,
                stdout: "PUT /_data_stream/logs/_lifecycle: nothing to do (404)\nPUT /_index_template/logs: 200\n",
                stderr: "",
                terminationLog: "",
            });
        });

        describe("setup.sh, where lines are to stay from now on,", () => {
            const settings = "/logs-*/_settings/index.lifecycle.name?flat_settings=true";
            const indices = (policy: string) => ({
                "logs-2026.01.30": { settings: {} },
                "logs-2026.01.31": { settings: { "index.lifecycle.name": policy } },
            });
            const run = async (answer: Answer) => {
                const server = await answering(({ path }) => (path === settings ? answer : [200, "{}"]));
                const { status, stdout, terminationLog } = await setUp(sandbox(kept), server.url);
                const sent = server.requests.map(({ method, path }) => `${method} ${path}`);
                return { status, stdout, terminationLog, sent, bodies: server.requests.map(({ body }) => body) };
            };
            const looked = ["GET /", `GET ${settings}`];

            it("takes the deletion out of the policy that indices have", async () => {
                const { status, sent, bodies } = await run([200, indices("logs")]);
                assert.equal(status, 0);
                assert.deepEqual(sent, [...looked, "PUT /_ilm/policy/logs", "PUT /_index_template/logs"]);
                assert.deepEqual(JSON.parse(bodies[2]!), { policy: { phases: { hot: { actions: {} } } } });
            });

            for (const [what, answer] of [
                ["no index has a policy", {}],
                ["indices have a policy of somebody else", indices("logs-of-others")],
            ] as const)
                it(`leaves policies alone where ${what}`, async () => {
                    const { status, stdout, sent } = await run([200, answer]);
                    assert.equal(status, 0);
                    assert.deepEqual(sent, [...looked, "PUT /_index_template/logs"]);
                    assert.match(stdout, /^PUT \/_ilm\/policy\/logs: nothing to do$/m);
                });

            it("ends if it cannot see whether indices have one", async () => {
                const { status, terminationLog, sent } = await run([403, "no"]);
                assert.equal(status, 1);
                assert.equal(terminationLog, `Elasticsearch refused GET ${settings} (HTTP 403): no\n`);
                assert.deepEqual(sent, looked);
            });
        });

        for (const [what, body] of [
            ["any other refusal", '{"type":"security_exception","reason":"action is \\"unauthorized\\" \\\\ here"}'],
            ["a refusal without a body", ""],
            ["a page with an empty line", "<html>\n\nForbidden</html>"],
        ])
            it(`setup.sh fails after ${what}, and sends nothing more`, async () => {
                const server = await answering(({ path }) => (path === "/" ? [200, "{}"] : [403, body!]));
                const { status, terminationLog } = await setUp(sandbox(daily), server.url);
                assert.equal(status, 1);
                assert.equal(terminationLog, `Elasticsearch refused PUT /_ilm/policy/logs (HTTP 403): ${body}\n`);
                assert.equal(server.requests.length, 2);
            });

        for (const password of ["pencil", `a"b`, "a\\b", "a\\\\nb", "a:b", "a b", "$HOME `id` 'x' %41 #", "{[]}?&"])
            it(`user and password ${JSON.stringify(password)} arrive unchanged, and are in no process list`, async () => {
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

        it("an API key arrives unchanged, and is in no process list", async () => {
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

        it("a request goes to the Service, but uses the certificate's name", async () => {
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
            const seen = "Fluent Bit has read 12 lines, delivered 3 and retried 4 times";
            const isMarker = ({ path }: Request) => path.endsWith("filter_path=hits");
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
            /** The reason with which a proof fails, when it must fail. */
            const reason = async (...args: Parameters<typeof awaitDelivery>) => {
                const { status, stdout, stderr, terminationLog } = await awaitDelivery(...args);
                assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: terminationLog });
                return terminationLog;
            };

            it("asks for the marker until a search returns it, once", async () => {
                const server = await answering((request, count) => [
                    200,
                    !isMarker(request) ? {} : count < 3 ? hits(0) : hits(1, { _id: "a" }),
                ]);
                const outcome = await awaitDelivery(server.url, { TIMEOUT: "30" });
                assert.deepEqual(outcome, {
                    status: 0,
                    stdout: `delivered: ${JSON.stringify(hits(1, { _id: "a" }))}\n`,
                    stderr: "",
                    terminationLog: "",
                });
                const query = { size: 1, query: { match_phrase: { message: `pglog delivery marker ${marker}` } } };
                assert.deepEqual(
                    server.requests
                        .slice(0, 3)
                        .map(({ body, ...request }) => ({ ...request, body: JSON.parse(body) as object })),
                    Array(3).fill({
                        method: "POST",
                        path: "/logs/_search?ignore_unavailable=true&filter_path=hits",
                        authorization: undefined,
                        body: query,
                    }),
                );
            });

            describe("reports warnings after a delivery", () => {
                const beforeIt = "2026-01-31T12:00:00.250Z";
                const fine = `${metrics("12", "12")}fluentbit_output_dropped_records_total{name="elasticsearch"} 0
fluentbit_input_ingestion_paused{name="postgresql_jsonlog"} 0
`;
                const run = async (lost: number, known: string | undefined, earlier: string | undefined) => {
                    const server = await answering(({ path, body }) => {
                        if (path.endsWith("filter_path=hits.hits._source"))
                            return [200, earlier ? { hits: { hits: [{ _source: { "@timestamp": earlier } }] } } : {}];
                        if (path.endsWith("filter_path=hits.total")) {
                            assert.ok(body.includes(`"gt": "${earlier ?? "1970-01-01T00:00:00Z"}"`), body);
                            return [200, { hits: { total: { value: lost, relation: "eq" } } }];
                        }
                        return [200, hits(1)];
                    });
                    const { url } = await answering(() => (known === undefined ? [404, ""] : [200, known]));
                    const { status, stdout, stderr } = await awaitDelivery(server.url, {
                        FLUENT_BIT_URL: known === undefined ? await nobody() : url,
                    });
                    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
                    for (const { body } of server.requests)
                        assert.doesNotThrow(() => JSON.parse(body) as unknown, body);
                    const [first, ...notices] = stdout.trimEnd().split("\n");
                    assert.equal(first, `delivered: ${JSON.stringify(hits(1))}`);
                    return notices;
                };
                const removed = (when: string, files: number) =>
                    new RegExp(
                        `^notice: ${when}${files} log files were removed before all their lines were read, .*/log-keeper\\.sh status$`,
                    );

                for (const [what, known, earlier] of [
                    ["all is well", fine, beforeIt],
                    ["it is the first proof", fine, undefined],
                    ["Fluent Bit does not answer", undefined, beforeIt],
                ] as const)
                    it(`nothing, where ${what}`, async () => {
                        assert.deepEqual(await run(0, known, earlier), []);
                    });

                it("of log files that were removed since the last proof", async () => {
                    const [notice, ...others] = await run(3, fine, beforeIt);
                    assert.match(notice ?? "", removed(`since ${beforeIt}, `, 3));
                    assert.deepEqual(others, []);
                });

                it("of log files that were removed before the first proof", async () => {
                    assert.match((await run(2, undefined, undefined))[0] ?? "", removed("", 2));
                });

                it("of refused lines, and of a shipper that has paused", async () => {
                    const bad = fine
                        .replace(
                            'dropped_records_total{name="elasticsearch"} 0',
                            'dropped_records_total{name="elasticsearch"} 7',
                        )
                        .replace('paused{name="postgresql_jsonlog"} 0', 'paused{name="postgresql_jsonlog"} 1');
                    assert.deepEqual(await run(0, bad, beforeIt), [
                        "notice: Fluent Bit has dropped 7 lines that Elasticsearch refused permanently",
                        "notice: Fluent Bit has stopped reading until Elasticsearch accepts its queue; lines wait in PostgreSQL's files",
                    ]);
                });
            });

            it("keeps asking while Elasticsearch does not answer", async () => {
                const server = await answering((_, count) => (count === 1 ? [503, ""] : [200, hits(1)]));
                const { status } = await awaitDelivery(server.url, { TIMEOUT: "30" });
                assert.equal(status, 0);
            });

            for (const refusal of [401, 403])
                it(`fails at once over a search that is refused with ${refusal}, and says so`, async () => {
                    const server = await answering(() => [refusal, "not you"]);
                    assert.equal(
                        await reason(server.url, { TIMEOUT: "600" }),
                        `hop 3, Elasticsearch refuses the search in logs (HTTP ${refusal}): not you. docs/operating.md lists the privileges that are needed.\n`,
                    );
                    assert.equal(server.requests.length, 1);
                });

            it("says how the last search failed, where Elasticsearch takes documents", async () => {
                const server = await answering((request) =>
                    isSearch(request) ? [503, "no shard"] : [200, '{"took":3,"errors":false,"items":[]}'],
                );
                const { url } = await fluentBit("12", "3", "4");
                assert.equal(
                    await reason(server.url, { FLUENT_BIT_URL: url }),
                    `hop 3, Elasticsearch accepts documents for logs from here, but the last search in logs failed (HTTP 503): no shard. ${seen}. See: kubectl logs deployment/postgres -c fluent-bit\n`,
                );
            });

            it("fails over a second copy that arrives after the first", async () => {
                const server = await answering((_, count) => [200, hits(count < 3 ? 1 : 2)]);
                assert.equal(
                    await reason(server.url, { TIMEOUT: "30" }),
                    "the marker arrived 2 times in logs: lines are delivered more than once\n",
                );
            });

            it("waits for a second copy also where the first came at the last moment", async () => {
                const server = await answering((_, count) => [200, hits(count < 3 ? 0 : count < 5 ? 1 : 2)]);
                assert.equal(
                    await reason(server.url, { TIMEOUT: "4" }),
                    "the marker arrived 2 times in logs: lines are delivered more than once\n",
                );
            });

            it("fails over a marker that arrived twice", async () => {
                const server = await answering(() => [200, hits(2)]);
                assert.equal(
                    await reason(server.url, { TIMEOUT: "600" }),
                    "the marker arrived 2 times in logs: lines are delivered more than once\n",
                );
            });

            it("names hop 1 if PostgreSQL did not log the marker, and sends no request", async () => {
                const server = await answering(() => [200, hits(0)]);
                const said = `postgres:5432 did not run the statement that logs it: "FATAL" \\x`;
                assert.equal(
                    await reason(server.url, {}, `${said}\n`),
                    `hop 1, PostgreSQL did not log the marker: ${said}\n`,
                );
                assert.deepEqual(server.requests, []);
            });

            it("names hop 2 if Fluent Bit does not answer", async () => {
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
                it(`names hop 2 if Fluent Bit ${what}`, async () => {
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

            it("names hop 3 if Elasticsearch refuses the request, and asks for today's index", async () => {
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

            it("names hop 3 if Elasticsearch cannot be reached", async () => {
                const url = await nobody();
                const shipper = await fluentBit("12", "3", "4");
                assert.match(
                    await reason(url, { FLUENT_BIT_URL: shipper.url }),
                    new RegExp(`^hop 3, Elasticsearch at ${url} cannot be reached: curl: [^]+\\. ${seen}\\.\n$`),
                );
            });

            it("reports it if Elasticsearch accepts documents but the marker is not among them", async () => {
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

        /** Stands in for a program of the image: it records the call, then does what the test says. */
        const stub = (where: Sandbox, name: string, body = "") => {
            where.program(name, `echo "${name} $*" >>$ROOT/calls\n${body}`);
        };
        const calls = (where: Sandbox) => where.read("calls").replaceAll(where.root, "").split("\n").slice(0, -1);

        const configurationFiles = ["postgresql.conf", "reloadable.conf", "logging.conf", "pg_hba.conf"] as const;

        describe("initialise.sh", () => {
            const copy = `/volume/config-${configurationRevision({
                "postgresql.conf": "new\n",
                "reloadable.conf": "new\n",
                "logging.conf": "new\n",
                "pg_hba.conf": "new\n",
            })}`;
            /** A volume whose PostgreSQL accepted files with this text before. */
            const accepted = (text: string) => ({
                "volume/pgdata/PG_VERSION": "17\n",
                "volume/config-old/state.conf": "",
                ...Object.fromEntries(configurationFiles.map((name) => [`volume/config-old/${name}`, text])),
            });
            const pod = (files: Record<string, string> = {}, version = "17") => {
                const mounted = Object.fromEntries(
                    configurationFiles.map((name) => [`etc/postgresql/${name}`, "new\n"]),
                );
                const verifier = { "credentials/verifier": "SCRAM-SHA-256$x" };
                const where = sandbox({ "volume/lost+found": "", ...verifier, ...mounted, ...files });
                if ("volume/config-old/state.conf" in files)
                    symlinkSync("config-old", join(where.root, "volume/config"));
                where.program(
                    "postgres",
                    `case "$*" in
                    --version) echo "postgres (PostgreSQL) ${version}.4 (Debian ${version}.4-1.pgdg12+1)"; exit ;;
                    esac
                    all="$*"
                    read -r file option <<<"\${all##*--config-file=}"
                    said() { echo "2026-11-25 03:00:00.000 UTC [7] $1:  $2" >&2; }
                    case $option in
                    *libraries) sed -n "s/^\${option#-C } = //p" "$file"; exit ;;
                    esac
                    grep -q wrong "$file" || exit 0
                    ! grep -q 'timezone = wrong' "$file" || { said FATAL 'invalid input syntax for type interval: "x"'; exit 1; }
                    ! grep -q 'work_mem = wrong' "$file" || {
                        said LOG 'invalid value for parameter "work_mem": "wrong"'
                        said HINT 'Valid units are …'
                    }
                    said FATAL 'configuration file "…" contains errors'
                    exit 1`,
                );
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
            const statements = (database: string, file: string) =>
                `psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set VERBOSITY=terse --host=/tmp --username=postgres --dbname=${database} --set app=orders --set verifier=SCRAM-SHA-256$x --file=/scripts/${file}`;
            const served = [
                `pg_ctl start --silent --wait --timeout=3600 --options=-c config_file=${copy}/postgresql.conf -c hba_file=${copy}/pg_hba.conf         -c listen_addresses='' -c unix_socket_directories=/tmp -c logging_collector=off -c log_destination=stderr`,
                statements("postgres", "reconcile.sql"),
                statements("postgres", "delivery-proof.sql"),
                "pg_ctl stop --silent --wait --mode=fast",
            ];

            for (const [version, provider] of [
                ["15", ""],
                ["16", ""],
                ["17", " --locale-provider=builtin --builtin-locale=C.UTF-8"],
                ["18", " --locale-provider=builtin --builtin-locale=C.UTF-8"],
            ])
                it(`creates the data directory of PostgreSQL ${version} on an empty volume, then role and database`, async () => {
                    const where = pod({}, version);
                    assert.deepEqual(await initialise(where), fine);
                    assert.deepEqual(calls(where), [
                        `initdb --pgdata=/volume/pgdata.new --username=postgres --encoding=UTF8 --locale=C.UTF-8${provider} --data-checksums --auth-local=peer --auth-host=scram-sha-256`,
                        ...served,
                    ]);
                    assert.equal(where.read("volume/pgdata/PG_VERSION"), `${version}\n`);
                });

            it("keeps an existing directory, and updates the role and the database", async () => {
                const where = pod({ "volume/pgdata/PG_VERSION": "17\n", "volume/pgdata/base": "data" });
                assert.deepEqual(await initialise(where), fine);
                assert.deepEqual(calls(where), served);
                assert.equal(where.read("volume/pgdata/base"), "data");
            });

            it("starts again after it was killed before the directory was complete", async () => {
                const where = pod({ "volume/pgdata.new/PG_VERSION": "17\n", "volume/pgdata.new/half": "done" });
                assert.deepEqual(await initialise(where), fine);
                assert.equal(where.read("volume/pgdata/PG_VERSION"), "17\n");
                assert.equal(where.read("volume/pgdata/half"), "");
            });

            it("creates no database beside an existing one on the volume", async () => {
                const where = pod({ "volume/17/docker/PG_VERSION": "17\n" });
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "the volume already has a database in /volume/17/docker; it is left unchanged, and no new one is created beside it\n",
                });
                assert.deepEqual(calls(where), []);
            });

            it("does not start on the data of a different version, and says how to go back", async () => {
                const where = pod({ "volume/pgdata/PG_VERSION": "16\n" });
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "the data belongs to PostgreSQL 16, and the image has PostgreSQL 17. The data is left unchanged. Go back with: pulumi config set postgresVersion 16\n",
                });
                assert.deepEqual(calls(where), []);
            });

            it("does nothing while a different Pod uses the volume", async () => {
                const where = pod();
                where.program("flock", "exit 1");
                assert.deepEqual(await initialise(where), {
                    status: 1,
                    said: "another Pod still uses the volume at /volume\n",
                });
                assert.deepEqual(calls(where), []);
            });

            describe("with PostgreSQL's configuration", () => {
                const configured = (where: Sandbox) => where.read("volume/config/postgresql.conf");
                const fatal = `[[ $1 == start && $* != */config/postgresql.conf* ]] || exit 0; echo '2026-11-25 UTC [9] FATAL:  no room' >&2; exit 1`;

                it("makes a copy of what PostgreSQL accepts, and deletes the one before it", async () => {
                    const where = pod(accepted("old\n"));
                    assert.deepEqual(await initialise(where), fine);
                    assert.equal(configured(where), "new\n");
                    assert.equal(existsSync(join(where.root, "volume/config-old")), false);
                });

                it("starts with the one before it if PostgreSQL refuses a value, and records why", async () => {
                    const where = pod({ ...accepted("old\n"), "etc/postgresql/postgresql.conf": "work_mem = wrong\n" });
                    assert.deepEqual(await initialise(where), fine);
                    assert.equal(configured(where), "old\n");
                    assert.match(
                        where.read("volume/config/state.conf"),
                        /^pglog\.configuration = 'refused [0-9a-f]{16} invalid value for parameter "work_mem": "wrong" Valid units are …'\n$/,
                    );
                });

                it("names each wrong parameter, also where PostgreSQL's message does not, or ends the check", async () => {
                    const where = pod({
                        "etc/postgresql/postgresql.conf": "timezone = wrong\nwork_mem = wrong\njit = off\n",
                    });
                    assert.deepEqual(await initialise(where), {
                        status: 1,
                        said: 'PostgreSQL refuses this configuration: timezone: invalid input syntax for type interval: "x"; invalid value for parameter "work_mem": "wrong" Valid units are …\n',
                    });
                });

                it("starts with the one before it if sessions cannot load a library, and records why", async () => {
                    const where = pod({
                        ...accepted("old\n"),
                        "etc/postgresql/postgresql.conf": "session_preload_libraries = auto_explain, missing\n",
                    });
                    stub(
                        where,
                        "psql",
                        `[[ $PGOPTIONS = *'session_preload_libraries=auto_explain,\\ missing' ]] || exit 0
                        echo 'psql: error: connection failed: FATAL:  could not access file "missing"' >&2; exit 2`,
                    );
                    assert.deepEqual(await initialise(where), fine);
                    assert.equal(configured(where), "old\n");
                    assert.match(
                        where.read("volume/config/state.conf"),
                        /'refused [0-9a-f]{16} session_preload_libraries: could not access file "missing"'/,
                    );
                    const servers = calls(where).filter((call) => call.startsWith("pg_ctl"));
                    assert.deepEqual(
                        servers.map((call) => call.split(" ")[1]),
                        ["start", "stop", "start", "stop"],
                    );
                });

                it("starts with the one before it if PostgreSQL does not start, and records why", async () => {
                    const where = pod(accepted("old\n"));
                    stub(where, "pg_ctl", fatal);
                    assert.deepEqual(await initialise(where), fine);
                    assert.equal(configured(where), "old\n");
                    assert.match(where.read("volume/config/state.conf"), /'refused [0-9a-f]{16} no room'/);
                });

                it("does not try a copy that is there already", async () => {
                    const where = pod(accepted("new\n"));
                    assert.deepEqual(await initialise(where), fine);
                    assert.equal(existsSync(join(where.root, "volume/config-old")), true);
                });

                it("fails if PostgreSQL refuses the first one, and says why", async () => {
                    const where = pod({ "etc/postgresql/postgresql.conf": "work_mem = wrong\n" });
                    assert.deepEqual(await initialise(where), {
                        status: 1,
                        said: 'PostgreSQL refuses this configuration: invalid value for parameter "work_mem": "wrong" Valid units are …\n',
                    });
                });

                it("fails if PostgreSQL starts with neither, and says why", async () => {
                    const where = pod(accepted("new\n"));
                    stub(where, "pg_ctl", "echo '2026-11-25 UTC [9] PANIC:  no disk' >&2; exit 1");
                    assert.deepEqual(await initialise(where), {
                        status: 1,
                        said: "PostgreSQL does not start: no disk\n",
                    });
                });
            });

            it("runs its statements under settings that no server, database or role can change", async () => {
                for (const [version, newer] of [
                    ["16", false],
                    ["17", true],
                ] as const) {
                    const where = pod({}, version);
                    stub(where, "psql", `echo "$PGOPTIONS" >>$ROOT/options`);
                    assert.deepEqual(await initialise(where), fine);
                    const [options = "", ...others] = where.read("options").trimEnd().split("\n");
                    assert.deepEqual(others, [options]);
                    for (const setting of [
                        "default_transaction_read_only=off",
                        "search_path=pg_catalog",
                        "role=none",
                        "local_preload_libraries=",
                        "log_statement=none",
                    ])
                        assert.ok(`${options} `.includes(`-c ${setting} `), setting);
                    assert.equal(options.includes("event_triggers=off"), newer, version);
                }
            });

            /** A Pod whose `psql` fails as the test says: by the file and the database of its arguments. */
            const failing = (condition: string, status: number, files: Record<string, string> = {}) => {
                const where = pod(files);
                stub(where, "psql", `[[ "$*" != ${condition} ]] || { echo "ERROR:  no" >&2; exit ${status}; }`);
                return where;
            };
            const existing = { "volume/pgdata/PG_VERSION": "17\n" };
            const reconciled = { ...existing, "volume/pgdata/pglog_reconciled": "" };
            const warnings = (where: Sandbox) =>
                where.read("tmp/warnings").replaceAll(/^[\d-]+ [\d:]+\.\d{3} UTC \[\d+\] /gm, "");

            it("connects to template1 where the administrator's database lets nobody in", async () => {
                const where = failing("*--dbname=postgres*reconcile.sql*", 2, existing);
                assert.deepEqual(await initialise(where), fine);
                assert.deepEqual(calls(where).slice(1, 3), [
                    statements("postgres", "reconcile.sql"),
                    statements("template1", "reconcile.sql"),
                ]);
            });

            for (const [what, files] of [
                ["in a new data directory", {}],
                ["in one where they were never set up", existing],
            ] as const)
                it(`does not start PostgreSQL without role and database, ${what}`, async () => {
                    const where = failing("*reconcile.sql*", 3, files);
                    assert.deepEqual(await initialise(where), {
                        status: 1,
                        said: "PostgreSQL could not create role and database: ERROR:  no\n",
                    });
                    assert.equal(where.read("tmp/warnings"), "");
                });

            it("starts PostgreSQL with the role and database of the start before, and warns", async () => {
                const where = failing("*reconcile.sql*", 3, reconciled);
                assert.deepEqual(await initialise(where), fine);
                assert.equal(
                    warnings(where),
                    "WARNING:  pglog could not set role, password and database as configured; PostgreSQL starts with those of the start before: ERROR:  no\n",
                );
                assert.equal(calls(where).at(-1), "pg_ctl stop --silent --wait --mode=fast");
            });

            it("starts PostgreSQL without the function of the delivery proof, and warns", async () => {
                const where = failing("*delivery-proof.sql*", 3);
                where.write("tmp/warnings", "of an earlier start");
                assert.deepEqual(await initialise(where), fine);
                assert.equal(
                    warnings(where),
                    "WARNING:  pglog could not create the function of the delivery proof, which will fail: ERROR:  no\n",
                );
            });

            it("starts PostgreSQL again after a start that succeeded", async () => {
                const where = pod();
                assert.deepEqual(await initialise(where), fine);
                assert.equal(warnings(where), "");
                stub(where, "psql", "exit 3");
                assert.deepEqual(await initialise(where), fine);
            });
        });

        describe("reload.sh", () => {
            /** A running PostgreSQL with its former files, and new ones in the mounted directory. */
            const running = (text = "jit = off\n", server = "exit 0") => {
                const where = sandbox({
                    "volume/pgdata/PG_VERSION": "17\n",
                    "volume/config-old/state.conf": "",
                    ...Object.fromEntries(configurationFiles.map((name) => [`volume/config-old/${name}`, "old\n"])),
                    ...Object.fromEntries(configurationFiles.map((name) => [`etc/postgresql/..data/${name}`, "old\n"])),
                    "etc/postgresql/..data/reloadable.conf": text,
                });
                symlinkSync("config-old", join(where.root, "volume/config"));
                where.program("postgres", "");
                where.program("psql", `[[ $* = *'AS found'* ]] || exit 0\n${server}`);
                stub(where, "pg_ctl");
                return where;
            };
            const reload = async (where: Sandbox) => {
                const variables = { PGDATA: `${where.root}/volume/pgdata`, DATA_VOLUME: `${where.root}/volume` };
                // Three turns without a pause, instead of turns without end.
                await where.run("bash", "reload.sh", variables, [], (text) =>
                    text.replace("while :; do", "for turn in 1 2 3; do").replace("pause 1", ""),
                );
                return {
                    active: where.read("volume/config/reloadable.conf"),
                    state: where.read("volume/config/state.conf").replace(/[0-9a-f]{16}/, "REVISION"),
                    calls: calls(where),
                };
            };

            it("gives PostgreSQL new files once", async () => {
                assert.deepEqual(await reload(running()), {
                    active: "jit = off\n",
                    state: "pglog.configuration = 'applied REVISION'\n",
                    calls: ["pg_ctl reload --silent"],
                });
            });

            it("goes back to the former files if the server refuses a value, and records why", async () => {
                assert.deepEqual(await reload(running("jit = off\n", "echo 'jit: wrong'")), {
                    active: "old\n",
                    state: "pglog.configuration = 'refused REVISION jit: wrong'\n",
                    calls: ["pg_ctl reload --silent"],
                });
            });

            it("goes back to the former files if the server's check fails, and records why", async () => {
                const fails = "echo 'ERROR:  invalid input' >&2; exit 1";
                assert.deepEqual(await reload(running("jit = off\n", fails)), {
                    active: "old\n",
                    state: "pglog.configuration = 'refused REVISION invalid input'\n",
                    calls: ["pg_ctl reload --silent"],
                });
            });

            it("tries again if the server has no free connection for the check", async () => {
                const full = "[ -e $ROOT/full ] || { touch $ROOT/full; echo 'FATAL:  too many clients' >&2; exit 2; }";
                assert.deepEqual(await reload(running("jit = off\n", full)), {
                    active: "jit = off\n",
                    state: "pglog.configuration = 'applied REVISION'\n",
                    calls: ["pg_ctl reload --silent"],
                });
            });

            it("leaves files that need a restart alone", async () => {
                const where = running();
                where.write("etc/postgresql/..data/postgresql.conf", "new\n");
                assert.deepEqual(await reload(where), { active: "old\n", state: "", calls: [] });
            });
        });

        describe("start.sh", () => {
            const start = async (where: Sandbox) => {
                where.write("volume/pgdata/PG_VERSION", "17\n");
                where.write("scripts/reload.sh", "");
                stub(where, "postgres");
                const outcome = await where.run("bash", "start.sh", {
                    PGDATA: `${where.root}/volume/pgdata`,
                    DATA_VOLUME: `${where.root}/volume`,
                    HOSTNAME: "postgres-6d5f",
                });
                return { ...outcome, calls: calls(where) };
            };
            const config =
                "postgres -c config_file=/volume/config/postgresql.conf -c log_filename=postgresql-%Y-%m-%d_%H%M%S-postgres-6d5f.log";

            it("runs PostgreSQL and exits with its status", async () => {
                const { status, calls } = await start(sandbox());
                assert.deepEqual({ status, calls }, { status: 0, calls: [config] });
            });

            it("removes the lock files of a killed server", async () => {
                const stale = "var/run/postgresql/.s.PGSQL.5432.lock";
                const where = sandbox({ [stale]: "11\n", "volume/pgdata/postmaster.pid": "11\n" });
                const { status } = await start(where);
                const left = [stale, "volume/pgdata/postmaster.pid"].filter((path) =>
                    existsSync(join(where.root, path)),
                );
                assert.deepEqual({ status, left }, { status: 0, left: [] });
            });

            it("starts PostgreSQL even if it cannot write its log, and says so", async () => {
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

            it("adds the warnings of the initialisation to PostgreSQL's log, once", async () => {
                const where = sandbox({ "tmp/warnings": "2026-01-31 12:00:00.000 UTC [7] WARNING:  no\n" });
                const { status, stderr } = await start(where);
                assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
                const logs = () =>
                    readdirSync(`${where.root}/var/log/postgresql`).filter((name) => name.startsWith("postgresql-"));
                assert.match(logs().join(" "), /^postgresql-\d{4}-\d\d-\d\d_\d{6}-postgres-6d5f\.log$/);
                assert.match(where.read(`var/log/postgresql/${logs()[0]!}`), /WARNING:  no\n$/);
                await start(where);
                assert.equal(logs().length, 1);
            });

            it("does not start while a different Pod uses the volume", async () => {
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

            it("holds the volume's lock as long as PostgreSQL runs", async () => {
                const where = sandbox();
                where.write("volume/pgdata/PG_VERSION", "17\n");
                where.write("scripts/reload.sh", "");
                where.program("postgres", `flock --nonblock $ROOT/volume/.lock true || echo held`);
                const { stdout } = await where.run("bash", "start.sh", {
                    PGDATA: `${where.root}/volume/pgdata`,
                    DATA_VOLUME: `${where.root}/volume`,
                });
                assert.equal(stdout, "held\n");
            });
        });

        describe("log-keeper.sh", () => {
            /** Lines for the files of these tests, 10 bytes each. */
            const lines = (count: number) =>
                Array.from({ length: count }, (_, i) => `line ${String(i).padStart(4, "0")}\n`).join("");
            const kilobytes = 10_000; // the size of lines in most files: a directory's own size, 4 KiB, then hardly counts
            const limit = { LIMIT: "100000000", FREE: "1000" };
            const fileOf = (second: number, kind = "json") =>
                `postgresql-2026-01-31_1215${String(second).padStart(2, "0")}-postgres-6d5f.${kind}`;

            const volume = (free = 1_000_000_000) => {
                const where = sandbox({ free: `${free} 1\n` });
                mkdirSync(`${where.root}/volume`);
                where.program(
                    "stat",
                    `[ "$1" != --file-system ] || { cat $ROOT/free; exit; }\nexec ${programPath("stat")!} "$@"`,
                );
                return where;
            };
            /** A log file with its last read line. undefined: no line was read. */
            const log = (where: Sandbox, name: string, second: number, content: string, read?: number) => {
                where.write(`volume/logs/${name}`, content);
                utimesSync(`${where.root}/volume/logs/${name}`, 1_769_860_000 + second, 1_769_860_000 + second);
                if (read !== undefined) position(where, name, read);
            };
            const position = (where: Sandbox, name: string, read: number) => {
                where.write(`volume/state/positions/${name}`, String(10 * read).padStart(15));
            };
            const names = (where: Sandbox) =>
                readdirSync(`${where.root}/volume/logs`).filter((name) => name.startsWith("postgresql-"));
            const notices = (where: Sandbox) =>
                readdirSync(`${where.root}/volume/logs`)
                    .filter((name) => name.startsWith("lost-"))
                    .map((name) => where.read(`volume/logs/${name}`))
                    .join("");
            const counted = (where: Sandbox) =>
                [...notices(where).matchAll(/pglog lost (\d+) lines, (\d+) bytes, of (\S+):/g)].map(
                    ([, count, bytes, name]) => [name, Number(count), Number(bytes)],
                );

            /**
             * Runs the script for a number of its rounds. The script waits in a single line, which the test replaces:
             * each round a second passes, and the test's own code runs.
             */
            const keep = (
                where: Sandbox,
                turns: number,
                bounds: Record<string, string> = {},
                happens: Record<number, string> = {},
            ) => {
                const cases = Object.entries(happens).map(([turn, what]) => `${turn}) ${what} ;;`);
                where.write("turn", `case $turn in\n${cases.join("\n")}\nesac\n((turn < ${turns})) || exit 0\n`);
                const environment = { VOLUME: `${where.root}/volume`, HOSTNAME: "postgres-6d5f", ...limit, ...bounds };
                return where.run("bash", "log-keeper.sh", environment, [], (text) => {
                    const waits = 'pause() { read -rt "$1" -u "$never"; }\n';
                    assert.equal(text.split(waits).length, 2, "the single line in which it waits");
                    return text.replace(
                        waits,
                        'turn=0\nunset SECONDS\nSECONDS=0\npause() { ((++turn, ++SECONDS)); . "$ROOT/turn"; }\n',
                    );
                });
            };

            describe("holds the queue's lock", () => {
                it("and tells the kubelet, once it has its directories and its lock", async () => {
                    const where = volume();
                    const { status, stdout, stderr } = await keep(
                        where,
                        1,
                        {},
                        {
                            1: "flock --nonblock $ROOT/volume/.lock true || ls $ROOT/run/log-keeper",
                        },
                    );
                    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "holds\n", stderr: "" });
                    assert.deepEqual(readdirSync(`${where.root}/volume`).toSorted(), [
                        ".lock",
                        "logs",
                        "offsets",
                        "state",
                    ]);
                    assert.ok(existsSync(`${where.root}/volume/state/positions`));
                });

                it("and ends when it gets a signal", async () => {
                    const { status, stdout } = await keep(volume(), 50, {}, { 3: "kill -TERM $$", 5: "echo goes on" });
                    assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
                });

                it("not while a different Pod has it, silently, even if it once had it itself", async () => {
                    const where = volume();
                    where.write("run/log-keeper/holds", "from before");
                    where.program("flock", `ls $ROOT/run/log-keeper >>$ROOT/seen; exit 1`);
                    log(where, fileOf(1), 1, lines(1000));
                    log(where, fileOf(2), 2, lines(1000));
                    const { stdout } = await keep(where, 3, { LIMIT: "1" });
                    assert.equal(stdout, "waiting until the shipper of the old Pod has ended\n".repeat(3));
                    assert.equal(where.read("seen"), "");
                    assert.equal(existsSync(`${where.root}/run/log-keeper/holds`), false);
                    assert.deepEqual(names(where), [fileOf(1), fileOf(2)], "the files belong to the other Pod");
                });

                it("as soon as the other Pod has ended", async () => {
                    const where = volume();
                    where.program("flock", `echo x >>$ROOT/tries; [ $(wc -l <$ROOT/tries) = 3 ]`);
                    const { stdout } = await keep(where, 4);
                    assert.equal(stdout, "waiting until the shipper of the old Pod has ended\n".repeat(2));
                    assert.ok(existsSync(`${where.root}/run/log-keeper/holds`));
                });

                it("not without a writable volume", async () => {
                    const where = volume();
                    where.program("mkdir", "exit 1");
                    const { status } = await keep(where, 3);
                    assert.equal(status, 1);
                    assert.equal(existsSync(`${where.root}/run/log-keeper/holds`), false);
                });
            });

            describe("keeps its limits", () => {
                /** Five files of 100 kB, all fully read. */
                const five = (where: Sandbox, read = kilobytes - 1) => {
                    for (const second of [1, 2, 3, 4, 5]) log(where, fileOf(second), second, lines(kilobytes), read);
                    return where;
                };

                it("and removes nothing below the limits", async () => {
                    const where = five(volume());
                    const { stdout, stderr } = await keep(where, 20, { LIMIT: "520000" });
                    assert.deepEqual({ stdout, stderr }, { stdout: "", stderr: "" });
                    assert.equal(names(where).length, 5);
                });

                for (const [most, left] of [
                    ["499999", [2, 3, 4, 5]],
                    ["250000", [4, 5]],
                    ["0", [5]],
                ] as const)
                    it(`and removes the oldest files until the rest, except the file being written, fits into ${most} bytes`, async () => {
                        const where = five(volume());
                        const { stdout } = await keep(where, 20, { LIMIT: most });
                        assert.deepEqual(
                            names(where),
                            left.map((second) => fileOf(second)),
                        );
                        const removed = [1, 2, 3, 4, 5].slice(0, 5 - left.length);
                        assert.equal(
                            stdout,
                            removed
                                .map((second) => `removed ${fileOf(second)}, 100000 bytes, of which 0 unread\n`)
                                .join(""),
                        );
                        assert.equal(notices(where), "", "all of it was read");
                        assert.deepEqual(
                            readdirSync(`${where.root}/volume/state/positions`),
                            left.map((second) => fileOf(second)),
                            "no position is left of removed files",
                        );
                    });

                it("counts the queue", async () => {
                    const where = five(volume());
                    for (const input of ["tail.0", "tail.1"])
                        where.write(`volume/chunks/${input}/1-1.flb`, "x".repeat(100_000));
                    await keep(where, 1, { LIMIT: "520000" });
                    assert.deepEqual(
                        names(where),
                        [3, 4, 5].map((second) => fileOf(second)),
                    );
                    assert.equal(readdirSync(`${where.root}/volume/chunks/tail.0`).length, 1, "that is the shipper's");
                });

                it("never removes the pair of files that PostgreSQL writes to, even if it does not have the newest name", async () => {
                    const where = five(volume());
                    log(where, fileOf(2), 99, lines(kilobytes), kilobytes - 1);
                    log(where, fileOf(2, "log"), 0, lines(1000), 999);
                    log(where, fileOf(1, "log"), 100, lines(1000), 999); // without its jsonlog file it is not that pair
                    await keep(where, 20, { LIMIT: "0", FREE: "2000000000" });
                    assert.deepEqual(names(where), [fileOf(2), fileOf(2, "log")]);
                });

                it("keeps 200 files at most, whatever their size", async () => {
                    const where = volume();
                    for (let i = 0; i < 205; i += 1)
                        log(where, `postgresql-2026-01-31_${120_000 + i}-postgres-6d5f.json`, i, lines(1), 0);
                    await keep(where, 1);
                    assert.equal(names(where).length, 200);
                    assert.equal(names(where)[0], "postgresql-2026-01-31_120005-postgres-6d5f.json");
                });

                it("removes the oldest files if the disk is short of space, whoever used it", async () => {
                    const where = five(volume(50_000));
                    await keep(where, 1, { FREE: "200000" });
                    assert.deepEqual(
                        names(where),
                        [3, 4, 5].map((second) => fileOf(second)),
                    );
                });

                it("waits for the space of removed files, as long as the shipper may have them open", async () => {
                    const where = five(volume(50_000));
                    const { stdout } = await keep(
                        where,
                        12,
                        { FREE: "200000" },
                        {
                            8: `echo "then $(ls $logs/postgresql-* | wc -l)"`,
                            10: `echo "later $(ls $logs/postgresql-* | wc -l)"`,
                        },
                    );
                    assert.match(stdout, /^then 3$/m);
                    assert.match(stdout, /^later 1$/m);
                });

                it("truncates files that the shipper still has open, but not while it may still read them", async () => {
                    const where = five(volume(), 0);
                    const size = `stat --dereference --format='%s bytes' /proc/$$/fd/9`;
                    const { stdout } = await keep(
                        where,
                        12,
                        {},
                        { 1: `exec 9<$logs/${fileOf(1)}; LIMIT=420000`, 9: size, 11: size },
                    );
                    assert.equal(existsSync(`${where.root}/volume/logs/${fileOf(1)}`), false);
                    assert.deepEqual(stdout.match(/^\d+ bytes$/gm), ["100000 bytes", "0 bytes"]);
                });

                it("reports that lines are being lost when there is nothing left to remove", async () => {
                    const where = volume(0);
                    log(where, fileOf(1), 1, lines(10), 9);
                    await keep(where, 2);
                    assert.deepEqual(names(where), [fileOf(1)]);
                    assert.ok(existsSync(`${where.root}/volume/state/full`));
                    const fine = volume();
                    log(fine, fileOf(1), 1, lines(10), 9);
                    await keep(fine, 2, { LIMIT: "0" });
                    assert.equal(existsSync(`${fine.root}/volume/state/full`), false);
                });
            });

            describe("counts what was lost", () => {
                const [old, newest] = [fileOf(1), fileOf(2)];
                /** A file of 100 lines above the limit, and the file that is being written. */
                const above = (read?: number) => {
                    const where = volume();
                    log(where, old, 1, lines(100), read);
                    log(where, newest, 2, lines(kilobytes), 0);
                    return where;
                };
                const tight = { LIMIT: "1000" };

                for (const [what, read, count] of [
                    ["all lines of an unread file", undefined, 100],
                    ["all lines except the first", 0, 99],
                    ["the second half", 49, 50],
                    ["the last line", 98, 1],
                ] as const)
                    it(`as lines and bytes: ${what}`, async () => {
                        const where = above(read);
                        const { stdout, stderr } = await keep(where, 10, tight);
                        assert.equal(stderr, "");
                        assert.deepEqual(names(where), [newest]);
                        assert.deepEqual(counted(where), [[old, count, 10 * count]]);
                        assert.match(
                            notices(where),
                            new RegExp(
                                `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.000 UTC \\[0\\] WARNING:  pglog lost ${count} lines, ${10 * count} bytes, of ${old}: removed unread, to keep the volume within its limits\n$`,
                            ),
                        );
                        assert.ok(stdout.includes(notices(where)), "also in its own output");
                        assert.match(
                            where.read("volume/state/lost"),
                            new RegExp(`^${count} 1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n$`),
                        );
                        assert.equal(where.read("volume/state/removing"), "");
                        assert.equal(existsSync(`${where.root}/volume/state/positions/${old}`), false);
                    });

                it("as nothing, if all was read", async () => {
                    const where = above(99);
                    await keep(where, 10, tight);
                    assert.deepEqual(
                        [names(where), notices(where), where.read("volume/state/lost")],
                        [[newest], "", ""],
                    );
                });

                it("in a separate file, which the shipper reads and makes a document from", async () => {
                    const where = above();
                    await keep(where, 10, tight);
                    const [file] = readdirSync(`${where.root}/volume/logs`).filter((name) => name.startsWith("lost-"));
                    assert.match(file!, /^lost-\d{4}-\d\d-\d\d_\d{6}-postgres-6d5f\.log$/);
                    const filter = await LuaFilter.load();
                    const { document } = filter.run("lost", {
                        log: notices(where).trimEnd(),
                        _path: `/var/log/postgresql/${file!}`,
                        _offset: 0,
                    });
                    assert.equal(document["log.level"], "WARNING");
                    assert.equal(document["event.action"], "lines-lost");
                    assert.deepEqual(
                        [document["pglog.lost.file"], document["pglog.lost.lines"], document["pglog.lost.bytes"]],
                        [old, 100, 1000],
                    );
                });

                it("once the shipper can read no more of it: lines that it read until then are not lost", async () => {
                    const where = above(9);
                    const { stdout } = await keep(where, 10, tight, {
                        4: `printf '%15d' 590 >$state/positions/${old}`,
                        7: `echo "$(ls $logs | grep -c ^lost-) yet"`,
                    });
                    assert.match(stdout, new RegExp(`^removed ${old}, 1000 bytes, of which 900 unread$`, "m"));
                    assert.match(stdout, /^0 yet$/m);
                    assert.deepEqual(counted(where), [[old, 40, 400]]);
                });

                it("as nothing, if the shipper reached the end of it", async () => {
                    const where = above(9);
                    await keep(where, 10, tight, { 4: `printf '%15d' 990 >$state/positions/${old}` });
                    assert.deepEqual([counted(where), where.read("volume/state/lost")], [[], ""]);
                    assert.equal(where.read("volume/state/removing"), "");
                });

                it("for each file, and in total", async () => {
                    const where = volume();
                    for (const second of [1, 2, 3]) log(where, fileOf(second), second, lines(10 * second));
                    log(where, fileOf(4), 4, lines(kilobytes), 0);
                    await keep(where, 10, tight);
                    assert.deepEqual(
                        counted(where),
                        [1, 2, 3].map((second) => [fileOf(second), 10 * second, 100 * second]),
                    );
                    assert.match(where.read("volume/state/lost"), /^60 3 /);
                });

                it("at once, if the disk is short of space", async () => {
                    const where = above();
                    where.write("free", "0 1\n");
                    await keep(where, 2);
                    assert.deepEqual(counted(where), [[old, 100, 1000]]);
                });

                it("after a Pod that ended before it could count: at the next start, and once", async () => {
                    const where = above(49);
                    await keep(where, 3, tight);
                    assert.deepEqual(names(where), [newest]);
                    assert.deepEqual(counted(where), []);
                    assert.equal(where.read("volume/state/removing"), `${old} 50 500\n`);
                    await keep(where, 1);
                    assert.deepEqual(counted(where), [[old, 50, 500]]);
                    await keep(where, 1);
                    assert.deepEqual(counted(where), [[old, 50, 500]]);
                    assert.match(where.read("volume/state/lost"), /^50 1 /);
                });

                it("not for a file that it could not remove before it ended, nor for one that was already counted", async () => {
                    const where = volume();
                    log(where, old, 1, lines(100), 49);
                    log(where, newest, 2, lines(100), 99);
                    const said = `2026-01-31 12:00:00.000 UTC [0] WARNING:  pglog lost 7 lines, 70 bytes, of ${fileOf(0)}: removed\n`;
                    where.write("volume/logs/lost-2026-01-31_120000-postgres-77aa.log", said);
                    where.write("volume/state/removing", `${old} 50 500\n${fileOf(0)} 7 70\n`);
                    await keep(where, 1);
                    assert.equal(notices(where), said);
                    assert.equal(where.read("volume/state/removing"), "");
                });
            });

            describe("reports its state", () => {
                const ask = (where: Sandbox, what: "status" | "check") =>
                    where.run("bash", "log-keeper.sh", { VOLUME: `${where.root}/volume`, LIMIT: "41943040" }, [what]);
                const rooms = (logs = 0, queue = 0) =>
                    ` Log files take ${logs} MiB and the queue ${queue} MiB; the limit for both is 40 MiB.\n`;
                const minutes = (where: Sandbox, path: string, ago: number) => {
                    const then = Date.now() / 1000 - 60 * ago;
                    utimesSync(`${where.root}/${path}`, then, then);
                };

                for (const what of ["status", "check"] as const)
                    it(`${what}: no line lost, on an empty volume and on one with files`, async () => {
                        const where = volume();
                        const nothing = { status: 0, stdout: `No log line was lost.${rooms()}`, stderr: "" };
                        const { status, stdout, stderr } = await ask(where, what);
                        assert.deepEqual({ status, stdout, stderr }, nothing);
                        where.write(`volume/logs/${fileOf(1)}`, "x".repeat(3 * 1024 * 1024));
                        where.write(`volume/logs/${fileOf(1, "log")}`, "x".repeat(1024 * 1024));
                        where.write("volume/chunks/tail.0/1-1.flb", "x".repeat(2 * 1024 * 1024));
                        where.write("volume/chunks/tail.1/1-2.flb", "x".repeat(1024 * 1024 - 1));
                        assert.deepEqual((await ask(where, what)).stdout, `No log line was lost.${rooms(4, 2)}`);
                    });

                for (const [ago, status] of [
                    [0, 1],
                    [9, 1],
                    [12, 0],
                ] as const)
                    it(`check: ends with ${status} ${ago} minutes after a loss; status never fails`, async () => {
                        const where = volume();
                        where.write("volume/state/lost", "60 3 2026-01-31T13:00:00Z\n");
                        minutes(where, "volume/state/lost", ago);
                        const said = `pglog lost 60 lines of 3 log files, the last at 2026-01-31T13:00:00Z: they were removed before they were read.${rooms()}`;
                        const checked = await ask(where, "check");
                        assert.deepEqual([checked.status, checked.stdout], [status, said]);
                        const asked = await ask(where, "status");
                        assert.deepEqual([asked.status, asked.stdout], [0, said]);
                    });

                it("check: exits with status 1 while the volume is full of files that it cannot remove", async () => {
                    const where = volume();
                    where.write("volume/state/full", "");
                    const said = `No log line was lost. Other files fill the volume: lines are being lost uncounted.${rooms()}`;
                    const { status, stdout } = await ask(where, "check");
                    assert.deepEqual([status, stdout], [1, said]);
                    minutes(where, "volume/state/full", 12);
                    assert.equal((await ask(where, "check")).status, 0);
                });
            });
        });

        describe("log-marker.sh", () => {
            /** `psql`, with its result for each statement. */
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
                    TIMEOUT: "90",
                    MARKER: "the-marker",
                    PGHOST: "postgres",
                    PGPORT: "5432",
                });
                return { status, proof: where.read("proof/postgres") };
            };

            it("has PostgreSQL log the marker, and asks it until the marker is in the log", async () => {
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

            it("reports why it cannot connect, once the time is over", async () => {
                const refused = `echo x >>$ROOT/tries; echo "connection refused" >&2; exit 2`;
                const where = pod(refused, refused, refused);
                assert.deepEqual(await logMarker(where), {
                    status: 0,
                    proof: "postgres:5432 did not accept a connection in 90s: connection refused\n",
                });
                assert.equal(where.read("tries").split("\n").length - 1, 90);
            });

            it("reports a line that is in no log file", async () => {
                assert.deepEqual(await logMarker(pod(":", ":", "echo f")), {
                    status: 0,
                    proof: "postgres:5432 ran the statement, but no log file has the line. \n",
                });
            });
        });
    });
});
