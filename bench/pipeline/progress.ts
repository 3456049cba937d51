import ora from "ora";

/** Says on standard error how far it is. */
export interface Progress {
    /** What is going on now: a stage, and after a colon what changes while it lasts. */
    now(text: string): void;
    /** What is done. */
    done(text: string): void;
    end(): void;
}

/** One line that changes, above it what is done: for a terminal. */
export function spinning(): Progress {
    const spinner = ora({ stream: process.stderr });
    return {
        now(text) {
            spinner.text = text;
            if (!spinner.isSpinning) spinner.start();
        },
        done(text) {
            spinner.stopAndPersist({ symbol: "·", text });
        },
        end() {
            spinner.stop();
        },
    };
}

/** A line for each stage and for all that is done: for a file. */
export function printing(): Progress {
    let last: string | undefined;
    return {
        now(text) {
            const [stage] = text.split(":");
            if (stage !== last) console.error(stage);
            last = stage;
        },
        done(text) {
            console.error(text);
        },
        end: () => undefined,
    };
}
