import { Command } from "commander";
import { spawn } from "node:child_process";
import { nameOption } from "../../local/cli/nameOption";
import { StepFailed } from "../../local/environment/steps";
import { inEnvironment } from "../support/inEnvironment";

/** These tests make their own stacks. Their files run one after the other. */
const stacks = "test/e2e/.mocharc.json";
/** The short form of the ledger, at the end. */
const ledger = "test/lines/.mocharc.json";

/** Runs mocha with an environment's variables and returns its exit status. */
function mocha(config: string, variables: NodeJS.ProcessEnv, args: string[]) {
    const child = spawn("mocha", ["--config", config, ...args], { stdio: "inherit", env: variables });
    return new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (status) => {
            resolve(status ?? 1);
        });
    });
}

async function test(args: string[], environment: { name: string; context?: string }) {
    process.exitCode = await inEnvironment(environment, async (variables) => {
        const standIn = variables.PGLOG_TEST_SHIPPER_STAND_IN;
        console.log(
            `shipper: ${standIn === undefined ? "Fluent Bit" : `a stand-in for Fluent Bit, because ${standIn}`}`,
        );
        const first = await mocha(stacks, variables, args);
        if (args.includes("--spec")) return first;
        return (await mocha(ledger, variables, args)) || first;
    });
}

new Command("npm run test:e2e --")
    .description(
        "Tests on a real cluster, in separate namespaces, which they remove: the local environment's cluster, or a context of the kubeconfig.",
    )
    .addOption(nameOption())
    .option("--context <name>", "the cluster of this kubeconfig context")
    .argument("[mocha...]", "further arguments of mocha, after a second --: --grep <text>, --spec <file>")
    .action(test)
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
        process.exitCode = 1;
    });
