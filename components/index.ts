export { DeliveryProof, type DeliveryProofArgs } from "./deliveryProof";
export {
    Elasticsearch,
    type ElasticsearchArgs,
    type ExternalElasticsearch,
    type InClusterElasticsearch,
} from "./elasticsearch/elasticsearch";
export type { ElasticsearchEndpoint } from "./elasticsearch/endpoint";
export { Postgres, type PostgresArgs, type ServiceAddress } from "./postgres/postgres";
