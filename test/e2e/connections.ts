import { spawn, type ChildProcess } from "node:child_process";

/** Asks a PostgreSQL several times a second whether it accepts connections, from a Pod in the cluster. */
export class Connections {
    /** The times at which it did, in seconds since 1970. */
    private readonly taken: number[] = [];
    private readonly child: ChildProcess;

    /** @param pod namespace and name of a Pod with a container that has PostgreSQL's client */
    constructor(namespace: string, pod: string, host: string) {
        // It ends when its input ends: a process in a Pod survives the kubectl that started it.
        const ask = `while :; do pg_isready -q -t 1 -h ${host} && date +%s.%N; read -t 0.1; (($? > 128)) || exit; done`;
        const command = ["exec", "--stdin", pod, "--container", "psql", "--", "bash", "-c", ask];
        this.child = spawn("kubectl", ["--namespace", namespace, ...command], { stdio: ["pipe", "pipe", "ignore"] });
        this.child.stdout!.on("data", (data: Buffer) => {
            this.taken.push(...data.toString().split("\n").filter(Boolean).map(Number));
        });
    }

    /** The longest time without a connection, in seconds, since a moment in seconds since 1970. */
    gapSince(start: number): number {
        const times = this.taken.filter((time) => time >= start - 1);
        const gaps = times.slice(1).map((time, i) => time - times[i]!);
        return Math.max(0, ...gaps);
    }

    /** Waits for an answer after a given moment. */
    async caughtUp(moment: number) {
        for (let i = 0; i < 50 && !((this.taken.at(-1) ?? 0) > moment); i += 1)
            await new Promise((resolve) => setTimeout(resolve, 200));
    }

    stop() {
        this.child.stdin!.end();
    }
}
