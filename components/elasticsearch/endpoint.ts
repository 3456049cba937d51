import type * as pulumi from "@pulumi/pulumi";
import { isIP } from "node:net";

export const schemes = ["https", "http"] as const;
export type Scheme = (typeof schemes)[number];

export const elasticsearchAuths = ["basic", "apiKey", "none"] as const;
/** How clients say who they are: user and password, an API key, or not at all. */
export type ElasticsearchAuth = (typeof elasticsearchAuths)[number];

export const elasticsearchTargets = ["data-stream", "index"] as const;
/** What the lines are written to: a data stream, or one plain index for each day. */
export type ElasticsearchTarget = (typeof elasticsearchTargets)[number];

/** The name under which Elasticsearch is found in the namespace, whatever it really is. */
export const elasticsearchService = "elasticsearch";

/** Everything that the rest of the program needs to know of an Elasticsearch, wherever it runs. */
export interface ElasticsearchEndpoint {
    /** Whether it runs in the namespace of the stack. */
    inCluster: boolean;
    scheme: Scheme;
    /** What clients connect to. */
    host: string;
    port: number;
    /** The name in requests, in the TLS handshake and in the server's certificate. */
    serverName: string;
    auth: ElasticsearchAuth;
    /** Secret with the keys `username` and `password`, or `apiKey`; none without authentication. */
    credentials?: pulumi.Input<string>;
    /** ConfigMap with the key `ca.crt`; none where the system's authorities apply. */
    ca?: pulumi.Input<string>;
    target: ElasticsearchTarget;
    /** Name of the data stream, or prefix of the daily indices. */
    index: string;
}

/** What a search asks to find every line: the data stream, or all daily indices. */
export function searchPattern({ target, index }: Pick<ElasticsearchEndpoint, "target" | "index">): string {
    return target === "data-stream" ? index : `${index}-*`;
}

/** Where requests go, as a person would write it. */
export function endpointUrl({ scheme, serverName, port }: ElasticsearchEndpoint): string {
    return `${scheme}://${isIP(serverName) === 6 ? `[${serverName}]` : serverName}:${port}`;
}
