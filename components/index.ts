export { DeliveryProof, type DeliveryProofArgs } from "./deliveryProof";
export {
    Elasticsearch,
    type ElasticsearchArgs,
    type ExternalElasticsearch,
    type InClusterElasticsearch,
} from "./elasticsearch/elasticsearch";
export type { ElasticsearchEndpoint } from "./elasticsearch/endpoint";
export { Monitoring, type MonitoringArgs } from "./monitoring";
export { Postgres, type PostgresArgs, type ServiceAddress } from "./postgres/postgres";
