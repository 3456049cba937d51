/** Seconds between two lines about a running step. */
const interval = 30;

/** Longest line that is printed, in characters. */
const width = 100;

/** A time in words: `30 s`, `2 min 5 s`. */
export function duration(seconds: number) {
    const whole = Math.round(seconds);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A clock in milliseconds, and a timer. */
export interface Clock {
    now: () => number;
    /** @returns a function that stops the timer */
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
 * Reports what a running step does if the output is not a terminal: every 30 seconds a line with the time so far and the
 * step's last line. Nothing is printed in between.
 */
export class Heartbeat {
    private latest = "";
    /** Stops the reports. */
    readonly stop: () => void;

    /** @param title called for each line, since a step can change its title */
    constructor(title: () => string, print: (line: string) => void, clock: Clock = systemClock) {
        const began = clock.now();
        this.stop = clock.every(interval * 1000, () => {
            const line = `❯ ${title()} [${duration((clock.now() - began) / 1000)} so far] ${this.latest}`.trimEnd();
            print(line.length > width ? `${line.slice(0, width - 1)}…` : line);
        });
    }

    /** Records a line of the step. Only the latest one is shown. */
    say(line: string) {
        this.latest = line.trim();
    }
}
