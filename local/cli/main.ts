import { Command, Option } from "commander";
import { levelNames } from "../../report/effect";
import { levelList } from "../../report/levelList";
import { defaultFailOn } from "../../report/verdict";
import { endCommands } from "../machine/command";
import { printEnvironment, start, status, stop } from "./commands";
import { StepFailed } from "../environment/steps";
import { nameOption } from "./nameOption";

const program = new Command("npm start --").description(
    "Runs the stack `dev` on this machine: a one-node Kubernetes in separate namespaces, without Docker.",
);

program
    .command("start", { isDefault: true })
    .description("bring up the environment and the stack `dev`, and prove that its log lines arrive")
    .addOption(nameOption())
    .option("--context <name>", "run the stack in the cluster of this kubeconfig context instead")
    .addOption(
        new Option("--accept <levels>", "accept these levels of the report, such as data-loss,log-loss")
            .argParser(levelList)
            .default([], "none"),
    )
    .addHelpText(
        "after",
        `
Before it changes an existing stack, it makes the report of \`npm run report\`. If the report has one of these levels
and --accept does not name it, it prints the report, changes nothing and exits with status 1: ${defaultFailOn.join(", ")}.
Levels of the report: ${levelNames.join(", ")}.`,
    )
    .action(start);
program
    .command("stop")
    .description("stop every process of the environment, and keep its databases for the next start")
    .addOption(nameOption())
    .option("--delete", "also delete the databases")
    .option("--context <name>", "with --delete: destroy the stack in the cluster of this context")
    .action(stop);
program
    .command("status")
    .description("show what runs, and where its parts come from")
    .addOption(nameOption())
    .action(status);
program
    .command("env")
    .description('print variables for pulumi and kubectl in a shell: eval "$(npm run --silent local:env)"')
    .addOption(nameOption())
    .option("--context <name>", "print the variables for the environment of this context")
    .action(printEnvironment);

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
    endCommands();
    process.exitCode = 1;
});
