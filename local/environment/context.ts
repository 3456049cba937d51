import type { ListrTask } from "listr2";
import { join } from "node:path";
import { environmentDirectory, programs } from "../machine/cache";
import { kubeconfigOf, variablesFor, type Environment } from "./environment";
import { officialSource, reachStep } from "../build/official";
import { builtEngine, findEngine, missingPulumi, plugins } from "../build/pulumi";
import { allNamed, lastLine } from "./steps";

/** Name of this machine's environment for the stacks of a context. */
export const contextName = (context: string) => `context-${context.replace(/[^\w.-]/g, "_")}`;

/**
 * The steps that make an environment for a cluster of the user's kubeconfig: official images, an engine, and a separate
 * state.
 */
export function kubeContextSteps(context: string, done: (environment: Environment) => void): ListrTask[] {
    const name = contextName(context);
    const directory = environmentDirectory(name);
    const kubeconfig = join(directory, "kubeconfig");
    const source = officialSource();
    return allNamed([
        {
            title: `Context ${context}`,
            task: () => kubeconfigOf(context, kubeconfig),
        },
        reachStep(source, () => missingPulumi(source)),
        {
            title: "Pulumi",
            task: async (_, task) => {
                const onLine = lastLine(task);
                const found = await findEngine(source, onLine);
                const engine = found.engine ?? (await builtEngine(onLine, found.because));
                const providers = await plugins(join(engine.directory, "pulumi"), source, onLine);
                done({
                    name,
                    directory,
                    pulumi: join(engine.directory, "pulumi"),
                    variables: variablesFor(name, kubeconfig, engine.directory, programs),
                    settings: {},
                    ...(providers.some(({ origin }) => origin === "stand-in") && {
                        noProvider: "a provider of this machine is a stand-in",
                    }),
                    parts: [...engine.parts, ...providers],
                });
            },
        },
    ]);
}
