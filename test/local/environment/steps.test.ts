import assert from "node:assert/strict";
import { CommandFailed } from "../../../local/machine/command";
import { Unsuitable } from "../../../local/machine/requirements";
import { StepFailed } from "../../../local/environment/steps";

const explain = (cause: Error) => new StepFailed("Kubernetes", cause, "Do it again").explanation;
const ended = (...lines: string[]) =>
    new CommandFailed("go build", "ended with status 1", lines, "/cache/logs/kube.log");

describe("a failed step", () => {
    it("reports which one failed, the last lines, the path of the log, and what to do", () => {
        assert.equal(
            explain(ended("main.go:1: oh", "exit")),
            "Kubernetes: `go build` ended with status 1\n    main.go:1: oh\n    exit\nThe whole log: /cache/logs/kube.log\nDo it again",
        );
    });

    for (const line of [
        'go: example.com/m@v1.0.0: Get "https://example.com": dial tcp: lookup example.com: no such host',
        "W: Failed to fetch http://example.com/InRelease  Temporary failure in name resolution",
        "E: Couldn't download packages: adduser apt",
        "[ERROR] Could not transfer artifact: example.com: Unknown host example.com",
    ])
        it(`says in one sentence that there is no network: ${line.slice(0, 20)}…`, () => {
            assert.match(
                explain(ended(line)),
                /^Kubernetes: no source of packages answers\. Connect this machine .* and run npm start again\nThe whole log: \S+$/,
            );
        });

    it("says in one sentence that the disk is full, whichever program reports it", () => {
        for (const cause of [
            ended("write /tmp/x: no space left on device"),
            new Error("ENOSPC: no space left on device, write"),
        ])
            assert.match(
                explain(cause),
                /^Kubernetes: the disk is full\. Make room at .*, or choose a different place: PGLOG_CACHE=/,
            );
    });

    it("shows only the sentence if the machine is unsuitable", () => {
        assert.equal(explain(new Unsuitable("No.")), "No.");
    });
});
