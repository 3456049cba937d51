import type { ElasticsearchEndpoint } from "../../components/elasticsearch/endpoint";

/** An Elasticsearch in the cluster without authentication, with daily indices. */
export const plainEndpoint: ElasticsearchEndpoint = {
    inCluster: true,
    scheme: "http",
    host: "elasticsearch",
    port: 9200,
    serverName: "elasticsearch",
    auth: "none",
    target: "index",
    index: "logs",
};
