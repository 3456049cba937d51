import { spawn, type ChildProcess } from "node:child_process";

/** Asks a PostgreSQL whether it takes connections, some times a second, from a Pod in the cluster. */
export class Connections {
    /** Seconds since 1970 at which it did. */
    private readonly taken: number[] = [];
    private readonly child: ChildProcess;

    /** @param pod namespace and name of a Pod with a container that has PostgreSQL's client */
    constructor(namespace: string, pod: string, host: string) {
        // It ends when its input does: what runs in a Pod outlives the kubectl that began it.
        const ask = `while :; do pg_isready -q -t 1 -h ${host} && date +%s.%N; read -t 0.1; (($? > 128)) || exit; done`;
        const command = ["exec", "--stdin", pod, "--container", "psql", "--", "bash", "-c", ask];
        this.child = spawn("kubectl", ["--namespace", namespace, ...command], { stdio: ["pipe", "pipe", "ignore"] });
        this.child.stdout!.on("data", (data: Buffer) => {
            this.taken.push(...data.toString().split("\n").filter(Boolean).map(Number));
        });
    }

    /** The longest time, in seconds, without a connection since a moment, in seconds since 1970. */
    gapSince(start: number): number {
        const times = this.taken.filter((time) => time >= start - 1);
        const gaps = times.slice(1).map((time, i) => time - times[i]!);
        return Math.max(0, ...gaps);
    }

    /** Waits for an answer that is later than a moment, as long as one may come. */
    async caughtUp(moment: number) {
        for (let i = 0; i < 50 && !((this.taken.at(-1) ?? 0) > moment); i += 1)
            await new Promise((resolve) => setTimeout(resolve, 200));
    }

    stop() {
        this.child.stdin!.end();
    }
}
