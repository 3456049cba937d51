import { Command } from "commander";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { manifests } from "./manifests";
import { snapshotFile, type Snapshot } from "./snapshot";
import { takeSnapshot } from "./takeSnapshot";

/** Refuses to replace a directory with other files. */
function checkDirectory(directory: string) {
    if (!existsSync(directory)) return;
    const files = readdirSync(directory);
    if (files.length > 0 && !files.includes(snapshotFile))
        throw new Error(
            `${directory} has files that are not from a render; choose a different directory, or empty this one`,
        );
}

/** Writes a render to a temporary directory and then renames it, so that a reader never sees half a render. */
function write(snapshot: Snapshot, directory: string) {
    mkdirSync(dirname(directory), { recursive: true });
    const made = mkdtempSync(`${directory}.`);
    const files = manifests(snapshot);
    files.set(snapshotFile, `${JSON.stringify(snapshot, null, 2)}\n`);
    for (const [path, text] of files) {
        mkdirSync(dirname(join(made, path)), { recursive: true });
        writeFileSync(join(made, path), text);
    }
    rmSync(directory, { recursive: true, force: true });
    renameSync(made, directory);
    return files.size - 1;
}

interface Options {
    stack?: string;
    all?: true;
    out: string;
    configFile?: string;
}

/** The stacks that have a file here. */
const stacksHere = () =>
    readdirSync(".").flatMap((file) => {
        const [, stack] = /^Pulumi\.([^.]+)\.yaml$/.exec(file) ?? [];
        return stack === undefined ? [] : [stack];
    });

async function renderStack(stack: string, out: string, configFile = `Pulumi.${stack}.yaml`) {
    const directory = resolve(out);
    checkDirectory(directory);
    const { snapshot, missing } = await takeSnapshot(stack, configFile);
    const count = write(snapshot, directory);
    for (const name of missing) console.error(`note: ${name} is not set in ${configFile}; a placeholder replaces it`);
    console.error(`${stack}: ${count} Kubernetes objects in ${out}`);
}

async function render({ stack, all, out, configFile }: Options) {
    if ((stack === undefined) === (all === undefined))
        throw new Error("name one stack, or all. Run: npm run render -- --stack <stack> --out <directory>, or --all");
    if (stack !== undefined) {
        await renderStack(stack, out, configFile);
        return;
    }
    if (configFile !== undefined) throw new Error("--config-file is of one stack: replace --all by --stack <stack>");
    for (const one of stacksHere()) await renderStack(one, join(out, one));
}

new Command("npm run render --")
    .description(
        "Evaluates the program for a stack, without engine, cluster or secrets, and writes its Kubernetes manifests.",
    )
    .option("--stack <name>", "the stack")
    .option("--all", "every stack that has a Pulumi.<stack>.yaml here, each in a directory of its name in --out")
    .requiredOption("--out <directory>", "output directory; an earlier render in it is replaced")
    .option("--config-file <file>", "the stack's file (default: Pulumi.<stack>.yaml)")
    .addHelpText(
        "after",
        "\nApply them in the order of the directories: kubectl apply --server-side -f <directory>/0-namespace …",
    )
    .action(render)
    .parseAsync()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    });
