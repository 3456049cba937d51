import { Command, Option } from "commander";
import { levelNames } from "../../report/effect";
import { levelList } from "../../report/levelList";
import { defaultFailOn } from "../../report/verdict";
import { endCommands } from "../machine/command";
import { printEnvironment, start, status, stop } from "./commands";
import { StepFailed } from "../environment/steps";
import { nameOption } from "./nameOption";

const program = new Command("npm start --").description(
    "Runs the stack `dev` on this machine: a one-node Kubernetes in namespaces of its own, without Docker.",
);

program
    .command("start", { isDefault: true })
    .description("bring up the environment and the stack `dev`, and prove that its log lines arrive")
    .addOption(nameOption())
    .option("--context <name>", "run the stack in the cluster of this context of the kubeconfig instead")
    .addOption(
        new Option("--accept <levels>", "change the stack though the report says this, such as data-loss,log-loss")
            .argParser(levelList)
            .default([], "none"),
    )
    .addHelpText(
        "after",
        `
Before it changes a stack that there is, it makes the report that \`npm run report\` prints. It changes nothing, prints
the report and ends with 1 where that has one of: ${defaultFailOn.join(", ")}; unless --accept names it.
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
    .description('print variables that point pulumi and kubectl of a shell at it: eval "$(npm run --silent local:env)"')
    .addOption(nameOption())
    .option("--context <name>", "print those of this context's environment")
    .action(printEnvironment);

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
    endCommands();
    process.exitCode = 1;
});
