import { Listr, PRESET_TIMER, type ListrTask } from "listr2";
import { CommandFailed } from "./command";
import { Unsuitable } from "./machine";

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

/** A step that failed. What is shown beside the step is short; the explanation is for the end of the output. */
export class StepFailed extends Error {
    readonly explanation: string;

    constructor(title: string, cause: Error, advice: string) {
        super("failed", { cause });
        const said = cause instanceof CommandFailed ? cause : undefined;
        this.explanation =
            cause instanceof Unsuitable
                ? cause.message
                : [
                      `${title}: ${cause.message}`,
                      ...(said?.lines ?? []).map((line) => `    ${line}`),
                      ...(said?.log === undefined ? [] : [`The whole log: ${said.log}`]),
                      advice,
                  ].join("\n");
    }
}
