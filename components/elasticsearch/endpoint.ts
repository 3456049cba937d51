import type * as pulumi from "@pulumi/pulumi";
import { isIP } from "node:net";

export const schemes = ["https", "http"] as const;
export type Scheme = (typeof schemes)[number];

export const elasticsearchAuths = ["basic", "apiKey", "none"] as const;
/** Authentication of clients: user and password, API key, or none. */
export type ElasticsearchAuth = (typeof elasticsearchAuths)[number];

export const elasticsearchTargets = ["data-stream", "index"] as const;
/** Destination of the lines: a data stream, or one plain index per day. */
export type ElasticsearchTarget = (typeof elasticsearchTargets)[number];

/** Name of Elasticsearch's Service in the namespace, wherever the server is. */
export const elasticsearchService = "elasticsearch";

/** Address and destination of an Elasticsearch, wherever it runs. */
export interface ElasticsearchEndpoint {
    /** True if it runs in the stack's namespace. */
    inCluster: boolean;
    scheme: Scheme;
    /** Host that clients connect to. */
    host: string;
    port: number;
    /** Name in requests, in the TLS handshake and in the server's certificate. */
    serverName: string;
    auth: ElasticsearchAuth;
    /** Secret with the keys `username` and `password`, or `apiKey`; undefined without authentication. */
    credentials?: pulumi.Input<string>;
    /** ConfigMap with the key `ca.crt`; undefined if clients use the authorities of their image. */
    ca?: pulumi.Input<string>;
    target: ElasticsearchTarget;
    /** Name of the data stream, or prefix of the daily indices. */
    index: string;
}

/** Index pattern that finds every line: the data stream, or all daily indices. */
export function searchPattern({ target, index }: Pick<ElasticsearchEndpoint, "target" | "index">): string {
    return target === "data-stream" ? index : `${index}-*`;
}

/** URL for requests. */
export function endpointUrl({ scheme, serverName, port }: ElasticsearchEndpoint): string {
    return `${scheme}://${isIP(serverName) === 6 ? `[${serverName}]` : serverName}:${port}`;
}
