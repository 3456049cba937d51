/** Seconds between two lines about a step that runs. */
const interval = 30;

/** Longest line that is printed, in characters. */
const width = 100;

/** A time as a person says it: `30 s`, `2 min 5 s`. */
export function duration(seconds: number) {
    const whole = Math.round(seconds);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** The time, in milliseconds, and calls at an interval. */
export interface Clock {
    now: () => number;
    /** @returns ends the calls */
    every: (milliseconds: number, call: () => void) => () => void;
}

const systemClock: Clock = {
    now: Date.now,
    every: (milliseconds, call) => {
        const timer = setInterval(call, milliseconds).unref();
        return () => {
            clearInterval(timer);
        };
    },
};

/**
 * Says what a step does while it runs, for output that is not a terminal: one line every 30 seconds with the time since it
 * began and the last line that it said. Nothing is printed in between.
 */
export class Heartbeat {
    private latest = "";
    /** Ends it. */
    readonly stop: () => void;

    /** @param title asked for each line, since a step can change its title */
    constructor(title: () => string, print: (line: string) => void, clock: Clock = systemClock) {
        const began = clock.now();
        this.stop = clock.every(interval * 1000, () => {
            const line = `❯ ${title()} [${duration((clock.now() - began) / 1000)} so far] ${this.latest}`.trimEnd();
            print(line.length > width ? `${line.slice(0, width - 1)}…` : line);
        });
    }

    /** Keeps a line of the step; only the last one is ever shown. */
    say(line: string) {
        this.latest = line.trim();
    }
}
