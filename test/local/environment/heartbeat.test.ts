import assert from "node:assert/strict";
import { duration, Heartbeat, type Clock } from "../../../local/environment/heartbeat";

describe("the heartbeat of a step, without a terminal", () => {
    let printed: string[];
    beforeEach(() => {
        printed = [];
    });

    /** A heartbeat with a separate clock, and a function that advances it. */
    function start() {
        let time = 0;
        let calls: { every: number; run: () => void }[] = [];
        const clock: Clock = {
            now: () => time,
            every: (every, run) => {
                calls.push({ every, run });
                return () => (calls = calls.filter((one) => one.run !== run));
            },
        };
        const heartbeat = new Heartbeat(
            () => "Kubernetes",
            (line) => printed.push(line),
            clock,
        );
        const pass = (seconds: number) => {
            for (let second = 0; second < seconds; second++) {
                time += 1000;
                for (const { every, run } of calls) if (time % every === 0) run();
            }
        };
        return { heartbeat, pass };
    }

    it("is one line every 30 seconds, with the time and the step's last line, however much the step prints", () => {
        const { heartbeat, pass } = start();
        for (let second = 0; second < 90; second++) {
            heartbeat.say(`package ${second}`);
            pass(1);
        }
        assert.deepEqual(printed, [
            "❯ Kubernetes [30 s so far] package 29",
            "❯ Kubernetes [1 min 0 s so far] package 59",
            "❯ Kubernetes [1 min 30 s so far] package 89",
        ]);
    });

    it("also comes from a step that prints nothing", () => {
        start().pass(30);
        assert.deepEqual(printed, ["❯ Kubernetes [30 s so far]"]);
    });

    it("ends with the step", () => {
        const { heartbeat, pass } = start();
        heartbeat.stop();
        pass(300);
        assert.deepEqual(printed, []);
    });

    it("is at most 100 characters long", () => {
        const { heartbeat, pass } = start();
        heartbeat.say("x".repeat(500));
        pass(30);
        assert.match(printed[0]!, /^❯ Kubernetes \[30 s so far\] x+…$/);
        assert.equal(printed[0]!.length, 100);
    });

    it("says minutes and seconds", () => {
        assert.deepEqual([0, 59, 59.6, 125].map(duration), ["0 s", "59 s", "1 min 0 s", "2 min 5 s"]);
    });
});
