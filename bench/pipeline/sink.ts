import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Arrival, FromSink, ToSink } from "./sinkMessages";

/** Seconds without a new document after which a shipper counts as stuck. */
const patience = 60;

/** The target of a shipper in one run. It is a separate process, so that this one does not slow it. */
export class Sink {
    private constructor(
        private readonly child: ChildProcess,
        readonly port: number,
    ) {}

    static async start(): Promise<Sink> {
        const child = fork(join(__dirname, "sinkProcess.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
        return new Promise((resolve, reject) => {
            child.once("error", reject);
            child.once("exit", () => {
                reject(new Error("the sink ended before it listened"));
            });
            child.once("message", (message: FromSink) => {
                if ("port" in message) resolve(new Sink(child, message.port));
            });
        });
    }

    private say(message: ToSink) {
        this.child.send(message);
    }

    /**
     * Waits until the sink has that many documents.
     *
     * @param pid the process whose usage is read when the last one arrives
     * @param onProgress called with the number of documents in the sink
     */
    async arrival(pid: number, documents: number, onProgress: (documents: number) => void): Promise<Arrival> {
        let seen = 0;
        let moved = Date.now();
        return new Promise((resolve, reject) => {
            const fail = (reason: string) => {
                reject(new Error(reason));
            };
            this.child.once("exit", () => {
                fail("the sink ended");
            });
            this.child.on("message", (message: FromSink) => {
                if ("arrival" in message) resolve(message.arrival);
                else if ("failure" in message) fail(`the sink got an invalid request: ${message.failure}`);
                else if ("progress" in message) {
                    if (message.progress !== seen) moved = Date.now();
                    seen = message.progress;
                    onProgress(seen);
                    if (Date.now() - moved > patience * 1000)
                        fail(`${seen} of ${documents} documents arrived, and none more in ${patience} s`);
                }
            });
            this.say({ watch: { pid, documents } });
        });
    }

    /** The number of documents in the sink. */
    async documents(): Promise<number> {
        return new Promise((resolve) => {
            const listen = (message: FromSink) => {
                if (!("documents" in message)) return;
                this.child.off("message", listen);
                resolve(message.documents);
            };
            this.child.on("message", listen);
            this.say({ ask: "documents" });
        });
    }

    async stop() {
        if (this.child.exitCode !== null) return;
        const ended = once(this.child, "exit");
        this.child.disconnect();
        await ended;
    }
}
