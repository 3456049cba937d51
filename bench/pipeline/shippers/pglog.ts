import type { ElasticsearchEndpoint } from "../../../components/elasticsearch/endpoint";
import { Gi } from "../../../components/kubernetes/quantity";
import { logDirectory } from "../../../components/logs/files";
import { shipperPaths } from "../../../components/shipper/fluentBit";
import { shipperContainer, shipperFiles } from "../../../components/shipper/shipper";
import type { Found, RunPlace, Shipper } from "../shipper";
import { findFluentBit } from "./fluentBit";
import { startRendered, type Rendered } from "./rendered";

// The only file here that knows how the program creates its shipper.

/**
 * The shipper that the program creates today.
 *
 * @param inCluster true if Elasticsearch is in the same cluster; requests to any other are compressed
 */
function renderedToday(inCluster: boolean, index = "postgresql-logs-dev"): Rendered {
    const endpoint: ElasticsearchEndpoint = {
        inCluster,
        scheme: "http",
        host: "elasticsearch",
        port: 9200,
        serverName: "elasticsearch",
        auth: "none",
        target: "index",
        index,
    };
    const shipper = { image: "fluent-bit", logLevel: "info", endpoint } as const;
    const variables = shipperContainer(shipper).env as { name: string; value?: string }[];
    return {
        files: shipperFiles(shipper, 4 * Gi),
        env: Object.fromEntries(variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
        config: shipperPaths.config,
        logs: logDirectory,
        writes: [
            ...Object.values(shipperPaths).filter((path) => path !== shipperPaths.config),
            `${shipperPaths.volume}/offsets`, // the log keeper creates these two
            `${shipperPaths.volume}/state/positions`,
        ],
    };
}

/** Prepares the shipper for an index of this name. */
export const pglogTo = (index: string, place: RunPlace, found: Found) =>
    startRendered(renderedToday(true, index), place, found);

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
