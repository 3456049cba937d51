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
    /** It is sent only if the answer to a GET of this path contains this text, which has no space. */
    onlyIf?: { path: string; contains: string };
    /** Extended regular expression. A refusal whose body matches it counts as success, because nothing has to be done. */
    tolerated?: string;
}

/**
 * Priority of a stack's index template: higher than that of the built-in template for `logs-*-*` (100) and of Elastic's
 * packages (200). Elasticsearch refuses two templates that match one name with one priority. Of the daily indices `x-*`
 * and `x-y-*`, the longer prefix wins.
 * Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-put-template.html
 */
const priority = (index: string) => 500 + index.length;

/**
 * The requests that prepare Elasticsearch, in any order. All are idempotent.
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
    const template = { index_patterns: [searchPattern({ target, index })], priority: priority(index) };
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
    const lifecycle = retentionDays > 0 && { "index.lifecycle.name": index };
    return [
        retentionDays > 0 ? policy(index, { min_age: `${retentionDays}d`, actions: { delete: {} } }) : keepAll(index),
        {
            method: "PUT",
            path: `/_index_template/${index}`,
            body: { ...template, template: { settings: { ...settings, ...lifecycle }, mappings } },
        },
    ];
}

const policy = (index: string, deletion?: object): SetupRequest => ({
    method: "PUT",
    path: `/_ilm/policy/${index}`,
    body: { policy: { phases: { hot: { actions: {} }, ...(deletion && { delete: deletion }) } } },
});

/**
 * Takes the deletion out of the policy of an earlier retention, where indices still have that policy. Elsewhere there is
 * nothing to do, and the user may lack the privilege.
 */
const keepAll = (index: string): SetupRequest => ({
    ...policy(index),
    onlyIf: {
        path: `/${index}-*/_settings/index.lifecycle.name?flat_settings=true`,
        contains: `"index.lifecycle.name":"${index}"`,
    },
});

/** File of each request, by the first part of the path. setup.sh sends them in the order of these names. */
const files = { _data_stream: "lifecycle.http", _ilm: "policy.http", _index_template: "template.http" };

/**
 * The requests as files for setup.sh: a line with method, path, the path and text of `onlyIf`, and `tolerated`, each `-`
 * if there is none; then the body.
 *
 * `pulumi preview --diff` prints only the lines of such a file that change, but every line of a file that is JSON.
 */
export function renderSetup(args: ElasticsearchSetupArgs): Record<string, string> {
    return Object.fromEntries(
        setupRequests(args).map(({ method, path, body, onlyIf, tolerated = "-" }) => {
            const condition = onlyIf ? `${onlyIf.path} ${onlyIf.contains}` : "- -";
            const file = files[path.split("/")[1] as keyof typeof files];
            return [file, `${method} ${path} ${condition} ${tolerated}\n${JSON.stringify(body, null, 2)}\n`];
        }),
    );
}
