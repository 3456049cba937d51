import type { ListrTask } from "listr2";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Level } from "../../report/effect";
import { reportOf } from "../../report/report";
import { cache, environmentDirectory } from "../machine/cache";
import { Cluster } from "../cluster/cluster";
import { command } from "../machine/command";
import { environmentOf, shellVariables, type Environment } from "../environment/environment";
import { connection } from "../environment/connection";
import { contextName, kubeContextSteps } from "../environment/context";
import { renderFirstStart } from "../environment/firstStart";
import { localEnvironmentSteps, missingHere } from "../environment/local";
import { alone } from "../environment/lock";
import { renderLines } from "./logLines";
import { addressOfPostgres, shownKinds, type KubernetesObject } from "./objects";
import { renderNamespace, renderPage, type Result } from "./page";
import { renderParts } from "./parts";
import { checkConsent } from "../environment/consent";
import { Stack } from "../environment/stack";
import { lastLine, named, runSteps } from "../environment/steps";
import { lineOf } from "../../logs/line";
import { queryOf } from "../../logs/query";
import { newest } from "../../logs/search";
import { open } from "../../logs/source/stack";

interface Options {
    name: string;
    context?: string;
}

/** The file that describes the environment after its last start, for commands that only read it. */
const record = (name: string) => join(environmentDirectory(name), "environment.json");

function remember(environment: Environment) {
    writeFileSync(record(environment.name), JSON.stringify(environment, null, 2));
}

function remembered(name: string): Environment {
    if (!existsSync(record(name))) throw new Error(`there is no environment ${name} in ${cache}. Run: npm start`);
    return JSON.parse(readFileSync(record(name), "utf8")) as Environment;
}

const nameOf = ({ name, context }: Options) => (context === undefined ? name : contextName(context));
const flagsOf = ({ name, context }: Options) =>
    context !== undefined ? `--context ${context}` : name === "local" ? "" : `--name ${name}`;

/** The steps that make an environment, for this command and for the end-to-end tests. */
export function environmentSteps(
    options: Options,
    done: (environment: Environment) => void,
    forTests = false,
): ListrTask[] {
    const keep = (environment: Environment) => {
        mkdirSync(environment.directory, { recursive: true });
        remember(environment);
        done(environment);
    };
    return options.context === undefined
        ? localEnvironmentSteps(options.name, keep, forTests)
        : kubeContextSteps(options.context, keep);
}

/**
 * Brings up the environment and the stack.
 *
 * @param options `accept`: levels of the report that may not stop the change
 */
export async function start(options: Options & { accept: Level[] }) {
    const name = nameOf(options);
    await alone(name, async () => {
        const wasRunning = new Cluster(name).isRunning();
        let result: Partial<Result> = { flags: flagsOf(options) };
        const missing = options.context === undefined ? await missingHere() : [];
        if (missing.length > 0) console.log(`${renderFirstStart(missing, cache)}\n`);
        await runSteps([
            ...environmentSteps(options, (environment) => (result = { ...result, environment })),
            named({
                title: "Stack dev: what would change",
                task: async () => {
                    const stack = new Stack("dev", result.environment!);
                    stack.prepare();
                    const plan = await stack.plan();
                    if (plan !== undefined) checkConsent(reportOf(plan), options.accept, flagsOf(options));
                },
            }),
            named(
                {
                    title: "Stack dev: pulumi up",
                    task: async (_, task) => {
                        const environment = result.environment!;
                        const stack = new Stack("dev", environment);
                        const log = join(environment.directory, "logs", "pulumi-up.log");
                        const onLine = lastLine(task);
                        const changed = await stack.up({ log, onLine }, options.context === undefined && !wasRunning);
                        result = { ...result, changed, ...(await stateOf(stack, environment, options)) };
                    },
                },
                "Run `npm start` again. To see what runs: npm run status",
            ),
            named(
                {
                    title: "The last log lines",
                    task: async () => {
                        const env = environmentOf(result.environment!);
                        const elasticsearch = await open("dev", result.outputs, { env });
                        try {
                            const hits = await newest(elasticsearch, queryOf({}), 5);
                            result = { ...result, lines: renderLines(hits.reverse().map(lineOf)) };
                        } finally {
                            elasticsearch.close();
                        }
                    },
                },
                "Run `npm start` again",
            ),
        ]);
        console.log(`\n${renderPage(result as Result)}`);
    });
}

/** Destroys the stack in the cluster of a context, and deletes its environment. */
async function destroy(environment: Environment, context: string) {
    await runSteps([
        named(
            {
                title: `Stack dev in ${context}: pulumi destroy`,
                task: async (_, task) => {
                    const log = join(environment.directory, "logs", "pulumi-destroy.log");
                    await new Stack("dev", environment).destroy({ log, onLine: lastLine(task) });
                    rmSync(environment.directory, { recursive: true });
                },
            },
            `Run this again: npm stop -- --context ${context} --delete`,
        ),
    ]);
}

/** The state of a running stack, for the page. */
async function stateOf(stack: Stack, environment: Environment, { context }: Options) {
    const outputs = await stack.outputs();
    const kubectl = (...args: string[]) =>
        command("kubectl", ["--namespace", outputs.namespace, ...args], { env: environmentOf(environment) });
    await kubectl("rollout", "status", "deployment/postgres", "--timeout=120s");
    const { items: objects } = JSON.parse(await kubectl("get", shownKinds, "--output=json")) as {
        items: KubernetesObject[];
    };
    // This machine has a route to the network of a local cluster. For a cluster from a kubeconfig this is not known.
    const address = context === undefined ? addressOfPostgres(objects) : undefined;
    return {
        outputs,
        objects,
        connect: connection(environment.directory, await stack.connectionUri(), address),
        logVolume: await logVolumeStatus(environment, outputs.namespace),
    };
}

export async function stop(options: Options & { delete?: true }) {
    const name = nameOf(options);
    if (options.context !== undefined) {
        if (!options.delete)
            throw new Error(
                `nothing of context ${options.context} runs on this machine. To destroy the stack there: npm stop -- --context ${options.context} --delete`,
            );
        await alone(name, () => destroy(remembered(name), options.context!));
        return;
    }
    await alone(name, async () => {
        const cluster = new Cluster(name);
        const ran = cluster.isRunning();
        await runSteps([
            {
                title: `One-node cluster ${name}`,
                task: async (_, task) => cluster.stop(lastLine(task)),
            },
        ]);
        if (options.delete) cluster.delete();
        console.log(
            options.delete
                ? `environment ${name} and its databases are deleted`
                : `environment ${name} ${ran ? "has stopped" : "did not run"}. Its databases are in ${environmentDirectory(name)}. Start it again: npm start. Delete it: npm stop -- --delete`,
        );
    });
}

export async function status(options: Options) {
    const environment = remembered(options.name);
    const cluster = new Cluster(options.name);
    const running = cluster.programs();
    const ends = running.filter(({ runs }) => !runs).map(({ name }) => name);
    console.log(
        ends.length === 0
            ? `environment ${options.name} runs: its node is ${cluster.network!.node}`
            : ends.length === running.length
              ? `environment ${options.name} does not run. Run: npm start`
              : `environment ${options.name} runs in part: ${ends.join(", ")} ended (logs in ${cluster.paths.logs}). Run: npm start`,
    );
    console.log(renderParts(environment.parts));
    if (ends.length > 0) {
        process.exitCode = 3; // `systemctl status` uses this status for a unit that does not run
        return;
    }
    const kubectl = (...args: string[]) => command("kubectl", args, { env: environmentOf(environment) });
    const databases = ["deployments", "--all-namespaces", "--field-selector=metadata.name=postgres"];
    const namespaces = await kubectl("get", ...databases, "--output=jsonpath={.items[*].metadata.namespace}");
    for (const namespace of namespaces.split(" ").filter(Boolean)) {
        const { items } = JSON.parse(await kubectl("--namespace", namespace, "get", shownKinds, "--output=json")) as {
            items: KubernetesObject[];
        };
        console.log(`\n${renderNamespace(namespace, items, await logVolumeStatus(environment, namespace))}`);
    }
}

/** The log keeper's report for a namespace: lost lines, and how full the log volume is. */
async function logVolumeStatus(environment: Environment, namespace: string) {
    const pod = ["--namespace", namespace, "exec", "deployment/postgres", "--container", "log-keeper"];
    try {
        return (
            await command("kubectl", [...pod, "--", "bash", "/scripts/log-keeper.sh", "status"], {
                env: environmentOf(environment),
            })
        ).trim();
    } catch (error) {
        return `not known: ${(error as Error).message}`;
    }
}

export function printEnvironment(options: Options) {
    const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    for (const [name, value] of Object.entries(shellVariables(remembered(nameOf(options)))))
        console.log(`export ${name}=${quoted(value)}`);
    console.log("unset PULUMI_CONFIG_PASSPHRASE PULUMI_STACK");
}
