import { Command } from "commander";
import { spawn } from "node:child_process";
import { alone, environmentSteps } from "../../local/commands";
import { Cluster } from "../../local/cluster";
import { environmentOf, type Environment } from "../../local/environment";
import { runSteps, StepFailed } from "../../local/steps";

/** What test/e2e/environment.ts reads, for an environment. */
function variablesOf({ settings, noShipper, noProvider, otherPostgres = {} }: Environment): Record<string, string> {
    const { images = {}, elasticsearchRetentionDays } = settings as {
        images?: Partial<Record<"postgres" | "curl" | "fluentBit" | "elasticsearch", string>>;
        elasticsearchRetentionDays?: number;
    };
    const variables = {
        PGLOG_TEST_POSTGRES_IMAGE: images.postgres,
        PGLOG_TEST_CURL_IMAGE: images.curl,
        PGLOG_TEST_FLUENT_BIT_IMAGE: images.fluentBit,
        PGLOG_TEST_ELASTICSEARCH_IMAGE: images.elasticsearch,
        PGLOG_TEST_POSTGRES_15_IMAGE: otherPostgres[15],
        PGLOG_TEST_POSTGRES_18_IMAGE: otherPostgres[18],
        PGLOG_TEST_RETENTION_DAYS: elasticsearchRetentionDays?.toString(),
        PGLOG_TEST_SKIP_SHIPPING: noShipper,
        PGLOG_TEST_SKIP_REPORT: noProvider,
    };
    return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
    >;
}

/** Runs mocha in an environment and returns how it ended. */
function mocha(environment: Environment, args: string[]) {
    const child = spawn("mocha", ["--config", "test/e2e/.mocharc.json", ...args], {
        stdio: "inherit",
        env: { ...environmentOf(environment), ...variablesOf(environment) },
    });
    return new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (status) => {
            resolve(status ?? 1);
        });
    });
}

async function test(args: string[], { context }: { context?: string }) {
    const cluster = new Cluster("local");
    const ran = cluster.isRunning();
    let environment: Environment | undefined;
    const steps = environmentSteps({ name: "local", context }, (made) => (environment = made), true);
    await alone("local", () => runSteps(steps));
    try {
        process.exitCode = await mocha(environment!, args);
    } finally {
        if (context === undefined && !ran) await alone("local", () => cluster.stop(() => undefined));
    }
}

new Command("npm run test:e2e --")
    .description(
        "Tests on a real cluster, in namespaces of their own, which they remove: the local environment's, or one that is named.",
    )
    .option("--context <name>", "the cluster of this context of the kubeconfig")
    .argument("[mocha...]", "further arguments of mocha, after another --: --grep <text>, --spec <file>")
    .action(test)
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
        process.exitCode = 1;
    });
