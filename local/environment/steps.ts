import { Listr, PRESET_TIMER, type ListrTask } from "listr2";
import { cache } from "../machine/cache";
import { CommandFailed } from "../machine/command";
import { Unsuitable } from "../machine/requirements";

/** Steps with their progress and the time that each takes; on a terminal also the last line of what it says. */
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

/** Shows each line as the last one of a step; where there is no terminal to show it on, its log has it. */
export function lastLine(step: { output: string }) {
    return (line: string) => {
        if (process.stdout.isTTY) step.output = line;
    };
}

/** Causes that a person can put right, by what programs say of them; each as the one sentence that is shown. */
const causes: [pattern: RegExp, sentence: (title: string) => string][] = [
    [
        /No space left on device|no space left on device|ENOSPC/,
        (title) =>
            `${title}: the disk is full. Make room at ${cache}, or name another place: PGLOG_CACHE=<directory> npm start`,
    ],
    [
        /no such host|dial tcp|Could not resolve|Temporary failure in name resolution|Unable to connect|Couldn't download|Unknown host|UnknownHostException|No plugin found for prefix/,
        (title) =>
            `${title}: no source of packages answers. Connect this machine to the network, or to a proxy (GOPROXY, apt's and Maven's settings), and run npm start again`,
    ],
];

/** Steps that name themselves in what they throw. */
export function allNamed(steps: ListrTask[]) {
    return steps.map((step) => named(step));
}

/** A step that names itself in what it throws, with what to do then. */
export function named(
    step: ListrTask,
    advice = "What was made so far stays: put right what it says, and run npm start again",
): ListrTask {
    return {
        ...step,
        task: async (context, task) => {
            try {
                return (await step.task(context, task)) as unknown;
            } catch (error) {
                throw error instanceof StepFailed ? error : new StepFailed(task.title, error as Error, advice);
            }
        },
    };
}

/** A step that failed. What is shown beside the step is short; the explanation is for the end of the output. */
export class StepFailed extends Error {
    readonly explanation: string;

    constructor(title: string, cause: Error, advice: string) {
        super("failed", { cause });
        this.explanation = cause instanceof Unsuitable ? cause.message : explain(title, cause, advice);
    }
}

function explain(title: string, cause: Error, advice: string) {
    const { lines = [], log }: Partial<CommandFailed> = cause instanceof CommandFailed ? cause : {};
    const whole = log === undefined ? [] : [`The whole log: ${log}`];
    const known = causes.find(([pattern]) => [cause.message, ...lines].some((line) => pattern.test(line)));
    if (known !== undefined) return [known[1](title), ...whole].join("\n");
    return [`${title}: ${cause.message}`, ...lines.map((line) => `    ${line}`), ...whole, advice].join("\n");
}
