import { Command } from "commander";
import { pipelineCommand } from "./pipeline/command";
import { previewCommand } from "./preview/command";
import { stackCommand } from "./stack/command";
import { summaryCommand } from "./summary/command";

new Command("npm run bench --")
    .description("Measures what the program costs, on this machine.")
    .addCommand(pipelineCommand())
    .addCommand(previewCommand())
    .addCommand(stackCommand())
    .addCommand(summaryCommand())
    .parseAsync()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    });
