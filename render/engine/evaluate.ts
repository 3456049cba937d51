import * as pulumi from "@pulumi/pulumi";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { setImmediate as turn } from "node:timers/promises";
import { RecordingMonitor, type Registered, type World } from "./monitor";

/** Configuration as the engine hands it to a program: all of it text. */
export interface Config {
    values: Record<string, string>;
    /** Full names of the keys that are stored as secrets. */
    secretKeys?: string[];
}

export interface EvaluateOptions extends Partial<World> {
    config?: Config;
    stack?: string;
    /** Nothing is known but the inputs. */
    preview?: boolean;
}

/** What came of a program: all that the engine would have been told. */
export interface Evaluation {
    /** Without the stack's own resource; in the order of their URNs, as nothing else is the same on each run. */
    resources: Registered[];
    /** Each component that was made, by its URN. */
    components: Map<string, pulumi.Resource>;
    /** The stack's outputs. */
    outputs: Record<string, unknown>;
    /** All that went wrong: an error of the program, one in an `apply` that nobody waits for, a resource registered
     * twice, a call or resource that nobody expects, a warning to the user. */
    failures: unknown[];
}

/** Makes the program's configuration what a test says, as the SDK's `Config` and `loadConfig` see it. */
export async function configure({ config = { values: {} }, stack = "test", preview = false }: EvaluateOptions = {}) {
    // Switches on what the SDK has to support; the monitor that it sets is replaced by the caller.
    await pulumi.runtime.setMocks({ newResource: refused, call: refused }, "pglog", stack, preview);
    pulumi.runtime.setAllConfig(config.values, config.secretKeys);
}

function refused(): never {
    throw new Error("nothing may be registered while the configuration is read");
}

/** Runs a program without an engine, in full. */
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
        await pulumi.runtime.disconnect(); // resolves even if a registration failed ...
        await turn(); // ... so give Node a turn to report it
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
 * A failed `apply` ends up as an unhandled rejection and nowhere else, a warning on the console and nowhere else: both
 * are collected, and kept from mocha and from the screen, until the returned function is called.
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
