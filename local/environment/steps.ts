import { Listr, PRESET_TIMER, type ListrTask } from "listr2";
import { cache } from "../machine/cache";
import { CommandFailed } from "../machine/command";
import { Unsuitable } from "../machine/requirements";
import { NotMade } from "./consent";
import { Heartbeat } from "./heartbeat";

/** Steps with their progress and duration. A terminal also shows the last line that each step printed. */
export function runSteps(steps: ListrTask[]) {
    return new Listr(steps, {
        rendererOptions: {
            timer: PRESET_TIMER,
            collapseSubtasks: false,
            collapseErrors: false,
            showErrorMessage: false,
        },
        fallbackRenderer: "simple",
        fallbackRendererOptions: { timer: PRESET_TIMER },
        fallbackRendererCondition: () => !process.stdout.isTTY,
    }).run();
}

/** The heartbeats of the running steps. A terminal needs none: it shows each line at once. */
const heartbeats = new WeakMap<object, Heartbeat>();

/**
 * Returns a function that takes each line of a step. A terminal shows the last line; other output gets one every 30
 * seconds.
 */
export function lastLine(step: { output: string }) {
    return (line: string) => {
        if (process.stdout.isTTY) step.output = line;
        else heartbeats.get(step)?.say(line);
    };
}

/** Causes that a user can remove, recognised by what programs print, each with the sentence that is shown instead. */
const causes: [pattern: RegExp, sentence: (title: string) => string][] = [
    [
        /No space left on device|no space left on device|ENOSPC/,
        (title) =>
            `${title}: the disk is full. Make room at ${cache}, or choose a different place: PGLOG_CACHE=<directory> npm start`,
    ],
    [
        /no such host|dial tcp|Could not resolve|Temporary failure in name resolution|Unable to connect|Couldn't download|Unknown host|UnknownHostException|No plugin found for prefix/,
        (title) =>
            `${title}: no source of packages answers. Connect this machine to the network, or to a proxy (GOPROXY, apt's and Maven's settings), and run npm start again`,
    ],
];

/** Steps whose errors start with the name of the failed step. */
export function allNamed(steps: ListrTask[]) {
    return steps.map((step) => named(step));
}

/** A step with a heartbeat. Its errors name it and say what to do. */
export function named(
    step: ListrTask,
    advice = "What was made so far stays: remove the cause, and run npm start again",
): ListrTask {
    return {
        ...step,
        task: async (context, task) => {
            // A step with only subtasks returns them at once, and Listr runs them. Each subtask has its own heartbeat.
            const heartbeat = process.stdout.isTTY ? undefined : new Heartbeat(() => task.title, console.log);
            if (heartbeat !== undefined) heartbeats.set(task, heartbeat);
            try {
                return (await step.task(context, task)) as unknown;
            } catch (error) {
                throw error instanceof StepFailed ? error : new StepFailed(task.title, error as Error, advice);
            } finally {
                heartbeat?.stop();
            }
        },
    };
}

/** A failed step. The text beside the step is short; the explanation comes at the end of the output. */
export class StepFailed extends Error {
    readonly explanation: string;

    constructor(title: string, cause: Error, advice: string) {
        super("failed", { cause });
        this.explanation =
            cause instanceof Unsuitable || cause instanceof NotMade ? cause.message : explain(title, cause, advice);
    }
}

function explain(title: string, cause: Error, advice: string) {
    const { lines = [], log }: Partial<CommandFailed> = cause instanceof CommandFailed ? cause : {};
    const whole = log === undefined ? [] : [`The whole log: ${log}`];
    const known = causes.find(([pattern]) => [cause.message, ...lines].some((line) => pattern.test(line)));
    if (known !== undefined) return [known[1](title), ...whole].join("\n");
    return [`${title}: ${cause.message}`, ...lines.map((line) => `    ${line}`), ...whole, advice].join("\n");
}
