export { DeliveryProof, type DeliveryProofArgs } from "./deliveryProof";
export {
    Elasticsearch,
    type ElasticsearchArgs,
    type ExternalElasticsearch,
    type InClusterElasticsearch,
} from "./elasticsearch";
export type { ElasticsearchEndpoint } from "./elasticsearchEndpoint";
export { Postgres, type PostgresArgs, type ServiceAddress } from "./postgres";
