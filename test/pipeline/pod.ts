import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
    appendFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { script } from "../../components/kubernetes/script";
import { findFluentBit } from "../../local/build/fluentBit";
import { program } from "./program";

/** Skips a suite if the machine cannot run it, and says why. */
export function needsRealFluentBit() {
    before(async function () {
        const found = await findFluentBit();
        const reason = typeof found === "string" ? found : process.getuid!() === 0 ? undefined : "only root can run it";
        if (reason === undefined) return;
        console.log(`      skipped: ${reason}`);
        this.skip();
    });
}

/** A free port. */
function freePort() {
    return new Promise<number>((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => {
                resolve(port);
            });
        });
    });
}

/** Checks a condition until it is true, for a number of seconds. */
export async function until(what: string, seconds: number, ask: () => boolean | Promise<boolean>) {
    const end = Date.now() + seconds * 1000;
    while (!(await ask())) {
        if (Date.now() > end) throw new Error(`${what} did not come true in ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** The shipper and the log keeper of a Pod as processes of this machine, with a volume in memory. */
export class Pod {
    readonly name = "postgres-7f4c5-abcde";
    readonly root = mkdtempSync(join(tmpdir(), "pglog-pipeline-"));
    readonly volume = join(this.root, "fluent-bit/queue");
    readonly logs = join(this.volume, "logs");
    private readonly log = join(this.root, "fluent-bit.log");
    private httpPort = 0;
    private shipper?: ChildProcess;
    private keeper?: ChildProcess;

    /** @param volumeSize of the log volume, in bytes */
    constructor(private readonly volumeSize: number) {}

    /**
     * @param elasticsearchPort the port that it ships to
     * @param files its configuration
     */
    async make(elasticsearchPort: number, files = program.files(elasticsearchPort, this.volumeSize)) {
        this.httpPort = await freePort();
        for (const directory of ["fluent-bit/etc/pglog", "fluent-bit/offsets", "fluent-bit/queue", "run/log-keeper"])
            mkdirSync(join(this.root, directory), { recursive: true });
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${this.volumeSize}`, "pglog-test", this.volume]);
        for (const directory of ["logs", "offsets", "state/positions"])
            mkdirSync(join(this.volume, directory), { recursive: true });
        this.configure(files);
    }

    /** Gives the shipper new configuration files for its next start. */
    configure(files: Record<string, string>) {
        for (const [name, text] of Object.entries(files))
            writeFileSync(join(this.root, "fluent-bit/etc/pglog", name), this.here(text));
    }

    /** Deletes PostgreSQL's files, as the end of a Pod with a private volume does. */
    discardLogs() {
        for (const name of readdirSync(this.logs)) rmSync(join(this.logs, name));
    }

    /** Replaces the paths of the Pod in a text by paths on this machine. */
    private here(text: string) {
        return text
            .replaceAll("/fluent-bit/", `${this.root}/fluent-bit/`)
            .replaceAll("/var/log/postgresql", this.logs)
            .replaceAll("/run/log-keeper", `${this.root}/run/log-keeper`)
            .replace("http_port: 2020", `http_port: ${this.httpPort}`)
            .replace("http_listen: 0.0.0.0", "http_listen: 127.0.0.1");
    }

    async startShipper() {
        const config = join(this.root, "fluent-bit/etc/pglog/fluent-bit.yaml");
        const found = await findFluentBit();
        if (typeof found === "string") throw new Error(found);
        const child = spawn(found.program, ["--config", config], {
            stdio: ["ignore", "ignore", "pipe"],
            env: {
                ...process.env,
                POD_NAME: this.name,
                POD_UID: "uid",
                POD_NAMESPACE: "pglog-test",
                NODE_NAME: "node",
                POSITIONS: join(this.volume, "state/positions"),
            },
        });
        child.stderr.on("data", (data: Buffer) => {
            appendFileSync(this.log, data);
        });
        this.shipper = child;
        await until("Fluent Bit answers", 20, () => this.metrics().then(Boolean, () => false));
    }

    startKeeper() {
        const file = join(this.root, "log-keeper.sh");
        writeFileSync(file, this.here(script("log-keeper.sh")));
        const said = openSync(join(this.root, "log-keeper.log"), "a");
        this.keeper = spawn("bash", [file], {
            stdio: ["ignore", said, said],
            env: { ...process.env, VOLUME: this.volume, HOSTNAME: this.name, ...program.keeper(this.volumeSize) },
        });
    }

    keeperLog() {
        return readFileSync(join(this.root, "log-keeper.log"), "utf8");
    }

    /** The log keeper's status of the volume. */
    keeperStatus(command = "status") {
        const env = { ...process.env, VOLUME: this.volume, ...program.keeper(this.volumeSize) };
        return execFileSync("bash", [join(this.root, "log-keeper.sh"), command], { env, encoding: "utf8" });
    }

    async kill(which: "shipper" | "keeper", signal: "SIGKILL" | "SIGTERM" = "SIGKILL") {
        const child = this[which];
        if (child?.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill(signal);
        await ended;
    }

    async metrics() {
        const answer = await fetch(`http://127.0.0.1:${this.httpPort}/api/v2/metrics/prometheus`);
        return answer.text();
    }

    /** The value of one of Fluent Bit's metrics. */
    async metric(name: string, label: string): Promise<number> {
        const text = await this.metrics();
        const line = text.split("\n").find((one) => one.startsWith(`${name}{`) && one.includes(`"${label}"`));
        return Number(line?.split(" ").at(-1) ?? NaN);
    }

    /** CPU time that the shipper has used since its start, in seconds. */
    shipperCpu() {
        const fields = readFileSync(`/proc/${this.shipper!.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
        return (Number(fields[11]) + Number(fields[12])) / 100;
    }

    shipperLog() {
        return existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
    }

    /** Appends to a log file of PostgreSQL. */
    write(file: string, text: string | Buffer) {
        appendFileSync(join(this.logs, file), text);
    }

    /** Writes a file that PostgreSQL starts at a given minute. An existing one is truncated, as in a rotation. */
    begin(minute: number, text: string) {
        writeFileSync(join(this.logs, this.file(minute)), text);
    }

    /** Name of the file that PostgreSQL starts at a given minute. */
    file(minute: number, end = "json") {
        return `${program.file(minute, this.name)}.${end}`;
    }

    async remove() {
        await this.kill("shipper");
        await this.kill("keeper");
        execFileSync("umount", ["--lazy", this.volume]);
        rmSync(this.root, { recursive: true });
    }
}
