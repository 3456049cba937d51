import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export interface Address {
    host: string;
    port: number;
}

/**
 * A Service's port, forwarded to this machine by kubectl. It ends with the Pod, and starts again with the next request.
 */
export class PortForward {
    private child?: ChildProcess;
    private forwarded?: Promise<Address>;

    /**
     * @param args of kubectl, before `port-forward`: context and namespace
     * @param port of the Service
     */
    constructor(
        private readonly args: string[],
        private readonly service: string,
        private readonly port: number,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    /** @throws kubectl's message if forwarding fails */
    address(): Promise<Address> {
        return (this.forwarded ??= this.start());
    }

    private start() {
        const args = [...this.args, "port-forward", `service/${this.service}`, `:${this.port}`];
        const child = spawn("kubectl", args, { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
        this.child = child;
        return new Promise<Address>((resolve, reject) => {
            createInterface(child.stdout).on("line", (line) => {
                const local = /from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
                if (local !== undefined) resolve({ host: "127.0.0.1", port: Number(local) });
            });
            createInterface(child.stderr).on("line", (line) => {
                reject(new Error(`kubectl port-forward: ${line}`));
            });
            child.on("error", (error) => {
                reject(new Error(`cannot run kubectl: ${error.message}`));
            });
            child.on("close", () => {
                reject(new Error("kubectl port-forward ended"));
                if (this.child === child) this.stop();
            });
        });
    }

    stop() {
        const { child } = this;
        this.child = this.forwarded = undefined;
        child?.kill();
    }
}
