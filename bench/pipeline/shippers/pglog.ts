import type { ElasticsearchEndpoint } from "../../../components/elasticsearch/endpoint";
import { fluentBitContainer, fluentBitFiles } from "../../../components/shipper/sidecar";
import { fluentBitPaths } from "../../../components/shipper/fluentBit";
import { logDirectory } from "../../../components/postgres/config";
import { Gi } from "../../../components/kubernetes/quantity";
import type { Shipper } from "../shipper";
import { findFluentBit } from "./fluentBit";
import { startRendered, type Rendered } from "./rendered";

// The one file here that knows how the program makes its shipper.

/**
 * The shipper as the program makes it today.
 *
 * @param inCluster whether Elasticsearch is in the same cluster: requests to any other are compressed
 */
function renderedToday(inCluster: boolean): Rendered {
    const shipper = { image: "fluent-bit", logLevel: "info" } as const;
    const endpoint: ElasticsearchEndpoint = {
        inCluster,
        scheme: "http",
        host: "elasticsearch",
        port: 9200,
        serverName: "elasticsearch",
        auth: "none",
        target: "index",
        index: "postgresql-logs-dev",
    };
    const variables = fluentBitContainer(shipper, endpoint).env as { name: string; value?: string }[];
    return {
        files: fluentBitFiles(shipper, endpoint, 4 * Gi),
        env: Object.fromEntries(variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
        config: fluentBitPaths.config,
        logs: logDirectory,
        writes: [
            ...Object.values(fluentBitPaths).filter((path) => path !== fluentBitPaths.config),
            `${fluentBitPaths.volume}/offsets`, // the log keeper makes these two
            `${fluentBitPaths.volume}/state/positions`,
        ],
    };
}

const durable = "offsets, queue";

export const pglog: Shipper = {
    id: "pglog",
    title: "pglog",
    durable,
    find: findFluentBit,
    prepare: (place, found) => startRendered(renderedToday(true), place, found),
};

export const pglogGzip: Shipper = {
    id: "pglog-gzip",
    title: "pglog, Elasticsearch elsewhere (gzip)",
    durable,
    find: findFluentBit,
    prepare: (place, found) => startRendered(renderedToday(false), place, found),
};
