import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shipperPaths } from "../../components/shipper/fluentBit";
import { environmentDirectory } from "../../local/machine/cache";
import { Namespaces } from "../../local/cluster/namespaces";
import { processes, signal, type Process } from "../../local/machine/processes";

/** A process in a Pod, with its parent process. */
export interface PodProcess extends Process {
    parent: number;
}

/**
 * The node of the local environment. This machine sees its processes. The nodes of other clusters are not reachable.
 */
export class Node {
    private constructor(private readonly namespaces: Namespaces) {}

    /** The node that the environment's variables point to; undefined for other clusters. */
    static find(environment = process.env.PGLOG_ENVIRONMENT): Node | undefined {
        if (environment === undefined) return undefined;
        const namespaces = new Namespaces(environmentDirectory(environment));
        return namespaces.holder() === undefined ? undefined : new Node(namespaces);
    }

    /** Runs a program in the node's namespaces. */
    run(program: string, ...args: string[]) {
        return this.namespaces.run(program, args);
    }

    /** The processes of all containers of a Pod. */
    processesOf(podUid: string): PodProcess[] {
        return processes()
            .filter(({ pid }) => read(`/proc/${pid}/cgroup`).includes(podUid))
            .map((process) => ({ ...process, parent: parentOf(process.pid) }));
    }

    /** Finds the main process of a container or of PostgreSQL. */
    find(podUid: string, which: Part): PodProcess | undefined {
        const all = this.processesOf(podUid);
        // A process that was just forked still has its parent's arguments.
        return all.find((one) => parts[which](one) && !all.some((other) => isForkOf(one, other)));
    }

    /** Kills all processes of a Pod at once, as a power cut of its node does: none of them runs meanwhile. */
    killAtOnce(podUid: string) {
        const [first] = this.processesOf(podUid);
        const group = first && controlGroupOf(first.pid, podUid);
        const state = group && join(group, "freezer.state");
        if (group === undefined) throw new Error(`Pod ${podUid} has no processes`);
        if (state === undefined || !existsSync(state)) {
            writeFileSync(join(group, "cgroup.kill"), "1"); // control groups version 2
            return;
        }
        writeFileSync(state, "FROZEN");
        while (readFileSync(state, "utf8").trim() !== "FROZEN");
        this.kill(...this.processesOf(podUid));
        writeFileSync(state, "THAWED");
    }

    kill(...found: Process[]) {
        for (const { pid } of found) signal(pid, "SIGKILL");
    }
}

/** The container that each part is in. */
export const containerOf: Record<Part, string> = {
    fluentBit: "fluent-bit",
    logKeeper: "log-keeper",
    postmaster: "postgres",
    logger: "postgres",
};

/** Processes of the database's Pod. */
export type Part = keyof typeof parts;
const parts = {
    // Found by its configuration: the program itself may be a stand-in.
    fluentBit: ({ arguments: args }: PodProcess) => args.includes(`${shipperPaths.config}/fluent-bit.yaml`),
    logKeeper: ({ arguments: args }: PodProcess) => args.length === 2 && args[1] === "/scripts/log-keeper.sh",
    postmaster: ({ arguments: [program] }: PodProcess) => program === "postgres",
    logger: ({ arguments: [program] }: PodProcess) => /^postgres: .*logger/.test(program ?? ""),
} satisfies Record<string, (process: PodProcess) => boolean>;

function isForkOf(one: PodProcess, other: PodProcess) {
    return one.parent === other.pid && one.arguments.join(" ") === other.arguments.join(" ");
}

/** The control group directory through which a Pod's processes are frozen or killed. */
function controlGroupOf(pid: number, podUid: string): string | undefined {
    const groups = read(`/proc/${pid}/cgroup`).trim().split("\n");
    const line = groups.find((one) => one.includes(":freezer:")) ?? groups.find((one) => one.startsWith("0::"));
    const path = line?.split(":")[2]?.split("/") ?? [];
    const pod = path.findIndex((name) => name.includes(podUid));
    const root = line?.startsWith("0::") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/freezer";
    return pod < 0 ? undefined : join(root, ...path.slice(0, pod + 1));
}

function parentOf(pid: number) {
    // The name, in brackets, may contain spaces.
    return Number(read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[1]);
}

function read(file: string) {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return ""; // it has ended meanwhile
    }
}
