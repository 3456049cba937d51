import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { script, scripts } from "../../components/kubernetes/script";

/** The result of a script. */
export interface Outcome {
    status: number | null;
    stdout: string;
    stderr: string;
    /** The termination message. `pulumi up` shows it for a failed container. */
    terminationLog: string;
}

/** The absolute mount paths in the scripts. The sandbox replaces them by its own. */
const mounted =
    /(?<=^|[\s"'=@<>:(])\/(?=(?:scripts|credentials|ca|proof|tmp|etc\/postgresql|dev\/termination-log|var\/log\/postgresql|var\/run\/postgresql|run\/log-keeper)\b)/gm;

/** A directory in place of the container's root, for one run of one script. */
export class Sandbox {
    readonly root = mkdtempSync(join(tmpdir(), "pglog-"));

    constructor(files: Record<string, string> = {}) {
        for (const directory of [
            "scripts",
            "credentials",
            "ca",
            "proof",
            "tmp",
            "etc/postgresql",
            "dev",
            "bin",
            "var/log/postgresql",
            "run/log-keeper",
        ])
            mkdirSync(join(this.root, directory), { recursive: true });
        // No test depends on real time: the clock advances by a second with each reading.
        this.program("sleep", "");
        this.program(
            "date",
            `[ "$*" = +%s ] || exec ${programPath("date") ?? "date"} "$@"\necho x >>$ROOT/clock; wc -l <$ROOT/clock`,
        );
        for (const [path, content] of Object.entries(files)) this.write(path, content);
    }

    write(path: string, content: string): void {
        mkdirSync(dirname(join(this.root, path)), { recursive: true });
        writeFileSync(join(this.root, path), content);
    }

    read(path: string): string {
        return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), "utf8") : "";
    }

    /** Puts a program first on PATH. $ROOT in its text is this directory. */
    program(name: string, body: string): void {
        this.write(`bin/${name}`, `#!/bin/bash\n${body}`);
        chmodSync(join(this.root, "bin", name), 0o755);
    }

    /** Records the arguments of each call of a program, and calls it. */
    watch(name: string): void {
        const real = programPath(name)!;
        this.program(name, `printf '%s\\n' "$@" >>$ROOT/arguments\nexec ${real} "$@"`);
    }

    /**
     * @param more arguments of the script
     * @param edit changes the script before it runs, for example how it waits
     */
    async run(
        shell: "sh" | "bash",
        name: string,
        environment: Record<string, string> = {},
        more: string[] = [],
        edit = (text: string) => text,
    ): Promise<Outcome> {
        for (const [file, content] of Object.entries(scripts("elasticsearch.sh", "configuration.sh", name)))
            this.write(
                `scripts/${file}`,
                (file === name ? edit(content) : content).replaceAll(mounted, `${this.root}/`),
            );
        const child = spawn(shell, [join(this.root, "scripts", name), ...more], {
            env: {
                PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`,
                LC_ALL: "C",
                ROOT: this.root,
                ...environment,
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const [stdout, stderr, status] = await Promise.all([
            text(child.stdout),
            text(child.stderr),
            new Promise<number | null>((resolve) => child.on("close", resolve)),
        ]);
        return { status, stdout, stderr, terminationLog: this.read("dev/termination-log") };
    }

    remove(): void {
        rmSync(this.root, { recursive: true });
    }
}

/** The path of a program on this machine; undefined if it is missing. */
export function programPath(name: string): string | undefined {
    const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
}

/** The shell's syntax errors in a script; empty if there are none. */
export function syntax(shell: string, name: string): string {
    return spawnSync(shell, ["-n"], { input: script(name), encoding: "utf8" }).stderr;
}

/** A request that a fake server has answered. */
export interface Request {
    method: string;
    path: string;
    authorization: string | undefined;
    body: string;
}
export type Answer = [status: number, body: string | object];

/** A server on this machine that answers as the test says, and records the requests. */
export async function serve(answer: (request: Request, count: number) => Answer) {
    const requests: Request[] = [];
    const handle = async (incoming: IncomingMessage): Promise<Answer> => {
        const { method = "", url = "", headers } = incoming;
        const request = { method, path: url, authorization: headers.authorization, body: await text(incoming) };
        requests.push(request);
        return answer(request, requests.length);
    };
    const server = createServer((incoming, outgoing) => {
        void handle(incoming).then(([status, body]) => {
            outgoing.writeHead(status, { "content-type": "application/json", connection: "close" });
            outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        port,
        requests,
        close: () => new Promise((resolve) => server.close(resolve)),
    };
}
