import * as pulumi from "@pulumi/pulumi";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { setImmediate as turn } from "node:timers/promises";
import { RecordingMonitor, type Registered, type World } from "./monitor";

/** Configuration as the engine passes it to a program: every value is text. */
export interface Config {
    values: Record<string, string>;
    /** Full names of the secret keys. */
    secretKeys?: string[];
}

export interface EvaluateOptions extends Partial<World> {
    config?: Config;
    stack?: string;
    /** As in `pulumi preview`: only inputs are known. */
    preview?: boolean;
}

/** Everything that a program registered. */
export interface Evaluation {
    /** Without the stack's own resource. Sorted by URN, because the order of registration varies. */
    resources: Registered[];
    /** Each component by its URN. */
    components: Map<string, pulumi.Resource>;
    /** The stack's outputs. */
    outputs: Record<string, unknown>;
    /** All failures: errors of the program and of un-awaited `apply` calls, resources registered twice, unexpected calls
     * and resources, and warnings. */
    failures: unknown[];
}

/** Sets the configuration that the SDK's `Config` and `loadConfig` read. */
export async function configure({ config = { values: {} }, stack = "test", preview = false }: EvaluateOptions = {}) {
    // Enables the SDK's features; the caller replaces the monitor.
    await pulumi.runtime.setMocks({ newResource: refused, call: refused }, "pglog", stack, preview);
    pulumi.runtime.setAllConfig(config.values, config.secretKeys);
}

function refused(): never {
    throw new Error("the configuration must not register resources");
}

/** Runs a program to its end, without an engine. */
export async function evaluate(program: () => unknown, options: EvaluateOptions = {}): Promise<Evaluation> {
    const { stack = "test", preview = false, ingress = { ip: "203.0.113.10" } } = options;
    await configure(options);
    const monitor = new RecordingMonitor({ ingress });
    setMockOptions(monitor, "pglog", stack, preview);
    const made: pulumi.ResourceTransformationArgs[] = [];
    const { failures } = monitor;
    const release = catchStrays(failures);
    try {
        await pulumi.runtime.runInPulumiStack(async () => {
            pulumi.runtime.registerStackTransformation((args) => {
                made.push(args);
                return undefined;
            });
            return (await program()) as Record<string, unknown>;
        });
    } catch (error) {
        failures.push(error);
    } finally {
        await pulumi.runtime.disconnect(); // resolves even if a registration failed,
        await turn(); // so Node needs a turn to report the failure
        release();
    }
    const [own, ...resources] = monitor.registered;
    resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
    const components = resources
        .filter(({ custom }) => !custom)
        .map(({ urn, type, name }): [string, pulumi.Resource] => [
            urn,
            made.find((one) => one.type === type && one.name === name)!.resource,
        ]);
    return { resources, components: new Map(components), outputs: own?.outputs ?? {}, failures };
}

/**
 * Collects unhandled rejections and console warnings, until the returned function is called. A failed `apply` shows up
 * only as an unhandled rejection, and a warning only on the console.
 */
function catchStrays(failures: unknown[]): () => void {
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => failures.push(reason));
    const { warn, error } = console;
    console.warn = console.error = (...message: unknown[]) => failures.push(new Error(message.join(" ")));
    return () => {
        process.removeAllListeners("unhandledRejection");
        for (const listener of others) process.on("unhandledRejection", listener);
        Object.assign(console, { warn, error });
    };
}
