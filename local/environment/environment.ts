import { chmodSync, mkdirSync, writeFileSync, existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { delimiter, dirname, join } from "node:path";
import { environmentDirectory, pulumiHome } from "../machine/cache";
import { command } from "../machine/command";
import type { Part } from "../build/parts";

/** A place to run stacks: a cluster, an engine with its state, and the settings that stacks need there. */
export interface Environment {
    name: string;
    directory: string;
    /** Path of the engine. */
    pulumi: string;
    /** Environment variables for pulumi, kubectl and the programs that they call. */
    variables: Record<string, string>;
    /** Settings that a stack needs there. They override the stack file. */
    settings: Record<string, unknown>;
    /** Why a stand-in ships the log lines; undefined if Fluent Bit does. */
    shipperStandIn?: string;
    /** Why the provider is a stand-in; undefined if it is the official one. */
    noProvider?: string;
    /** Images of PostgreSQL by major version, for tests of upgrades. */
    otherPostgres?: Record<string, string>;
    parts: Part[];
}

/** The variables that tell a program the cluster, engine and state of an environment. */
export function variablesFor(name: string, kubeconfig: string, engineDirectory: string, programs: string) {
    const directory = environmentDirectory(name);
    const state = join(directory, "state");
    const passphrase = join(directory, "passphrase");
    mkdirSync(state, { recursive: true });
    if (!existsSync(passphrase)) writeFileSync(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
    const checkout = join(__dirname, "../..");
    const bin = join(checkout, "node_modules", ".bin");
    return {
        PGLOG_ENVIRONMENT: name,
        PGLOG_CHECKOUT: checkout,
        PGLOG_PROJECT: join(directory, "project"),
        KUBECONFIG: kubeconfig,
        // The engine starts Node by name. The Node version that this project is tested with comes first.
        PATH: [bin, engineDirectory, programs, process.env.PATH ?? ""].join(delimiter),
        PULUMI_HOME: pulumiHome,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Every plugin is installed by now. The engine would look for newer ones, which may need a network that is not
        // there.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    };
}

/** This process's variables, overridden by the environment's. The user's own passphrase and stack are left out. */
export function environmentOf({ variables }: Pick<Environment, "variables">): NodeJS.ProcessEnv {
    // Undefined rather than absent: functions that start programs add these to this process's variables.
    return { ...process.env, ...variables, PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_STACK: undefined };
}

/**
 * The variables for a shell. `pulumi` then works on the environment's copy of the project, unless a command names a
 * different directory.
 */
export function shellVariables({ directory, pulumi, variables }: Environment) {
    const bin = join(directory, "bin");
    const own = join(bin, "pulumi");
    mkdirSync(bin, { recursive: true });
    writeFileSync(own, `#!/bin/sh\nexec '${pulumi}' --cwd '${variables.PGLOG_PROJECT}' "$@"\n`);
    chmodSync(own, 0o755);
    return { ...variables, PATH: `${bin}${delimiter}${variables.PATH}` };
}

/**
 * A kubeconfig with only one context, so that no command can reach a different cluster by mistake.
 *
 * @throws if the user's kubeconfig has no such context; the error lists those that it has
 */
export async function kubeconfigOf(context: string, file: string) {
    const view = ["config", "view", "--flatten", "--minify", "--context", context];
    const names = (await command("kubectl", ["config", "get-contexts", "--output", "name"]))
        .split("\n")
        .filter(Boolean);
    if (!names.includes(context))
        throw new Error(
            `the kubeconfig has no context ${context}, only ${names.join(", ") || "none"}. See: kubectl config get-contexts`,
        );
    const own = await command("kubectl", view);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, own, { mode: 0o600 });
}
