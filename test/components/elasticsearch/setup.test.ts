import assert from "node:assert/strict";
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

describe("elasticsearchSetup", () => {
    const streamTemplate = (lifecycle: object) => ({
        method: "PUT",
        path: "/_index_template/logs",
        body: {
            index_patterns: ["logs"],
            priority: 500,
            data_stream: {},
            template: { settings, mappings, lifecycle },
        },
    });
    const dailyTemplate = (lifecycle: object) => ({
        method: "PUT",
        path: "/_index_template/logs",
        body: {
            index_patterns: ["logs-*"],
            priority: 500,
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
            "daily indices that are deleted after 30 days; the policy is created before the template that names it",
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
        ["daily indices that are kept, without a policy", daily(0), [dailyTemplate({})]],
    ];
    for (const [what, args, requests] of cases)
        it(`asks for ${what}`, () => {
            assert.deepEqual(setupRequests(args), requests);
        });

    for (const args of [stream(30), stream(0), daily(30), daily(0)])
        it(`writes the requests as files: ${args.target}, ${args.retentionDays} days`, () => {
            const { requests, ...files } = renderSetup(args);
            const lines = requests!.trimEnd().split("\n");
            assert.deepEqual(
                lines.map((line) => {
                    const [method, path, file, ...tolerated] = line.split(" ");
                    return { method, path, body: JSON.parse(files[file!]!) as object, tolerated: tolerated.join(" ") };
                }),
                // This file and setup.sh must agree on the text for "nothing is tolerated": see scripts.test.ts.
                setupRequests(args).map((request, i) => ({
                    ...request,
                    tolerated: request.tolerated ?? lines[i]!.split(" ")[3],
                })),
            );
            assert.equal(Object.keys(files).length, lines.length, "no file if there is no request");
        });
});
