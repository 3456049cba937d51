import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderSetup, setupRequests, type ElasticsearchSetupArgs } from "../../../components/elasticsearch/setup";
import { renderMappings } from "../../../components/logs/document";

const settings = {
    "index.number_of_shards": 1,
    "index.auto_expand_replicas": "0-1",
    "index.mapping.ignore_malformed": true,
    "index.codec": "best_compression",
};
const mappings = renderMappings();
const stream = (retentionDays: number): ElasticsearchSetupArgs => ({
    target: "data-stream",
    index: "logs",
    retentionDays,
});
const daily = (retentionDays: number): ElasticsearchSetupArgs => ({ target: "index", index: "logs", retentionDays });

/** What a reader of YAML makes of a text; undefined if it is none. */
function readAsYaml(text: string): unknown {
    try {
        return parse(text) as unknown;
    } catch {
        return undefined;
    }
}

describe("elasticsearchSetup", () => {
    const streamTemplate = (lifecycle: object) => ({
        method: "PUT",
        path: "/_index_template/logs",
        body: {
            index_patterns: ["logs"],
            priority: 504,
            data_stream: {},
            template: { settings, mappings, lifecycle },
        },
    });
    const dailyTemplate = (lifecycle: object) => ({
        method: "PUT",
        path: "/_index_template/logs",
        body: {
            index_patterns: ["logs-*"],
            priority: 504,
            template: { settings: { ...settings, ...lifecycle }, mappings },
        },
    });
    const cases: [string, ElasticsearchSetupArgs, object[]][] = [
        [
            "a data stream that keeps its lines for 30 days, also if it already exists",
            stream(30),
            [
                streamTemplate({ data_retention: "30d" }),
                {
                    method: "PUT",
                    path: "/_data_stream/logs/_lifecycle",
                    body: { data_retention: "30d" },
                    tolerated: "index_not_found_exception",
                },
            ],
        ],
        [
            "a data stream that keeps its lines for ever, also on an Elasticsearch without a lifecycle",
            stream(0),
            [
                streamTemplate({}),
                {
                    method: "PUT",
                    path: "/_data_stream/logs/_lifecycle",
                    body: {},
                    tolerated: "index_not_found_exception|no handler found",
                },
            ],
        ],
        [
            "daily indices that are deleted after 30 days; and their policy",
            daily(30),
            [
                {
                    method: "PUT",
                    path: "/_ilm/policy/logs",
                    body: {
                        policy: {
                            phases: {
                                hot: { actions: {} },
                                delete: { min_age: "30d", actions: { delete: {} } },
                            },
                        },
                    },
                },
                dailyTemplate({ "index.lifecycle.name": "logs" }),
            ],
        ],
        [
            "daily indices that stay, and takes the deletion out of the policy that they may have",
            daily(0),
            [
                {
                    method: "PUT",
                    path: "/_ilm/policy/logs",
                    body: { policy: { phases: { hot: { actions: {} } } } },
                    onlyIf: {
                        path: "/logs-*/_settings/index.lifecycle.name?flat_settings=true",
                        contains: '"index.lifecycle.name":"logs"',
                    },
                },
                dailyTemplate({}),
            ],
        ],
    ];
    for (const [what, args, requests] of cases)
        it(`asks for ${what}`, () => {
            assert.deepEqual(setupRequests(args), requests);
        });

    const pattern = (body: object) => body as { index_patterns: [string]; priority: number };
    const template = (target: ElasticsearchSetupArgs["target"], index: string) =>
        pattern(
            setupRequests({ target, index, retentionDays: 30 }).find(({ path }) => path.includes("template"))!.body,
        );
    /** Whether some name matches both patterns, whose only wildcard is a star at the end. */
    const overlap = (one: string, two: string) => {
        const [short, long] = [one, two].sort((left, right) => left.length - right.length) as [string, string];
        return short.endsWith("*") ? long.startsWith(short.slice(0, -1)) : short === long || two === one;
    };

    it("gives templates that match one name different priorities, so that Elasticsearch accepts both", () => {
        const names = ["x", "x-y", "x-y-z", "x-2026", "x.y", "xy", "y"];
        const templates = names.flatMap((index) => [template("index", index), template("data-stream", index)]);
        let overlaps = 0;
        for (const [at, one] of templates.entries())
            for (const two of templates.slice(at + 1)) {
                if (!overlap(one.index_patterns[0], two.index_patterns[0])) continue;
                overlaps += 1;
                assert.notEqual(one.priority, two.priority, `${one.index_patterns[0]} and ${two.index_patterns[0]}`);
            }
        assert.ok(overlaps > 5, `${overlaps} overlaps`);
        assert.ok(template("index", "x-y").priority > template("index", "x").priority, "the longer prefix wins");
    });

    for (const args of [stream(30), stream(0), daily(30), daily(0)])
        it(`writes the requests as files: ${args.target}, ${args.retentionDays} days`, () => {
            const files = renderSetup(args);
            const requests = Object.values(files).map((text) => {
                const [line, ...body] = text.split("\n");
                const [method, path, condition, contains, ...tolerated] = line!.split(" ");
                return {
                    method,
                    path,
                    body: JSON.parse(body.join("\n")) as object,
                    onlyIf: { path: condition, contains },
                    tolerated: tolerated.join(" "),
                };
            });
            assert.deepEqual(
                requests,
                // scripts.test.ts tests what setup.sh makes of a dash.
                setupRequests(args).map((request) => ({
                    ...request,
                    onlyIf: request.onlyIf ?? { path: "-", contains: "-" },
                    tolerated: request.tolerated ?? "-",
                })),
            );
            for (const [file, text] of Object.entries(files)) {
                assert.match(file, /^[a-z]+\.http$/);
                // A preview would print all of a map or a list, and not only the lines that change.
                assert.notEqual(typeof readAsYaml(text), "object", file);
            }
        });
});
