import { Command, InvalidArgumentError, Option } from "commander";
import { endCommands } from "../machine/command";
import { printEnvironment, start, status, stop } from "./commands";
import { StepFailed } from "../environment/steps";

/** A name that can be part of the names of files, control groups and contexts. */
function environmentName(text: string) {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(text))
        throw new InvalidArgumentError("It is of lower-case letters, digits and hyphens, 31 at most.");
    return text;
}

const program = new Command("npm start --").description(
    "Runs the stack `dev` on this machine: a one-node Kubernetes in namespaces of its own, without Docker.",
);
const name = () =>
    new Option("--name <name>", "which local environment")
        .env("PGLOG_NAME")
        .argParser(environmentName)
        .default("local");

program
    .command("start", { isDefault: true })
    .description("bring up the environment and the stack `dev`, and prove that its log lines arrive")
    .addOption(name())
    .option("--context <name>", "run the stack in the cluster of this context of the kubeconfig instead")
    .action(start);
program
    .command("stop")
    .description("stop every process of the environment; what its databases stored stays for the next start")
    .addOption(name())
    .option("--delete", "take away what they stored, too")
    .option("--context <name>", "with --delete: destroy the stack in the cluster of this context")
    .action(stop);
program.command("status").description("say what runs, and where its parts come from").addOption(name()).action(status);
program
    .command("env")
    .description('print what points pulumi and kubectl of a shell at it: eval "$(npm run --silent local:env)"')
    .addOption(name())
    .option("--context <name>", "of the environment of this context")
    .action(printEnvironment);

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
    endCommands();
    process.exitCode = 1;
});
