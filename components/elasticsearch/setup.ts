import { searchPattern, type ElasticsearchTarget } from "./endpoint";
import { renderMappings } from "../logs/document";

/** What Elasticsearch is told about the logs. */
export interface ElasticsearchSetupArgs {
    target: ElasticsearchTarget;
    index: string;
    /** Days after which lines are deleted; 0 keeps them for ever. */
    retentionDays: number;
}

/** One request of the set-up. */
interface SetupRequest {
    method: "PUT";
    path: string;
    body: object;
    /** Extended regular expression for the answer of a refusal that means there is nothing to do. */
    tolerated?: string;
}

/** Above the built-in template for `logs-*-*` (100) and those of Elastic's packages (200). */
const priority = 500;

/**
 * The requests that prepare Elasticsearch, in order. Each may be sent again at any time.
 *
 * A data stream carries its retention itself; daily indices are deleted by a lifecycle policy, which a distribution
 * without index lifecycle management (the plain core server, OpenSearch) lacks.
 */
export function setupRequests({ target, index, retentionDays }: ElasticsearchSetupArgs): SetupRequest[] {
    const retention = retentionDays > 0 ? { data_retention: `${retentionDays}d` } : {};
    const settings = {
        "index.number_of_shards": 1, // a bulk request is then accepted or refused as one
        "index.auto_expand_replicas": "0-1",
        "index.mapping.ignore_malformed": true,
        "index.codec": "best_compression",
    };
    const template = { index_patterns: [searchPattern({ target, index })], priority };
    const mappings = renderMappings();
    if (target === "data-stream")
        return [
            {
                method: "PUT",
                path: `/_index_template/${index}`,
                body: { ...template, data_stream: {}, template: { settings, mappings, lifecycle: retention } },
            },
            // The template is for a stream to come: the first line makes it. One that is there is told by itself.
            {
                method: "PUT",
                path: `/_data_stream/${index}/_lifecycle`,
                body: retention,
                tolerated:
                    retentionDays > 0 ? "index_not_found_exception" : "index_not_found_exception|no handler found",
            },
        ];
    const policy: SetupRequest = {
        method: "PUT",
        path: `/_ilm/policy/${index}`,
        body: {
            policy: {
                phases: { hot: { actions: {} }, delete: { min_age: `${retentionDays}d`, actions: { delete: {} } } },
            },
        },
    };
    const lifecycle = retentionDays > 0 && { "index.lifecycle.name": index };
    return [
        ...(lifecycle ? [policy] : []),
        {
            method: "PUT",
            path: `/_index_template/${index}`,
            body: { ...template, template: { settings: { ...settings, ...lifecycle }, mappings } },
        },
    ];
}

/** Files of the requests' bodies, by what a request is about: a name that stays when a request comes or goes. */
const files = { _index_template: "template.json", _data_stream: "lifecycle.json", _ilm: "policy.json" };

/** The same as files: a list of requests, one a line, and a file for each body. */
export function renderSetup(args: ElasticsearchSetupArgs): Record<string, string> {
    const requests = setupRequests(args);
    const file = (path: string) => files[path.split("/")[1] as keyof typeof files];
    const list = requests.map(({ method, path, tolerated }) => `${method} ${path} ${file(path)} ${tolerated ?? "-"}\n`);
    return {
        requests: list.join(""),
        ...Object.fromEntries(requests.map(({ path, body }) => [file(path), `${JSON.stringify(body, null, 2)}\n`])),
    };
}
