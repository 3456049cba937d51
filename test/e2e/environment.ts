/**
 * The environment variables that describe the machine of the tests. The cluster is KUBECONFIG's current context. The
 * engine is the `pulumi` on PATH with its own variables.
 */
const { env } = process;

/** Images to use instead of the official ones, in the format of the configuration key `images`. */
export const images = Object.fromEntries(
    Object.entries({
        postgres: env.PGLOG_TEST_POSTGRES_IMAGE,
        fluentBit: env.PGLOG_TEST_FLUENT_BIT_IMAGE,
        elasticsearch: env.PGLOG_TEST_ELASTICSEARCH_IMAGE,
        curl: env.PGLOG_TEST_CURL_IMAGE,
    }).filter(([, image]) => image !== undefined && image !== ""),
) as Partial<Record<"postgres" | "fluentBit" | "elasticsearch" | "curl", string>>;

/** The image of a PostgreSQL major version, if it is not the official one. */
export function postgresImage(version: number): string | undefined {
    const named = version === 17 ? images.postgres : env[`PGLOG_TEST_POSTGRES_${version}_IMAGE`];
    return named === "" ? undefined : named;
}

/** The reason why this machine cannot test an upgrade to a new major version; undefined if it can. */
export const noVersions =
    images.postgres === undefined || (postgresImage(15) !== undefined && postgresImage(18) !== undefined)
        ? undefined
        : "PGLOG_TEST_POSTGRES_IMAGE is set, and not PGLOG_TEST_POSTGRES_15_IMAGE and PGLOG_TEST_POSTGRES_18_IMAGE";

/** Why the tests of log shipping cannot run here; undefined if they can. */
export const noShipper = env.PGLOG_TEST_SKIP_SHIPPING;

/** Why edits cannot be compared with their effects here: only the official provider decides what is replaced. */
export const noProvider = env.PGLOG_TEST_SKIP_REPORT;

/** 0 for an Elasticsearch without lifecycle management (the plain core server). */
export const retentionDays = env.PGLOG_TEST_RETENTION_DAYS ?? "7";
