import spawn from "nano-spawn";
import { spawn as start } from "node:child_process";
import { once } from "node:events";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A stack whose state says that all of it exists. */
export interface MadeStack {
    /** Its name in the result. */
    title: string;
    /** Arguments and environment of every command of pulumi for it. */
    args: string[];
    env: NodeJS.ProcessEnv;
}

/** The smallest program with the same provider, as `pulumi new kubernetes-typescript` starts one. */
const minimal = {
    "Pulumi.yaml": "name: minimal\nruntime: nodejs\n",
    "Pulumi.minimal.yaml": "",
    "index.ts": `import * as k8s from "@pulumi/kubernetes";

new k8s.core.v1.ConfigMap("one", { metadata: { namespace: "default" }, data: { one: "1" } });
`,
};

/** Files of this program. An earlier version lacks some. */
const parts = ["Pulumi.yaml", "components", "index.ts", "package.json", "stacks", "start", "tsconfig.json"];

/**
 * Makes the stacks in a temporary directory, which it removes at the end. No cluster is needed.
 *
 * @param settings by stack, beside those in its file
 */
export async function withStacks<T>(
    project: string,
    names: string[],
    use: (stacks: MadeStack[]) => Promise<T>,
    settings: Record<string, Record<string, string>> = {},
) {
    const directory = mkdtempSync(join(tmpdir(), "pglog-bench-"));
    const command = join(__dirname, "../../start/command.cjs");
    const provider = start(process.execPath, [command, "bench/preview/echoProvider.ts"], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    try {
        const [port] = (await Promise.race([once(provider.stdout, "data"), once(provider, "exit")])) as [
            Buffer | number,
        ];
        if (!Buffer.isBuffer(port)) throw new Error(`the provider ended with status ${port}`);
        const env = {
            ...process.env,
            PULUMI_BACKEND_URL: `file://${directory}`,
            PULUMI_CONFIG_PASSPHRASE: "bench",
            PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
        };
        const echo = { ...env, PULUMI_DEBUG_PROVIDERS: `kubernetes:${port.toString().trim()}` };
        const made: MadeStack[] = [];
        for (const name of names) {
            const folder = join(directory, name);
            mkdirSync(folder);
            (name === "minimal" ? writeMinimal : linkProgram)(folder, resolve(project), name);
            const args = ["--cwd", folder, "--stack", name, "--non-interactive"];
            const pulumi = (...command: string[]) =>
                spawn("pulumi", [...command, ...args], { env: echo }).catch((error: unknown) => {
                    throw new Error((error as { output: string }).output, { cause: error });
                });
            await spawn("pulumi", ["stack", "init", name, "--cwd", folder, "--non-interactive"], { env: echo });
            for (const key of secrets[name] ?? []) await pulumi("config", "set", "--secret", key, "secret");
            for (const [key, value] of Object.entries(settings[name] ?? {})) await pulumi("config", "set", key, value);
            await pulumi("up", "--yes", "--skip-preview");
            made.push({ title: name, args, env });
        }
        return await use(made);
    } finally {
        provider.kill();
        rmSync(directory, { recursive: true });
    }
}

/** The secrets that the stack files lack. */
const secrets: Record<string, string[]> = { prod: ["elasticsearchApiKey"], staging: ["elasticsearchPassword"] };

function linkProgram(folder: string, project: string, name: string) {
    for (const part of [...parts, "node_modules"])
        if (existsSync(join(project, part))) symlinkSync(join(project, part), join(folder, part));
    copyFileSync(join(project, `Pulumi.${name}.yaml`), join(folder, `Pulumi.${name}.yaml`));
}

function writeMinimal(folder: string, project: string) {
    for (const [file, text] of Object.entries(minimal)) writeFileSync(join(folder, file), text);
    copyFileSync(join(project, "tsconfig.json"), join(folder, "tsconfig.json"));
    const { dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
        dependencies: object;
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ main: "index.ts", dependencies }));
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
}
