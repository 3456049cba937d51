import { environmentSteps } from "../../local/cli/commands";
import { Cluster } from "../../local/cluster/cluster";
import { environmentOf, type Environment } from "../../local/environment/environment";
import { alone } from "../../local/environment/lock";
import { runSteps } from "../../local/environment/steps";

/** The variables that test/e2e/environment.ts reads. */
export function variablesOf({ settings, shipperStandIn, noProvider, otherPostgres = {} }: Environment) {
    const { images = {}, elasticsearchRetentionDays } = settings as {
        images?: Partial<Record<"postgres" | "curl" | "fluentBit" | "elasticsearch", string>>;
        elasticsearchRetentionDays?: number;
    };
    const variables: Record<string, string | undefined> = {
        PGLOG_TEST_POSTGRES_IMAGE: images.postgres,
        PGLOG_TEST_CURL_IMAGE: images.curl,
        PGLOG_TEST_FLUENT_BIT_IMAGE: images.fluentBit,
        PGLOG_TEST_ELASTICSEARCH_IMAGE: images.elasticsearch,
        PGLOG_TEST_POSTGRES_15_IMAGE: otherPostgres[15],
        PGLOG_TEST_POSTGRES_18_IMAGE: otherPostgres[18],
        PGLOG_TEST_RETENTION_DAYS: elasticsearchRetentionDays?.toString(),
        PGLOG_TEST_SHIPPER_STAND_IN: shipperStandIn,
        PGLOG_TEST_SKIP_REPORT: noProvider,
    };
    return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

/**
 * Starts an environment unless it runs, passes on its variables, and stops it again if it did not run before.
 *
 * @param environment the local environment of this name, or the cluster of this context of the kubeconfig
 */
export async function inEnvironment<Result>(
    { name, context }: { name: string; context?: string },
    test: (variables: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
    const cluster = new Cluster(name);
    const ran = cluster.isRunning();
    let environment: Environment | undefined;
    const steps = environmentSteps({ name, context }, (made) => (environment = made), true);
    await alone(name, () => runSteps(steps));
    try {
        return await test({ ...environmentOf(environment!), ...variablesOf(environment!) });
    } finally {
        if (context === undefined && !ran) await alone(name, () => cluster.stop(() => undefined));
    }
}
