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
    stack: string;
    out: string;
    configFile?: string;
}

async function render({ stack, out, configFile = `Pulumi.${stack}.yaml` }: Options) {
    const directory = resolve(out);
    checkDirectory(directory);
    const { snapshot, missing } = await takeSnapshot(stack, configFile);
    const count = write(snapshot, directory);
    for (const name of missing) console.error(`note: ${name} is not set in ${configFile}; a placeholder replaces it`);
    console.error(`${stack}: ${count} Kubernetes objects in ${out}`);
}

new Command("npm run render --")
    .description(
        "Evaluates the program for a stack, without engine, cluster or secrets, and writes its Kubernetes manifests.",
    )
    .requiredOption("--stack <name>", "the stack")
    .requiredOption("--out <directory>", "output directory; an earlier render in it is replaced")
    .option("--config-file <file>", "the stack file (default: Pulumi.<stack>.yaml)")
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
