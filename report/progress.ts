import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";

/** A step while it runs: its title, and the line that a terminal shows below the title. */
export interface Step {
    title: string;
    output: string;
}

/**
 * Runs one step and shows its progress on standard error, because standard output is for the result.
 *
 * A terminal shows a spinner, the title, the last line of output and the time. A file gets the title before and after.
 */
export async function step<Result>(title: string, work: (step: Step) => Promise<Result>): Promise<Result> {
    let result: Result;
    const terminal = process.stderr.isTTY;
    const logger = () =>
        new ListrLogger({ useIcons: terminal, processOutput: new ProcessOutput(process.stderr, process.stderr) });
    const shared = { timer: PRESET_TIMER, logger: logger() };
    await new Listr(
        [
            {
                title,
                task: async (_, task) => {
                    result = await work({
                        get title() {
                            return task.title;
                        },
                        set title(text) {
                            task.title = text;
                        },
                        set output(line: string) {
                            if (terminal) task.output = line;
                        },
                    });
                },
            },
        ],
        {
            rendererOptions: { ...shared, showErrorMessage: false, collapseErrors: false },
            fallbackRenderer: "simple",
            fallbackRendererOptions: shared,
            fallbackRendererCondition: () => !terminal,
        },
    ).run();
    return result!;
}
