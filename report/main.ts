import { Command } from "commander";
import { readFileSync } from "node:fs";
import { readSnapshot } from "../render/snapshot";
import type { Plan } from "./change";
import { levelNames, type Level } from "./effect";
import { levelList } from "./levelList";
import { renderMarkdown } from "./print/markdown";
import { renderFor } from "./print/screen";
import { step } from "./progress";
import { failing, reportOf } from "./report";
import { planFromPreview, runPreview } from "./source/preview";
import { planBetween } from "./source/snapshots";
import { defaultFailOn } from "./verdict";

interface Options {
    stack?: string;
    configFile?: string;
    refresh?: true;
    preview?: string;
    from?: string;
    to?: string;
    failOn: Level[];
    json?: true;
    markdown?: true;
}

/** The plan from whichever of the three sources the command names. */
async function planOf({ stack, configFile, refresh, preview, from, to }: Options): Promise<Plan> {
    if (from !== undefined && to !== undefined) return planBetween(readSnapshot(from), readSnapshot(to));
    if (from !== undefined || to !== undefined)
        throw new Error("--from and --to go together: two directories that `npm run render` wrote");
    if (preview !== undefined) return planFromPreview(stack ?? "the stack", readFileSync(preview, "utf8"));
    if (stack === undefined)
        throw new Error("no stack is named. Run: npm run report -- --stack <stack>, or see --help");
    const flags = [...(configFile ? ["--config-file", configFile] : []), ...(refresh ? ["--refresh"] : [])];
    return step(`previewing ${stack}`, async () => planFromPreview(stack, await runPreview(stack, flags)));
}

async function report(options: Options) {
    const made = reportOf(await planOf(options));
    const { plan, verdict, rows, levels } = made;
    if (options.json)
        console.log(
            JSON.stringify(
                { stack: plan.stack, verdict, levels, rows, changes: plan.changes, errors: plan.errors },
                null,
                2,
            ),
        );
    else process.stdout.write(options.markdown ? renderMarkdown(made) : renderFor(process.stdout, made));
    process.exitCode = plan.errors.length > 0 ? 1 : failing(made, options.failOn) ? 2 : 0;
}

new Command("npm run report --")
    .description("Says what `pulumi up` would do to a stack's data, connections, addresses and logs, before it does.")
    .option("--stack <name>", "the stack; runs `pulumi preview` for it, which changes nothing")
    .option("--config-file <file>", "the stack's file, for that preview")
    .option("--refresh", "compare with what is really in the cluster, in that preview")
    .option("--preview <file>", "read a preview instead: pulumi preview --json --show-sames > file")
    .option("--from <directory>", "compare two renders instead (npm run render): what is there now")
    .option("--to <directory>", "and what would be there")
    .option("--fail-on <levels>", `exit with 2 at any of these: ${levelNames.join(", ")}`, levelList, defaultFailOn)
    .option("--json", "print everything for machines")
    .option("--markdown", "print Markdown also on a terminal")
    .addHelpText(
        "after",
        "\nExit status: 0, 2 at a level of --fail-on, 1 where there is no report or the preview failed.",
    )
    .action(report)
    .parseAsync()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    });
