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
import { judgedByBase } from "./source/base";
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
    base?: string;
    failOn: Level[];
    json?: true;
    markdown?: true;
}

/** The plan from the source that the command names: a stack, a preview file or two renders. */
async function planOf({ stack, configFile, refresh, preview, from, to }: Options): Promise<Plan> {
    if (from !== undefined && to !== undefined) return planBetween(readSnapshot(from), readSnapshot(to));
    if (from !== undefined || to !== undefined)
        throw new Error("--from and --to go together: give two directories that `npm run render` wrote");
    if (preview !== undefined) return planFromPreview(stack ?? "the stack", readFileSync(preview, "utf8"));
    if (stack === undefined)
        throw new Error("no stack is named. Run: npm run report -- --stack <stack>, or see --help");
    const flags = [...(configFile ? ["--config-file", configFile] : []), ...(refresh ? ["--refresh"] : [])];
    return step(`previewing ${stack}`, async () => planFromPreview(stack, await runPreview(stack, flags)));
}

async function report(options: Options) {
    const { stack, base, configFile, json, markdown, failOn } = options;
    if (base !== undefined) {
        if (stack === undefined) throw new Error("--base compares one stack: add --stack <stack>");
        const flags = [json && "--json", markdown && "--markdown", "--fail-on", failOn.join(",")];
        process.exitCode = await judgedByBase(
            base,
            stack,
            configFile,
            flags.filter((flag) => flag !== undefined),
        );
        return;
    }
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
    .description("Reports what `pulumi up` would do to a stack's data, connections, addresses and logs.")
    .option("--stack <name>", "the stack; runs `pulumi preview` for it, which changes nothing")
    .option("--config-file <file>", "the stack's file, for that preview")
    .option("--refresh", "refresh that preview from the cluster's current state")
    .option("--preview <file>", "read a recorded preview: pulumi preview --json --show-sames > file")
    .option("--from <directory>", "compare two renders (npm run render): the current one")
    .option("--to <directory>", "and the new one")
    .option("--base <revision>", "compare this checkout with a git revision, whose rules judge")
    .option(
        "--fail-on <levels>",
        `exit with status 2 at any of these levels: ${levelNames.join(", ")}`,
        levelList,
        defaultFailOn,
    )
    .option("--json", "print the complete report as JSON")
    .option("--markdown", "print Markdown even on a terminal")
    .addHelpText(
        "after",
        "\nExit status: 0 by default, 1 if there is no report or the preview failed, 2 at a level of --fail-on.",
    )
    .action(report)
    .parseAsync()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    });
