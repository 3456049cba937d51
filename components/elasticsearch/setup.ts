import { renderMappings } from "../logs/document";
import { searchPattern, type ElasticsearchTarget } from "./endpoint";

/** Inputs of the set-up. */
export interface ElasticsearchSetupArgs {
    target: ElasticsearchTarget;
    index: string;
    /** Days after which Elasticsearch deletes lines; 0 keeps them for ever. */
    retentionDays: number;
}

/** A request of the set-up. */
interface SetupRequest {
    method: "PUT";
    path: string;
    body: object;
    /** Extended regular expression. A refusal whose body matches it counts as success, because nothing has to be done. */
    tolerated?: string;
}

/** Higher than the priority of the built-in template for `logs-*-*` (100) and of Elastic's packages (200). */
const priority = 500;

/**
 * The requests that prepare Elasticsearch, in order. All are idempotent.
 *
 * A data stream has its own retention. Daily indices need a lifecycle policy, and distributions without index lifecycle
 * management (the plain core server, OpenSearch) refuse it.
 */
export function setupRequests({ target, index, retentionDays }: ElasticsearchSetupArgs): SetupRequest[] {
    const retention = retentionDays > 0 ? { data_retention: `${retentionDays}d` } : {};
    const settings = {
        "index.number_of_shards": 1, // so that a bulk request is accepted or refused as a whole
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
            // The template affects only new data streams; an existing one needs its own request.
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

/** File of each request's body, by the first part of the path. The names stay when requests are added or removed. */
const files = { _index_template: "template.json", _data_stream: "lifecycle.json", _ilm: "policy.json" };

/** The requests as files for setup.sh: a list with one request per line, and one file per body. */
export function renderSetup(args: ElasticsearchSetupArgs): Record<string, string> {
    const requests = setupRequests(args);
    const file = (path: string) => files[path.split("/")[1] as keyof typeof files];
    const list = requests.map(({ method, path, tolerated }) => `${method} ${path} ${file(path)} ${tolerated ?? "-"}\n`);
    return {
        requests: list.join(""),
        ...Object.fromEntries(requests.map(({ path, body }) => [file(path), `${JSON.stringify(body, null, 2)}\n`])),
    };
}
