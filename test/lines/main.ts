import { Command } from "commander";
import { StepFailed } from "../../local/environment/steps";
import { inEnvironment } from "../support/inEnvironment";
import { withOptions, type Options } from "./options";

async function test(options: Options) {
    await inEnvironment(options, async (variables) => {
        for (const name of Object.keys(process.env))
            if (!(name in variables)) Reflect.deleteProperty(process.env, name);
        Object.assign(process.env, variables);
        // The imported modules read the variables when they load.
        const { runLedger } = await import("./run.js");
        const { passed, failed, skipped, problems } = await runLedger(options);
        console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
        process.exitCode = failed > 0 || problems.length > 0 ? 1 : 0;
    });
}

withOptions(new Command("npm run test:lines --"))
    .description(
        "Counts PostgreSQL's log lines in Elasticsearch through faults of every kind, in separate namespaces: each acknowledged statement must be there exactly once.",
    )
    .action(test)
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error instanceof StepFailed ? `\n${error.explanation}` : (error as Error).message);
        process.exitCode = 1;
    });
