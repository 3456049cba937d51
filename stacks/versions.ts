import type { PostgresVersion } from "../components/postgres/config";

/** Minor release of each major version of PostgreSQL. */
export const postgresReleases: Record<PostgresVersion, string> = {
    15: "15.18",
    16: "16.14",
    17: "17.11",
    18: "18.6",
};
export const fluentBitVersion = "5.1.1";
export const elasticsearchVersion = "8.19.21";

/**
 * Official images of PostgreSQL.
 *
 * All come from one Debian release, because each C library has its own sort order. An index that was built under one
 * sort order is wrong under the next.
 */
export const postgresImages: Record<PostgresVersion, string> = {
    15: `postgres:${postgresReleases[15]}-bookworm`,
    16: `postgres:${postgresReleases[16]}-bookworm`,
    17: `postgres:${postgresReleases[17]}-bookworm`,
    18: `postgres:${postgresReleases[18]}-bookworm`,
};

/** Official images of the other programs. */
export const otherImages = {
    fluentBit: `fluent/fluent-bit:${fluentBitVersion}`,
    elasticsearch: `elasticsearch:${elasticsearchVersion}`,
    curl: "curlimages/curl:8.9.1",
};
